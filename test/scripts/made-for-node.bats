#!/usr/bin/env bats
# Certificates that were made for another node: copied ones are told, shared ones are not.
load helpers

setup_file() {
  start_cluster main --control-planes 2
}
teardown_file() { stop_clusters; }

setup() {
  on cp_2
  restore_node
  PKI=$NODE_ROOT/etc/kubernetes/pki
  cd "$BATS_TEST_TMPDIR"
}

wrong() { ask 'r.certificates.filter((row) => row.wrongNames).map((row) => row.name).join(" ")'; }

# copy_from_cp_1 NAME...: below pki, without the ending
copy_from_cp_1() {
  local name
  for name in "$@"; do cp "$CP_1_ROOT/etc/kubernetes/pki/$name.crt" "$CP_1_ROOT/etc/kubernetes/pki/$name.key" "$PKI/${name%/*}"; done
}

# own APISERVER-OR-ETCD-FILE CA SANS: a certificate that the node's own CA signs
own() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$PKI/$1.key" -out own.csr -subj /CN=own 2>/dev/null
  openssl x509 -req -in own.csr -CA "$PKI/$2.crt" -CAkey "$PKI/$2.key" -CAcreateserial -CAserial own.srl -days 100 -out "$PKI/$1.crt" -extfile <(echo "subjectAltName=$3") 2>/dev/null
}

@test "each node's own fit, also where only its address does, or there is no address" {
  run_step check-certificates
  expect wrong "$(wrong)" ''
  own apiserver ca DNS:other,IP:10.96.0.1,IP:10.0.1.12
  own etcd/server etcd/ca IP:10.0.1.12,IP:127.0.0.1
  own etcd/peer etcd/ca DNS:localhost,IP:127.0.0.1
  run_step check-certificates
  expect wrong "$(wrong)" ''
}

@test "the node's name with another's address: wrong where the component is served at its address" {
  own apiserver ca DNS:cp-2,IP:10.96.0.1,IP:10.0.1.11
  own etcd/server etcd/ca DNS:cp-2,IP:10.0.1.11,IP:127.0.0.1
  own etcd/peer etcd/ca DNS:cp-2,IP:10.0.1.11
  run_step check-certificates
  expect wrong "$(wrong)" 'apiserver etcd-server etcd-peer'
  # Served under a name, that has to be in it; where no address is said, the node's name does.
  tool systemctl stop kubelet
  sed -i.bak '/--advertise-address=/d; s|--initial-advertise-peer-urls=.*|--initial-advertise-peer-urls=https://cp-2:2380|; s|--advertise-client-urls=.*|--advertise-client-urls=https://127.0.0.1:2379|' "$NODE_ROOT"/etc/kubernetes/manifests/*.yaml
  rm "$NODE_ROOT"/etc/kubernetes/manifests/*.bak
  run_step check-certificates
  expect 'by name' "$(wrong)" ''
  own apiserver ca DNS:cp-1,IP:10.96.0.1,IP:10.0.1.11
  own etcd/server etcd/ca DNS:cp-1,IP:10.0.1.11,IP:127.0.0.1
  own etcd/peer etcd/ca DNS:cp-1,IP:10.0.1.12
  run_step check-certificates
  expect 'by another name' "$(wrong)" 'apiserver etcd-server etcd-peer'
  tool systemctl start kubelet
}

@test "copied from another control plane: API server's and etcd's, with the names that are in them" {
  cp "$CP_1_ROOT/etc/kubernetes/pki"/apiserver.* "$PKI/"
  copy_from_cp_1 etcd/server etcd/peer
  run_step check-certificates
  keeps_contract certificateInventory
  expect wrong "$(wrong)" 'apiserver etcd-server etcd-peer'
  expect names "$(ask 'r.certificates.find((row) => row.name === "etcd-peer").wrongNames')" 'cp-1, localhost, 10.0.1.11, 127.0.0.1, 0:0:0:0:0:0:0:1'
  expect_match names "$(ask 'r.certificates.find((row) => row.name === "apiserver").wrongNames')" '*cp-1*10.0.1.11*'
}

@test "no faults: a copied admin.conf and clients' certificates, a company's shared one, names of the endpoint alone" {
  cp "$CP_1_ROOT/etc/kubernetes/admin.conf" "$NODE_ROOT/etc/kubernetes/admin.conf"
  cp "$CP_1_ROOT/etc/kubernetes/pki"/apiserver-etcd-client.* "$CP_1_ROOT/etc/kubernetes/pki"/apiserver-kubelet-client.* "$PKI/"
  own apiserver ca DNS:api.example.com,DNS:kubernetes.default.svc,IP:10.96.0.1
  run_step check-certificates
  expect shared "$(wrong)" ''
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout company.key -out company.crt -subj '/CN=Company CA' -days 365 2>/dev/null
  cp company.crt company.key "$PKI/"
  own apiserver company DNS:api.example.com,IP:10.96.0.1,IP:10.0.1.11
  rm "$PKI"/company.*
  run_step check-certificates
  expect company "$(wrong)" ''
}

@test "IPv6, an address in an etcd URL, and an address that is no more than part of another" {
  tool systemctl stop kubelet
  sed -i.bak 's|--advertise-address=.*|--advertise-address=fd00::12|; s|--initial-advertise-peer-urls=.*|--initial-advertise-peer-urls=https://[fd00::12]:2380|' "$NODE_ROOT"/etc/kubernetes/manifests/*.yaml
  rm "$NODE_ROOT"/etc/kubernetes/manifests/*.bak
  own apiserver ca IP:10.96.0.1,IP:fd00::12
  own etcd/peer etcd/ca IP:fd00::12
  own etcd/server etcd/ca IP:10.0.1.1
  run_step check-certificates
  expect wrong "$(wrong)" etcd-server
  own etcd/peer etcd/ca IP:fd00::1
  run_step check-certificates
  expect wrong "$(wrong)" 'etcd-server etcd-peer'
}
