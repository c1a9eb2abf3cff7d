#!/usr/bin/env bats
# Who signed a certificate is told by its signature: CAs that were replaced, renewed or bundled, and certificates of a company.
load helpers
load renewal

setup_file() {
  start_cluster main --control-planes 1 --days-left 12 --expired scheduler.conf
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  PKI=$NODE_ROOT/etc/kubernetes/pki
  cd "$BATS_TEST_TMPDIR"
}

# make_ca NAME SUBJECT [KEY-TYPE]: NAME.crt and NAME.key here
make_ca() {
  openssl req -x509 -newkey ${3:-ec -pkeyopt ec_paramgen_curve:P-256} -nodes -keyout "$1.key" -out "$1.crt" -subj "$2" -days 365 -addext keyUsage=critical,keyCertSign 2>/dev/null
}

# make_leaf NAME CA SUBJECT DAYS [EXTENSION...]
make_leaf() {
  local name=$1 ca=$2 subject=$3 days=$4
  shift 4
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -out "$name.csr" -subj "$subject" 2>/dev/null
  openssl x509 -req -in "$name.csr" -CA "$ca.crt" -CAkey "$ca.key" -CAcreateserial -days "$days" -out "$name.crt" -extfile <(printf '%s\n' "authorityKeyIdentifier=keyid,issuer" "$@") 2>/dev/null
}

names() { ask "r.certificates.filter((row) => $1).map((row) => row.name).sort().join(' ')"; }
OF_CA='admin.conf apiserver apiserver-kubelet-client controller-manager.conf kubelet-client scheduler.conf super-admin.conf'

# refused WORDS: the renewal, with these words in its sentence, and no file was changed
refused() {
  local before
  before=$(cd "$NODE_ROOT/etc" && find . -type f -exec cksum {} + | sort)
  renew
  expect status "$status" 20
  expect_match refusal "$(ask r.message)" "*$1*"
  expect files "$(cd "$NODE_ROOT/etc" && find . -type f -exec cksum {} + | sort)" "$before"
}

@test "a CA replaced under the same subject: every leaf of the old one, also an expired one, was signed by another" {
  make_ca new /CN=kubernetes
  cp new.crt "$PKI/ca.crt" && cp new.key "$PKI/ca.key"
  run_step check-certificates
  keeps_contract certificateInventory
  expect another "$(names row.anotherCa)" "$OF_CA"
  expect issuers "$(ask '[...new Set(r.certificates.filter((row) => row.anotherCa).map((row) => row.issuer))]')" '["CN=kubernetes"]'
  expect 'no CA' "$(names 'row.anotherCa && (row.ca || row.external)')" ''
  expect others "$(names row.ca)" 'apiserver-etcd-client etcd-healthcheck-client etcd-peer etcd-server front-proxy-client'
  run_step inspect-control-plane SSM_Inventory=yes
  keeps_contract controlPlaneFacts
  expect inspected "$(ask "r.inventory.certificates.filter((row) => row.anotherCa).map((row) => row.name).sort().join(' ')")" "$OF_CA"
  refused 'was signed by another CA (CN=kubernetes)*Signed by another CA'
}

@test "the same without key identifiers, with RSA, and for one CA alone" {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$PKI/etcd/ca.key" -out "$PKI/etcd/ca.crt" -subj /CN=etcd-ca -days 365 -extensions none -config <(printf '[req]\ndistinguished_name=dn\n[dn]\n[none]\nbasicConstraints=CA:TRUE\n') 2>/dev/null
  run_step check-certificates
  expect another "$(names row.anotherCa)" 'apiserver-etcd-client etcd-healthcheck-client etcd-peer etcd-server'
}

@test "a CA made again with its old key signed them all, whatever its key identifier, serial and dates are" {
  openssl req -x509 -key "$PKI/ca.key" -out new.crt -subj /CN=kubernetes -days 1 -addext subjectKeyIdentifier=01:02:03 -addext keyUsage=critical,keyCertSign
  cp "$PKI/ca.crt" old.crt
  cp new.crt "$PKI/ca.crt"
  run_step check-certificates
  expect signed "$(names 'row.ca === "ca"')" "$OF_CA"
  expect another "$(names 'row.anotherCa || row.external || row.issuer')" ''
  # In a bundle behind one of the same name, as while a CA is rotated.
  make_ca other /CN=kubernetes
  cat other.crt old.crt >"$PKI/ca.crt"
  run_step check-certificates
  expect 'old in a bundle' "$(names 'row.ca === "ca"')" "$OF_CA"
  cat other.crt new.crt >"$PKI/ca.crt"
  run_step check-certificates
  expect 'new in a bundle' "$(names 'row.ca === "ca"')" "$OF_CA"
}

@test "a certificate of a company at kubeadm's own path: external, whoever signed it, and never replaced" {
  make_ca company '/O=Example/CN=Company CA' rsa:2048
  make_leaf apiserver company /CN=kube-apiserver 300 subjectAltName=DNS:api.example.com
  cp apiserver.crt apiserver.key "$PKI/"
  run_step check-certificates
  keeps_contract certificateInventory
  expect external "$(names row.external)" apiserver
  expect issuer "$(ask 'r.certificates.find((row) => row.external).issuer')" 'CN=Company CA,O=Example'
  expect another "$(names row.anotherCa)" ''
  refused 'apiserver.crt (apiserver) was signed by another CA (CN=Company CA,O=Example)'

  # Beside kubeadm's own CA, so that the components trust it.
  cat company.crt >>"$PKI/ca.crt"
  run_step check-certificates
  expect bundled "$(names row.external)" apiserver

  # Expired, and with the chain up to an intermediate CA that the cluster's own CA signed.
  restore_node
  cp "$PKI/ca.crt" "$PKI/ca.key" .
  make_leaf intermediate ca /CN=intermediate 300 basicConstraints=CA:TRUE
  make_leaf apiserver intermediate /CN=kube-apiserver 0
  cat apiserver.crt intermediate.crt >"$PKI/apiserver.crt"
  run_step check-certificates
  expect chained "$(ask 'r.certificates.filter((row) => row.external).map((row) => `${row.name} ${row.issuer}`)')" '["apiserver CN=intermediate"]'

  # Self-signed, even under the name of the CA.
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out "$PKI/apiserver.crt" -subj /CN=kubernetes -days 300 2>/dev/null
  run_step check-certificates
  expect self "$(ask 'r.certificates.filter((row) => row.external).map((row) => `${row.name} ${row.ca}`)')" '["apiserver self"]'
  expect another "$(names row.anotherCa)" ''
}

@test "an intermediate CA as the cluster's own, its root behind it: what it signs is its own" {
  make_ca root '/CN=root'
  make_leaf intermediate root /CN=kubernetes 300 basicConstraints=critical,CA:TRUE
  cat intermediate.crt root.crt >"$PKI/ca.crt" && cp intermediate.key "$PKI/ca.key"
  make_leaf apiserver intermediate /CN=kube-apiserver 300
  cp apiserver.crt apiserver.key "$PKI/"
  run_step check-certificates
  expect signed "$(ask 'r.certificates.find((row) => row.name === "apiserver").ca')" ca
  expect external "$(names row.external)" ''
}

@test "while a CA cannot be read, no certificate is called external" {
  printf 'no certificate' >"$PKI/ca.crt"
  run_step check-certificates
  expect external "$(names 'row.external || row.anotherCa')" ''
  rm "$PKI/ca.crt"
  run_step check-certificates
  expect external "$(names 'row.external || row.anotherCa')" ''
}
