#!/usr/bin/env bats
# What a renewal needs is asked before the first change: inspect-control-plane.sh tells what is not so, and renew-certificates.sh refuses with the
# same words. (With the real kubeadm: test/kubeadm/preconditions.kubeadm.ts.)
load helpers
load renewal

setup_file() { start_cluster main --control-planes 1 --days-left 12; }
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  rm -f "$NODE_ROOT/etc/crictl.yaml" "$NODE_ROOT"/etc/kubernetes/manifests/*.backup
  BEFORE=$(serials)
}

# obstacle PRECONDITION REASON: a shell pattern
obstacle() {
  local reason
  run_step inspect-control-plane SSM_Inventory=yes
  expect "status of the inspection $RESULT" "$status" 0
  keeps_contract controlPlaneFacts
  expect preconditions "$(ask '(r.renewal.obstacles ?? []).map((row) => row.precondition)')" "[\"$1\"]"
  reason=$(ask 'r.renewal.obstacles[0].reason')
  expect_match reason "$reason" "$2"
  reason="$reason; $(ask 'r.renewal.obstacles[0].whatToDo'), then run this again."
  renew
  expect "status of the renewal $RESULT" "$status" 20
  expect message "$(ask r.message)" "$reason"
  unchanged
}

# unchanged: no certificate is another one, no backup, no record, no restart
unchanged() {
  expect serials "$(serials)" "$BEFORE"
  [[ ! -e $STATE/renewal && -z $(ls -A "$STATE/backups" 2>/dev/null) ]]
  expect restarts "$(calls '^crictl rmp')" 0
}

# no_obstacle: neither told nor in the way of a renewal of the files
no_obstacle() {
  run_step inspect-control-plane SSM_Inventory=yes
  expect "status $RESULT" "$status" 0
  expect obstacles "$(ask 'String(r.renewal.obstacles)')" undefined
  run_step renew-certificates SSM_Force=no SSM_Until=files
  expect "status $RESULT" "$status" 0
}

MANIFESTS=/etc/kubernetes/manifests

@test "nothing stands in the way of a healthy node, and asking leaves nothing behind" {
  local before
  before=$(cd "$NODE_ROOT/etc/kubernetes" && find . -type f -exec ls -ld --time-style=full-iso {} + 2>/dev/null || true)
  run_step inspect-control-plane SSM_Inventory=yes
  expect obstacles "$(ask 'String(r.renewal.obstacles)')" undefined
  expect files "$(cd "$NODE_ROOT/etc/kubernetes" && find . -type f -exec ls -ld --time-style=full-iso {} + 2>/dev/null || true)" "$before"
  unchanged
}

# Row 10.
@test "a copy of a manifest in the folder of manifests makes a second Pod: refused, by the file's name" {
  cp "$NODE_ROOT$MANIFESTS/etcd.yaml" "$NODE_ROOT$MANIFESTS/etcd.yaml.backup"
  obstacle 'each pod has one manifest' "the kubelet runs every file in $MANIFESTS, and there etcd.yaml.backup makes a second Pod etcd"
}

# Row 14.
@test "a ClusterConfiguration that kubeadm does not accept: refused, in kubeadm's own words" {
  fault kubeadm 'config images list --config *' 1 'error: featureGates: Invalid value: {"Old":true}: Old is not a valid feature name.\nTo see the stack trace of this error execute with --v=5 or higher'
  obstacle 'kubeadm accepts the configuration' 'kubeadm v1.* does not accept the ClusterConfiguration of this cluster: featureGates: Invalid value: {"Old":true}: Old is not a valid feature name'
}

# Row 17.
@test "no kubeadm-config, and certificates elsewhere: kubeadm is told where, and the reason is the right one" {
  fault kubectl '*get configmap kubeadm-config*' 1 'Error from server (NotFound): configmaps "kubeadm-config" not found'
  mv "$NODE_ROOT/etc/kubernetes/pki" "$NODE_ROOT/etc/kubernetes/ssl"
  sed -i.old 's|/etc/kubernetes/pki|/etc/kubernetes/ssl|' "$NODE_ROOT$MANIFESTS"/*.yaml
  rm -f "$NODE_ROOT$MANIFESTS"/*.old
  run_step renew-certificates SSM_Force=no SSM_Until=files
  rm -rf "$NODE_ROOT/etc/kubernetes/ssl"
  expect "status $RESULT" "$status" 0
  expect told "$(calls '^kubeadm certs renew all --cert-dir /etc/kubernetes/ssl$')" 1
  expect reason "$(cat "$STATE"/logs/renew-certificates-*.log | grep -c 'not saved anew: the cluster has no ConfigMap kube-system/kubeadm-config')" 1
}

# Row 18.
@test "crictl.yaml leads to another, empty runtime: the kubelet's own is asked" {
  echo 'runtime-endpoint: unix:///run/crio/crio.sock' >"$NODE_ROOT/etc/crictl.yaml"
  echo 'containerRuntimeEndpoint: unix:///run/containerd/containerd.sock' >>"$NODE_ROOT/var/lib/kubelet/config.yaml"
  renew
  expect "status $RESULT" "$status" 0
}

@test "a port answers, and the runtime shows no such container: refused" {
  echo 'runtime-endpoint: unix:///run/crio/crio.sock' >"$NODE_ROOT/etc/crictl.yaml"
  obstacle 'the runtime shows the pods' 'etcd answers at 127.0.0.1:2379, and crictl shows no container of it (the runtime of /etc/crictl.yaml)'
}

# Row 19.
@test "kubeadm older than 1.20, or one that does not know the command: refused" {
  fault kubeadm 'version *' 0 - - v1.19.16
  obstacle 'kubeadm renews certificates' "kubeadm v1.19.16 cannot renew certificates by the command 'kubeadm certs renew', which 1.20 brought"
  rm -r "$NODE_ROOT/faults"
  fault kubeadm 'certs renew all --help' 1 'error: unknown command "certs" for "kubeadm"'
  obstacle 'kubeadm renews certificates' "kubeadm v1.* does not know the command 'kubeadm certs renew all': unknown command \"certs\" for \"kubeadm\""
}

# Row 23.
@test "a CA's key with a passphrase: refused with a sentence of its own, and nobody is asked for it" {
  local key=$NODE_ROOT/etc/kubernetes/pki/ca.key
  openssl pkey -in "$key" -aes256 -passout pass:secret -out "$key.new"
  mv "$key.new" "$key"
  obstacle 'ca keys can sign' '/etc/kubernetes/pki/ca.key has a passphrase, *'
}

# Row 22. in_view COMMAND: what follows of run_step sees the files of the node as COMMAND has mounted them; what runs on the node does not.
in_view() {
  [[ $(uname -s) == Linux && $(id -u) == 0 ]] || skip 'root on Linux alone can mount'
  local step
  VIEW=$BATS_TEST_TMPDIR/view
  mkdir -p "$VIEW"
  for step in inspect-control-plane renew-certificates; do
    printf '#!/bin/bash\nexport MOUNT=%q\nexec unshare --mount bash -c %q\n' "$NODE_ROOT" "set -e; cd \$MOUNT; $1; exec $SCRIPTS/$step.sh" >"$VIEW/$step.sh"
    chmod +x "$VIEW/$step.sh"
  done
  SCRIPTS=$VIEW
}
READ_ONLY='read_only() { mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; }'

@test "/etc/kubernetes is read-only: refused" {
  in_view "$READ_ONLY; read_only etc/kubernetes"
  obstacle 'files can be written' '/etc/kubernetes/pki/apiserver.crt cannot be written (Read-only file system)'
}
