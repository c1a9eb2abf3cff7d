# What a kubelet logs in with. It starts only when the certificate that kubelet.conf leads to is valid, or with a bootstrap token; then it
# asks for a certificate by itself, writes it to kubelet-client-current.pem and has kubelet.conf lead there. Its own code allows for nothing
# else: kubelet-client-current.pem has to be a symbolic link and a certificate with its key, or absent.

KUBELET_CONF=$KUBERNETES/kubelet.conf
KUBELET_CURRENT=$KUBELET/pki/kubelet-client-current.pem
BOOTSTRAP_KEPT=$BOOTSTRAP.kept-by-kubeadm-autopilot

# x509_lasts: what was read last (lib/certificates/x509.sh) has not run out
x509_lasts() {
  iso_now
  [[ -z $X_ERROR && -n $X_AFTER && $X_AFTER > $REPLY ]]
}

# key_fits CERTIFICATE-FILE KEY-FILE: sets X_ERROR where the kubelet cannot use them together
key_fits() {
  local public
  if [[ -r $2 ]]; then
    X_ERROR='its key has a passphrase, for which a kubelet asks nobody'
    ! has_passphrase <"$2" || return 0
    public=$(openssl x509 -in "$1" -noout -pubkey 2>/dev/null) || public=''
    X_ERROR=''
    [[ -z $public || $public != "$(key_public <"$2")" ]] || return 0
  fi
  X_ERROR='its key does not belong to it'
}

# current_read: sets the X_ variables from kubelet-client-current.pem
current_read() {
  x509_read "$ROOT$KUBELET_CURRENT"
  [[ -n $X_ERROR ]] || key_fits "$ROOT$KUBELET_CURRENT" "$ROOT$KUBELET_CURRENT"
}

# conf_read: sets the X_ variables from what kubelet.conf leads to, or holds
conf_read() {
  local file key
  x509_none
  X_ERROR="$KUBELET_CONF leads to no certificate"
  if ! kubeconfig_read "$ROOT$KUBELET_CONF"; then
    X_ERROR="$KUBELET_CONF leads to no certificate: $K_ERROR"
  elif [[ -n ${K_DATA[K_USER]} ]]; then
    x509_read_base64 "${K_DATA[K_USER]}"
  elif [[ -n ${K_CERTIFICATE[K_USER]} ]]; then
    kubeconfig_path "$KUBELET_CONF" "${K_CERTIFICATE[K_USER]}" && file=$ROOT$REPLY
    kubeconfig_path "$KUBELET_CONF" "${K_KEY[K_USER]}" && key=$ROOT$REPLY
    x509_read "$file"
    [[ -n $X_ERROR ]] || key_fits "$file" "$key"
  fi
}

# credentials_valid: the kubelet could start with what it has. Sets the X_ variables, also when it could not.
credentials_valid() {
  conf_read
  x509_lasts
}

