# Signing with the key of etcd's CA, on the machine that has it.

# request_parameter: sets REQUEST, in PEM
request_parameter() {
  parameter Request
  [[ $REPLY =~ ^[A-Za-z0-9+/]+=*$ ]] && REQUEST=$(printf '%s' "$REPLY" | base64 -d 2>/dev/null | openssl req -inform der -verify 2>/dev/null) && [[ -n $REQUEST ]] ||
    refuse "Parameter Request has ${#REPLY} characters that are no certificate request in base64."
  REPLY=$(printf '%s\n' "$REQUEST" | openssl req -noout -subject -nameopt RFC2253) || REPLY=''
  [[ $REPLY == *'=CN=kube-apiserver-etcd-client' || $REPLY == *'= CN=kube-apiserver-etcd-client' ]] || refuse "The request is for '${REPLY:0:100}', expected CN=kube-apiserver-etcd-client."
}

# refuse_without_ca: needs topology. Sets CA_KEY.
refuse_without_ca() {
  CA_KEY=${ETCD_CA%.*}.key
  [[ -s $ROOT$CA_KEY ]] || refuse "$CA_KEY is not on this machine, so it cannot sign: put the key of etcd's CA there, or sign where it is kept."
  [[ $(openssl x509 -in "$ROOT$ETCD_CA" -noout -pubkey 2>/dev/null) == "$(openssl pkey -in "$ROOT$CA_KEY" -passin pass: -pubout 2>/dev/null)" ]] ||
    refuse "$CA_KEY does not belong to $ETCD_CA, and what it signs nobody would trust: restore the pair from a backup."
}

# request_sign -> REPLY, the certificate in base64, valid for VALID seconds in whole days
request_sign() {
  local days=$((VALID / 86400)) said
  [[ $days -ge 1 ]] || days=1
  openssl x509 -in "$ROOT$ETCD_CA" -noout -checkend 86400 >/dev/null 2>&1 || refuse "$ETCD_CA ends within a day, and nothing that it signs lasts longer: rotate etcd's CA by hand first (kubernetes.io: manual rotation of CA certificates)."
  said=$(printf '%s\n' "$REQUEST" | openssl x509 -req -sha256 -CA "$ROOT$ETCD_CA" -CAkey "$ROOT$CA_KEY" -passin pass: -set_serial "0x$(openssl rand -hex 8)" -days "$days" \
    -extfile <(printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature,keyEncipherment' 'extendedKeyUsage=clientAuth' 'authorityKeyIdentifier=keyid') 2>&1) || true
  REPLY=$(printf '%s\n' "$said" | openssl x509 2>/dev/null | base64 | tr -d '\n') || REPLY=''
  [[ -n $REPLY ]] || fail "openssl signs nothing with $CA_KEY: $(printf '%s' "$said" | tail -n 1 | head -c 300)"
}
