# The API server's client certificate of an external etcd that this app runs, and its key, on a control plane.

# As kubeadm names it.
ETCD_CLIENT_NAME=kube-apiserver-etcd-client
# Where they are kept while what kubeadm began is undone, which empties its folder of certificates.
CLIENT_KEPT=$STATE/create/etcd-client

# pem_parameter NAME -> REPLY, a certificate; empty for none
pem_parameter() {
  local text
  parameter "$1"
  [[ $REPLY != none ]] || { REPLY='' && return 0; }
  [[ $REPLY =~ ^[A-Za-z0-9+/]+=*$ ]] && text=$(printf '%s' "$REPLY" | base64 -d 2>/dev/null) && printf '%s\n' "$text" | openssl x509 -noout 2>/dev/null ||
    refuse "Parameter $1 has ${#REPLY} characters that are no certificate in base64, and not none."
  REPLY=$text
}

# etcd_client_paths: sets CLIENT_CERT, CLIENT_KEY and CLIENT_CA, as the API server's flags say; where there is none yet, where kubeadm's documentation has them
etcd_client_paths() {
  flag_path "$API_SERVER" etcd-certfile "$PKI/apiserver-etcd-client.crt" && CLIENT_CERT=$REPLY
  flag_path "$API_SERVER" etcd-keyfile "$PKI/apiserver-etcd-client.key" && CLIENT_KEY=$REPLY
  flag_path "$API_SERVER" etcd-cafile "$PKI/etcd/ca.crt" && CLIENT_CA=$REPLY
}

# etcd_client_key: one that is there stays, whoever made it. Sets CHANGED.
etcd_client_key() {
  local text
  [[ ! -s $ROOT$CLIENT_KEY ]] || return 0
  text=$(openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null) || fail 'openssl makes no RSA key on this node; try: openssl genpkey -algorithm RSA.'
  write_or_fail "$ROOT$CLIENT_KEY" "$text"
  CHANGED=true
}

# etcd_client_request -> REPLY, in base64
etcd_client_request() {
  REPLY=$(openssl req -new -key "$ROOT$CLIENT_KEY" -passin pass: -subj "/CN=$ETCD_CLIENT_NAME" -outform der 2>/dev/null | base64 | tr -d '\n') || REPLY=''
  [[ -n $REPLY ]] || fail "openssl makes no certificate request with $CLIENT_KEY: look at 'openssl pkey -in $CLIENT_KEY -noout', delete a broken key, then run this again."
}

# etcd_client_refuse_other: CERTIFICATE is of this node's key, and CA signed it; the CA is the one that is here
etcd_client_refuse_other() {
  local of_key folder=$STATE/create
  [[ -n $CA ]] || refuse 'Parameter Ca is none, expected the certificate of the CA that signed the certificate.'
  of_key=$(openssl pkey -in "$ROOT$CLIENT_KEY" -passin pass: -pubout 2>/dev/null) || of_key=''
  [[ -n $of_key && $(printf '%s\n' "$CERTIFICATE" | openssl x509 -noout -pubkey) == "$of_key" ]] ||
    refuse "The certificate does not belong to $CLIENT_KEY of this node: start the operation again."
  write_or_fail "$folder/etcd-ca.crt" "$CA"
  printf '%s\n' "$CERTIFICATE" | openssl verify -purpose sslclient -CAfile "$folder/etcd-ca.crt" >/dev/null 2>&1 || refuse "etcd's CA did not sign the certificate, or one of them is not valid now: compare the clocks of this node and of etcd's."
  rm -f "$folder/etcd-ca.crt"
  [[ ! -s $ROOT$CLIENT_CA || $(cat "$ROOT$CLIENT_CA") == *"$CA"* ]] ||
    refuse "$CLIENT_CA holds another CA than etcd's machine has: the API server would not trust its etcd; see 'Signed by another CA' in the runbook."
}

# etcd_client_place: CERTIFICATE and CA. Sets CHANGED.
etcd_client_place() {
  if [[ ! -s $ROOT$CLIENT_CA ]]; then
    write_or_fail "$ROOT$CLIENT_CA" "$CA"
    chmod 644 "$ROOT$CLIENT_CA"
    CHANGED=true
  fi
  if [[ ! -s $ROOT$CLIENT_CERT || $(cat "$ROOT$CLIENT_CERT") != "$CERTIFICATE" ]]; then
    write_or_fail "$ROOT$CLIENT_CERT" "$CERTIFICATE"
    chmod 644 "$ROOT$CLIENT_CERT"
    CHANGED=true
  fi
}

# etcd_client_keep: before kubeadm reset
etcd_client_keep() {
  etcd_client_put_back
  [[ -s $ROOT$CLIENT_KEY ]] || return 0
  write_or_fail "$CLIENT_KEPT.key" "$(cat "$ROOT$CLIENT_KEY")"
  if [[ -s $ROOT$CLIENT_CERT && -s $ROOT$CLIENT_CA ]]; then
    write_or_fail "$CLIENT_KEPT.ca" "$(cat "$ROOT$CLIENT_CA")"
    write_or_fail "$CLIENT_KEPT.crt" "$(cat "$ROOT$CLIENT_CERT")"
  fi
}

# etcd_client_put_back: what etcd_client_keep kept, where it is gone
etcd_client_put_back() {
  local pair kind file
  for pair in "key=$CLIENT_KEY" "ca=$CLIENT_CA" "crt=$CLIENT_CERT"; do
    kind=${pair%%=*} file=$ROOT${pair#*=}
    [[ -s $CLIENT_KEPT.$kind && ! -s $file ]] || continue
    write_or_fail "$file" "$(cat "$CLIENT_KEPT.$kind")"
    [[ $kind == key ]] || chmod 644 "$file"
  done
  rm -f "$CLIENT_KEPT".*
}
