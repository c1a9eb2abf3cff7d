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

lacking() { ask 'r.certificates.find((row) => row.name === "apiserver").lacksNames ?? "nothing"'; }

@test "names that clients use: the endpoint's host, by any form of it, and kubernetes.default.svc" {
  local endpoint lacks
  # What was saved before stays.
  fault kubectl '*kubeadm-config*' 1 'The connection to the server was refused'
  mkdir -p "$STATE"
  echo 'controlPlaneEndpoint: api.demo.internal:6443' >"$STATE/cluster-configuration.yaml"
  run_step check-certificates
  expect 'as kubeadm made it' "$(lacking)" nothing
  own apiserver ca DNS:api.demo.internal,DNS:kubernetes,IP:10.96.0.1,IP:10.0.1.12
  run_step check-certificates
  keeps_contract certificateInventory
  expect 'without the service' "$(lacking) $(wrong)" 'kubernetes.default.svc '
  own apiserver ca DNS:api.demo.internals,DNS:kubernetes.default.svc,IP:10.96.0.1,IP:10.0.1.12
  run_step check-certificates
  expect 'without the endpoint' "$(lacking)" api.demo.internal
  own apiserver ca DNS:other,IP:10.0.1.12
  run_step check-certificates
  expect 'without both' "$(lacking)" 'api.demo.internal, kubernetes.default.svc'
  own apiserver ca 'DNS:*.example.com,DNS:kubernetes.default.svc,IP:10.96.0.1,IP:10.0.1.12,IP:fd00::5'
  while IFS='|' read -r endpoint lacks; do
    printf 'kind: ClusterConfiguration\n%s\n' "$endpoint" >"$STATE/cluster-configuration.yaml"
    run_step check-certificates
    expect "$endpoint" "$(lacking)" "$lacks"
  done <<'END'
clusterName: none|nothing
controlPlaneEndpoint: ""|nothing
controlPlaneEndpoint: api.example.com:6443|nothing
controlPlaneEndpoint: "api.example.com"|nothing
controlPlaneEndpoint: api.example.org:6443 # moved|api.example.org
controlPlaneEndpoint: 10.0.1.12:6443|nothing
controlPlaneEndpoint: 10.0.1.1:6443|10.0.1.1
controlPlaneEndpoint: '[fd00::5]:6443'|nothing
controlPlaneEndpoint: fd00::5|nothing
controlPlaneEndpoint: '[fd00::50]'|fd00::50
END
}

@test "names that clients use: only a CA of this node's certificate is asked" {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout company.key -out company.crt -subj '/CN=Company CA' -days 365 2>/dev/null
  cp company.crt company.key "$PKI/"
  own apiserver company DNS:other
  rm "$PKI"/company.*
  run_step check-certificates
  expect company "$(lacking)" nothing
}

# called NAME: the kubelet's client certificate is for this node from now on
called() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout kubelet.key -out kubelet.csr -subj "/O=system:nodes/CN=system:node:$1" 2>/dev/null
  openssl x509 -req -in kubelet.csr -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -CAcreateserial -CAserial kubelet.srl -days 100 -out kubelet.crt 2>/dev/null
  rm -f "$NODE_ROOT/var/lib/kubelet/pki/kubelet-client-current.pem"
  cat kubelet.crt kubelet.key >"$NODE_ROOT/var/lib/kubelet/pki/kubelet-client-current.pem"
}

@test "a kubelet's client certificate: of another node, and of this one by any of its names" {
  called cp-1
  run_step check-certificates
  keeps_contract certificateInventory
  expect another "$(wrong) $(ask 'r.certificates.find((row) => row.name === "kubelet-client").wrongNames')" 'kubelet-client cp-1'
  called cp-2.eu-central-1.compute.internal
  run_step check-certificates
  expect 'with the domain' "$(wrong)" ''
  called node-7
  run_step check-certificates
  expect 'by no name' "$(wrong)" kubelet-client
  echo 'KUBELET_KUBEADM_ARGS="--hostname-override=node-7 --v=2"' >"$NODE_ROOT/var/lib/kubelet/kubeadm-flags.env"
  run_step check-certificates
  expect 'as it is told to be called' "$(wrong)" ''
}
