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
  # As on every control plane that joined.
  rm "$NODE_ROOT/etc/kubernetes/super-admin.conf"
  refused 'was signed by another CA (CN=kubernetes)*Signed by another CA'
}

@test "the same without key identifiers, with RSA, and for one CA alone" {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$PKI/etcd/ca.key" -out "$PKI/etcd/ca.crt" -subj /CN=etcd-ca -days 365 -extensions none -config <(printf '[req]\ndistinguished_name=dn\n[dn]\n[none]\nbasicConstraints=CA:TRUE\n') 2>/dev/null
  run_step check-certificates
  expect another "$(names row.anotherCa)" 'apiserver-etcd-client etcd-healthcheck-client etcd-peer etcd-server'
  refused 'was signed by another CA (CN=etcd-ca)'
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

@test "a certificate of a company at kubeadm's own path: external, whoever signed it" {
  make_ca company '/O=Example/CN=Company CA' rsa:2048
  make_leaf apiserver company /CN=kube-apiserver 300 subjectAltName=DNS:api.example.com
  cp apiserver.crt apiserver.key "$PKI/"
  run_step check-certificates
  keeps_contract certificateInventory
  expect external "$(names row.external)" apiserver
  expect issuer "$(ask 'r.certificates.find((row) => row.external).issuer')" 'CN=Company CA,O=Example'
  expect another "$(names row.anotherCa)" ''

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

@test "what a foreign CA signed is left alone by name, and the others are renewed" {
  make_ca company '/O=Example/CN=Company CA'
  make_leaf apiserver company /CN=kube-apiserver 300 subjectAltName=DNS:api.example.com
  cp apiserver.crt apiserver.key "$PKI/"
  local before
  before=$(serials)
  renew
  expect "status $RESULT" "$status" 0
  keeps_contract renewalResult
  expect 'left alone' "$(ask r.leftAlone)" '[{"name":"apiserver","reason":"signed by CN=Company CA,O=Example, not by its CA on this node"}]'
  expect 'stays' "$(comm -12 <(printf '%s\n' "$before" | sort) <(serials | sort) | cut -d ' ' -f 1)" apiserver
  expect 'by name' "$(calls '^kubeadm certs renew all') $(calls '^kubeadm certs renew ')" '0 10'
  expect served "$(tool openssl s_client -connect 127.0.0.1:6443 </dev/null 2>/dev/null | openssl x509 -noout -serial)" "serial=$(disk_serial /etc/kubernetes/pki/apiserver.crt)"
}

@test "another CA of the same node signed it: told by the signature, whatever the names are" {
  cp "$PKI/etcd/ca.crt" ca.crt && cp "$PKI/etcd/ca.key" ca.key
  make_leaf apiserver ca /CN=kube-apiserver 300
  cp apiserver.crt apiserver.key "$PKI/"
  cp "$PKI/etcd/ca.crt" "$PKI/etcd/ca.key" .
  run_step check-certificates
  keeps_contract certificateInventory
  expect wrong "$(ask 'r.certificates.filter((row) => row.issuer).map((row) => `${row.name} ${row.ca} ${row.issuer} ${row.external}`)')" '["apiserver etcd-ca CN=etcd-ca true"]'

  # One CA for all is the CA for each; so are three of one name.
  restore_node
  for other in etcd/ca front-proxy-ca; do cp "$PKI/ca.crt" "$PKI/$other.crt" && cp "$PKI/ca.key" "$PKI/$other.key"; done
  cp "$PKI/ca.crt" "$PKI/ca.key" .
  make_leaf client ca /CN=front-proxy-client 300
  for name in front-proxy-client apiserver-etcd-client etcd/server etcd/peer etcd/healthcheck-client; do cp client.crt "$PKI/$name.crt"; done
  run_step check-certificates
  expect issuers "$(names row.issuer)" ''
  expect 'of etcd' "$(names 'row.ca === "etcd-ca"')" 'apiserver-etcd-client etcd-healthcheck-client etcd-peer etcd-server'
}

# bundled FILE...: ca.crt of these, and the key of the last
bundled() {
  cat "${@/%/.crt}" >"$PKI/ca.crt" && cp "${!#}.key" "$PKI/ca.key"
  run_step check-certificates
}

@test "a bundle: whichever of it signed them is the cluster's CA, by another name or behind another too" {
  cp "$PKI/ca.crt" "$PKI/ca.key" .
  make_ca next '/CN=next CA'
  local order
  for order in 'next ca' 'ca next'; do
    bundled $order
    expect "external, $order" "$(names 'row.external || row.anotherCa || row.issuer')" ''
    expect "signed, $order" "$(names 'row.ca === "ca"')" "$OF_CA"
  done
  # A company's beside the CA, which has signed all but one.
  restore_node
  make_ca company '/CN=Company CA'
  make_leaf apiserver company /CN=kube-apiserver 300
  cp apiserver.crt apiserver.key "$PKI/"
  for order in 'company ca' 'ca company ca'; do
    bundled $order
    expect "external, $order" "$(names row.external)" apiserver
  done
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
