#!/usr/bin/env bats
# An external etcd that this app runs: what control planes are known to it by, and the renewal on its own machine. That kubeadm makes such a machine
# is seen in test/lab/external-etcd.lab.ts; the end of this file has what start-etcd.sh refuses.
load helpers
load upgrade-node
load create-node

setup_file() { start_cluster external --control-planes 1 --etcd-nodes 1 --days-left 12; }
teardown_file() { stop_clusters; }

pki() { printf '%s' "$NODE_ROOT/etc/kubernetes/pki/$1"; }
encoded() { base64 <"$1" | tr -d '\n'; }
# field NAME FILE: what openssl says of a certificate
field() { openssl x509 -in "$2" -noout "-$1"; }

# client: the control plane's own files, as they are before there is an API server
bare_control_plane() {
  on cp_1
  restore_node
  rm -f "$NODE_ROOT"/etc/kubernetes/*.conf "$NODE_ROOT"/etc/kubernetes/manifests/*
  rm -rf "$(pki external-etcd)" "$(pki apiserver.crt)"
}

sign() {
  on etcd_1
  run_step sign-etcd-client "SSM_Request=$1"
}

@test "a control plane makes its key, etcd's machine signs, the certificate is put in place; again: the same key" {
  local request key
  bare_control_plane
  run_step etcd-client SSM_Certificate=none SSM_Ca=none
  expect "status $RESULT" "$status" 0
  keeps_contract etcdClient
  request=$(ask r.request) key=$(cat "$(pki apiserver-etcd-client.key)")
  expect 'key of root alone' "$(ls -l "$(pki apiserver-etcd-client.key)" | cut -c1-10)" '-rw-------'
  expect 'no key in the answer' "$(grep -c PRIVATE <<<"$RESULT" || true)" 0

  sign "$request"
  expect "status $RESULT" "$status" 0
  keeps_contract signedEtcdClient
  ask r.certificate | base64 -d >"$BATS_TEST_TMPDIR/client.crt"
  openssl verify -purpose sslclient -CAfile "$(pki etcd/ca.crt)" "$BATS_TEST_TMPDIR/client.crt"
  expect name "$(openssl x509 -in "$BATS_TEST_TMPDIR/client.crt" -noout -subject -nameopt RFC2253)" 'subject=CN=kube-apiserver-etcd-client'
  expect 'a year' "$(openssl x509 -in "$BATS_TEST_TMPDIR/client.crt" -noout -checkend $((364 * 86400)) >/dev/null && echo yes)" yes
  local certificate ca
  certificate=$(ask r.certificate) ca=$(ask r.ca)

  on cp_1
  run_step etcd-client "SSM_Certificate=$certificate" "SSM_Ca=$ca"
  expect "status $RESULT" "$status $(ask r.changed)" '0 true'
  expect placed "$(encoded "$(pki apiserver-etcd-client.crt)") $(encoded "$(pki etcd/ca.crt)")" "$certificate $ca"
  run_step etcd-client "SSM_Certificate=$certificate" "SSM_Ca=$ca"
  expect again "$status $(ask r.changed)" '0 false'
  run_step etcd-client SSM_Certificate=none SSM_Ca=none
  expect 'same key' "$(ask r.changed) $(cat "$(pki apiserver-etcd-client.key)")" "false $key"
}

@test "a certificate of another key, of another CA, or beside another CA is not put in place" {
  local certificate ca other=$BATS_TEST_TMPDIR/other
  bare_control_plane
  run_step etcd-client SSM_Certificate=none SSM_Ca=none
  sign "$(ask r.request)"
  certificate=$(ask r.certificate) ca=$(ask r.ca)
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$other.key" -out "$other.crt" -subj /CN=etcd-ca -days 2 2>/dev/null
  on cp_1
  run_step etcd-client "SSM_Certificate=$(encoded "$other.crt")" "SSM_Ca=$ca"
  expect "another key" "$status $(ask 'r.message.includes("does not belong to")')" '20 true'
  run_step etcd-client "SSM_Certificate=$certificate" "SSM_Ca=$(encoded "$other.crt")"
  expect "another CA" "$status $(ask 'r.message.includes("did not sign")')" '20 true'
  mkdir -p "$(pki etcd)" && cp "$other.crt" "$(pki etcd/ca.crt)"
  run_step etcd-client "SSM_Certificate=$certificate" "SSM_Ca=$ca"
  expect "another CA here" "$status $(ask 'r.message.includes("holds another CA")')" '20 true'
  [[ ! -e $(pki apiserver-etcd-client.crt) ]]
}

@test "etcd's machine signs for no other name, and not without the key of its CA" {
  local folder=$BATS_TEST_TMPDIR
  openssl req -new -newkey rsa:2048 -nodes -keyout "$folder/key" -out "$folder/csr" -outform der -subj /CN=root 2>/dev/null
  sign "$(encoded "$folder/csr")"
  expect "$RESULT" "$status $(ask 'r.message.includes("expected CN=kube-apiserver-etcd-client")')" '20 true'
  openssl req -new -newkey rsa:2048 -nodes -keyout "$folder/key" -out "$folder/csr" -outform der -subj /CN=kube-apiserver-etcd-client 2>/dev/null
  mv "$(pki etcd/ca.key)" "$folder/ca.key"
  sign "$(encoded "$folder/csr")"
  mv "$folder/ca.key" "$(pki etcd/ca.key)"
  expect "$RESULT" "$status $(ask 'r.message.includes("is not on this machine")')" '20 true'
  sign YQ==
  expect "$RESULT" "$status" 20
}

@test "a renewal on etcd's machine: its three certificates by name, etcd restarted, served; within the hour nothing more" {
  local before
  on etcd_1
  restore_node
  before=$(for name in server peer healthcheck-client; do field serial "$(pki "etcd/$name.crt")"; done)
  run_step renew-certificates SSM_Force=no SSM_Until=all
  expect "status $RESULT" "$status" 0
  keeps_contract renewalResult
  expect renewed "$(ask 'r.renewed.map((row) => row.name).join(" ")')" 'etcd-server etcd-peer etcd-healthcheck-client'
  expect 'all are new' "$(for name in server peer healthcheck-client; do field serial "$(pki "etcd/$name.crt")"; done | grep -cF "$before" || true)" 0
  expect restarted "$(ask 'r.restarted.map((row) => row.component).join(" ")')" etcd
  expect served "$(ask 'r.served.filter((row) => row.port !== 10250).map((row) => row.serial).join(" ")')" \
    "$(for name in server peer; do field serial "$(pki "etcd/$name.crt")" | cut -d = -f 2; done | paste -sd ' ' -)"
  [[ ! -e $STATE/renewal/unfinished ]]
  run_step renew-certificates SSM_Force=no SSM_Until=all
  expect again "$status $(ask r.changed)" '0 false'
}

@test "a renewal on an etcd machine without the key of etcd's CA is refused, and says where to go" {
  on etcd_1
  restore_node
  rm "$(pki etcd/ca.key)"
  run_step renew-certificates SSM_Force=yes SSM_Until=all
  expect "$RESULT" "$status $(ask 'r.message.includes("etcd/ca.key is not on this node")')" '20 true'
  restore_node
}

# start ARGUMENTS: start-etcd.sh, as far as it comes without kubeadm
start() {
  local kubeadm='apiVersion: kubeadm.k8s.io/v1beta4' kubelet='apiVersion: kubelet.config.k8s.io/v1beta1'
  run_step start-etcd SSM_Version=1.37.2 "SSM_Configuration=$(base64 <<<"$kubeadm" | tr -d '\n')" "SSM_Kubelet=$(base64 <<<"$kubelet" | tr -d '\n')" "$@"
}

# refused_start TEXT
refused_start() {
  start
  expect_match "$RESULT" "$status $(ask r.message)" "20 *$1*"
  [[ ! -e $NODE_ROOT/etc/kubernetes/manifests/etcd.yaml || -e $STATE/create/etcd-member || $1 == remains* ]]
}

@test "start-etcd is refused on a node of a cluster, on remains of one, where something else was begun, and with other packages" {
  make_machine
  touch "$NODE_ROOT/etc/kubernetes/kubelet.conf"
  refused_start 'is a node of a cluster already'
  rm "$NODE_ROOT/etc/kubernetes/kubelet.conf"
  mkdir -p "$NODE_ROOT/var/lib/etcd/member"
  refused_start 'remains of a cluster'
  rm -r "$NODE_ROOT/var/lib/etcd/member"
  mkdir -p "$STATE/create"
  echo join >"$STATE/create/unfinished"
  refused_start 'kubeadm join'
  rm "$STATE/create/unfinished"
  refused_start 'kubeadm is not installed, expected 1.37.2'
}

@test "preflight tells an etcd member of this app from remains of a cluster, and one that was cut off" {
  make_machine
  mkdir -p "$NODE_ROOT/etc/kubernetes/manifests" "$NODE_ROOT/var/lib/etcd/member" "$STATE/create"
  echo etcd >"$STATE/create/unfinished"
  touch "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml"
  look() { run_step preflight SSM_Endpoint=none SSM_EtcdEndpoints=none SSM_EtcdFiles=none SSM_ControlPlanes=none SSM_Workers=none; }
  look
  keeps_contract preflightFacts
  expect 'cut off' "$(ask '[r.cluster.state, r.cluster.step]')" '["unfinished","etcd"]'
  rm "$STATE/create/unfinished"
  echo 1.37.2 >"$STATE/create/etcd-member"
  echo 'kind: Pod' >"$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml"
  look
  expect member "$(ask '[r.cluster.state, r.cluster.etcdMember, r.cluster.controlPlane]')" '["joined",true,null]'
}
