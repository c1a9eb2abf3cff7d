#!/usr/bin/env bats
# Private keys with a passphrase: nobody is asked for it, and the sentence says that it is the passphrase. (A CA's: preconditions.bats.)
load helpers

setup() {
  ROOT=$BATS_TEST_TMPDIR/node STATE=$BATS_TEST_TMPDIR/node/var/lib/kubeadm-autopilot
  for name in core/{json,yaml,time} kubernetes/{paths,arguments,kubeconfig} certificates/x509 kubelet/{bootstrap,credentials} renewal/{files,admin-kubeconfigs}; do
    . "$SCRIPTS/lib/$name.sh"
  done
  log() { :; }
  limited() { shift && "$@"; }
  kubectl() { return 127; }
  PKI=/etc/kubernetes/pki
  mkdir -p "$ROOT$PKI" "$ROOT$KUBELET/pki" "$BATS_TEST_TMPDIR/bin"
  cd "$BATS_TEST_TMPDIR"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out "$ROOT$PKI/ca.crt" -subj /CN=kubernetes -days 30 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout plain.key -out client.csr -subj /O=system:nodes/CN=system:node:cp-1 2>/dev/null
  openssl x509 -req -in client.csr -CA "$ROOT$PKI/ca.crt" -CAkey ca.key -CAcreateserial -days 20 -out client.crt 2>/dev/null
  # PKCS #8, and the older form with its own header.
  openssl pkey -in plain.key -aes256 -passout pass:secret -out pkcs8.key
  openssl ec -in plain.key -aes256 -passout pass:secret -out traditional.key 2>/dev/null
  # Whoever asks for a passphrase waits for a terminal: noted here.
  printf '%s\n' '#!/bin/bash' "[[ \$1 != pkey || \" \$* \" == *' -passin '* || \" \$* \" == *' -pubin '* ]] || echo \"\$*\" >>$BATS_TEST_TMPDIR/asked" "exec $(type -P openssl) \"\$@\"" >bin/openssl
  chmod +x bin/openssl
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
}
teardown() { expect 'nobody is asked' "$(cat "$BATS_TEST_TMPDIR/asked" 2>/dev/null || true)" ''; }

# conf KEY: a kubeconfig on stdout
conf() {
  printf '%s\n' 'apiVersion: v1' 'kind: Config' 'clusters:' '- cluster:' "    certificate-authority-data: $(base64 <"$ROOT$PKI/ca.crt" | tr -d '\n')" '    server: https://x:6443' '  name: a' \
    'contexts:' '- context:' '    cluster: a' '    user: a' '  name: a' 'current-context: a' 'users:' '- name: a' '  user:' "    client-certificate-data: $(base64 <client.crt | tr -d '\n')" "    client-key-data: $(base64 <"$1" | tr -d '\n')"
}

@test "of a kubelet: in kubelet-client-current.pem, and in the file that kubelet.conf leads to" {
  local key wanted
  while read -r key wanted; do
    cat client.crt "$key.key" >"$ROOT$KUBELET_CURRENT"
    conf plain.key | sed "s|client-certificate-data: .*|client-certificate: $KUBELET_CURRENT|; s|client-key-data: .*|client-key: $KUBELET_CURRENT|" >"$ROOT$KUBELET_CONF"
    current_read && expect "current, $key" "$X_ERROR" "$wanted"
    conf_read && expect "kubelet.conf, $key" "$X_ERROR" "$wanted"
  done <<'TABLE'
plain
pkcs8 its key has a passphrase, for which a kubelet asks nobody
traditional its key has a passphrase, for which a kubelet asks nobody
ca its key does not belong to it
TABLE
}

@test "of a copy of admin.conf: left alone, for that reason" {
  local key wanted
  NEW_CERTIFICATE=$(base64 <client.crt | tr -d '\n') CERTIFICATE=$NEW_CERTIFICATE
  while read -r key wanted; do
    KEY=$(base64 <"$key.key" | tr -d '\n') REPLY=''
    older_admin_certificate || true
    expect "$key" "$REPLY" "$wanted"
  done <<'TABLE'
plain
pkcs8 left alone: its key has a passphrase, so nobody can tell whether it belongs to its certificate
traditional left alone: its key has a passphrase, so nobody can tell whether it belongs to its certificate
ca left alone: its key does not belong to its certificate
TABLE
}

@test "of a kubeconfig of kubeadm's: it is whole, and not put back as if a kill had cut it off" {
  local key wanted
  while read -r key wanted; do
    conf "$key.key" >"$ROOT/conf"
    expect "$key" "$(if kubeconfig_key_fits "$ROOT/conf"; then echo whole; else echo cut; fi)" "$wanted"
  done <<'TABLE'
plain whole
pkcs8 whole
traditional whole
ca cut
TABLE
  conf plain.key | sed 's/\(client-key-data: .\{40\}\).*/\1/' >"$ROOT/conf"
  ! kubeconfig_key_fits "$ROOT/conf"
}