# point_to_current: kubelet.conf still holds the certificate of its beginning, which has run out, and kubelet-client-current.pem is valid:
# the kubelet rotated it, and could not start any more all the same. Returns 1 when that is not so.
point_to_current() {
  local text
  kubeconfig_read "$ROOT$KUBELET_CONF" && [[ -n ${K_DATA[K_USER]} ]] || return 1
  current_read
  x509_lasts || return 1
  # In the one layout, where a value has a line of its own.
  kubeconfig_layout "$ROOT$KUBELET_CONF" || return 1
  text=$(printf '%s\n' "$REPLY" | path=$KUBELET_CURRENT data=${K_DATA[K_USER]} key=${K_KEY_DATA[K_USER]} awk '
    index($0, ENVIRON["data"]) { sub(/client-certificate-data:.*/, "client-certificate: " ENVIRON["path"]) }
    ENVIRON["key"] != "" && index($0, ENVIRON["key"]) { sub(/client-key-data:.*/, "client-key: " ENVIRON["path"]) }
    { print }') && write_file "$ROOT$KUBELET_CONF" "$text" || fail "$KUBELET_CONF cannot be written: is the disk full?"
  log "$KUBELET_CONF held a certificate that has run out: it leads to $KUBELET_CURRENT now"
}

# clear_the_way: what the kubelet could not replace is put aside; a copied disk has such files.
clear_the_way() {
  [[ -e $ROOT$KUBELET_CURRENT || -L $ROOT$KUBELET_CURRENT ]] || return 0
  current_read
  if [[ -L $ROOT$KUBELET_CURRENT && (-z $X_ERROR || ! -e $ROOT$KUBELET_CURRENT) ]]; then return 0; fi
  log "$KUBELET_CURRENT is put aside: ${X_ERROR:-it is no symbolic link}"
  # It may hold a key.
  [[ -L $ROOT$KUBELET_CURRENT ]] || chmod 600 "$ROOT$KUBELET_CURRENT" || true
  mv -f "$ROOT$KUBELET_CURRENT" "$ROOT$KUBELET_CURRENT.put-aside" || fail "$KUBELET_CURRENT cannot be renamed: is the disk read-only?"
}

# bootstrap_write: bootstrap-kubelet.conf with TOKEN; somebody else's is kept aside meanwhile
bootstrap_write() {
  local server authority text
  kubelet_server && server=$REPLY
  kubelet_authority && authority=$REPLY
  bootstrap_owner
  if [[ $REPLY == other ]]; then mv -f "$ROOT$BOOTSTRAP" "$ROOT$BOOTSTRAP_KEPT" || fail "$BOOTSTRAP cannot be renamed: is the disk read-only?"; fi
  printf -v text '%s\n' "$BOOTSTRAP_MARK" 'apiVersion: v1' 'kind: Config' 'clusters:' '- name: default-cluster' '  cluster:' "    server: $server" \
    "    certificate-authority-data: $authority" 'users:' '- name: tls-bootstrap-token-user' '  user:' "    token: $TOKEN" 'contexts:' \
    '- name: default-context' '  context:' '    cluster: default-cluster' '    user: tls-bootstrap-token-user' 'current-context: default-context'
  write_file "$ROOT$BOOTSTRAP" "${text%$'\n'}" || fail "$BOOTSTRAP cannot be written: is the disk full?"
}

# bootstrap_tidy: ours goes, somebody else's is put back. Returns 1 when there was nothing to do.
bootstrap_tidy() {
  local done=1
  rm -f "$ROOT$BOOTSTRAP".new.*
  bootstrap_owner
  if [[ $REPLY == ours ]]; then done=0 && rm -f "$ROOT$BOOTSTRAP"; fi
  if [[ -e $ROOT$BOOTSTRAP_KEPT ]]; then done=0 && mv -f "$ROOT$BOOTSTRAP_KEPT" "$ROOT$BOOTSTRAP"; fi
  return "$done"
}

# kubelet_server -> REPLY, the API server that the kubelet talks to
kubelet_server() {
  local file
  for file in "$KUBELET_CONF" "$KUBERNETES/controller-manager.conf" "$BOOTSTRAP"; do
    kubeconfig_salvage "$ROOT$file" && REPLY=$K_SERVER
    [[ ! $REPLY =~ ^https://[][A-Za-z0-9.:-]+/?$ ]] || return 0
  done
  fail "$KUBELET_CONF names no API server, and no other file here does: restore it from a backup, or join this node anew."
}

# kubelet_authority -> REPLY, the certificate of the cluster's CA in base64
kubelet_authority() {
  local file
  kubeconfig_salvage "$ROOT$KUBELET_CONF" && REPLY=$K_AUTHORITY_DATA
  [[ ! $REPLY =~ ^[A-Za-z0-9+/=]+$ ]] || return 0
  [[ -z $K_AUTHORITY ]] || { kubeconfig_path "$KUBELET_CONF" "$K_AUTHORITY" && K_AUTHORITY=$REPLY; }
  for file in "$K_AUTHORITY" "$PKI/ca.crt" "$KUBELET/pki/ca.crt"; do
    [[ -n $file && -s $ROOT$file ]] || continue
    REPLY=$(base64 <"$ROOT$file" | tr -d '\n')
    return 0
  done
  fail "The certificate of the cluster's CA is neither in $KUBELET_CONF nor in $PKI/ca.crt: restore one of them from another node, then run this again."
}

# kubelet_rotates: it gets its certificate beside its other work. Without that it does nothing before it has one.
kubelet_rotates() {
  kubelet_setting rotateCertificates rotate-certificates
  [[ $REPLY == true ]]
}
