#!/usr/bin/env bats
# What a renewal needs is asked before the first change: inspect-control-plane.sh tells what is not so, and renew-certificates.sh refuses with the
# same words. (With the real kubeadm: test/kubeadm/preconditions.kubeadm.ts.)
load helpers
load renewal
load preconditions

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

# second_manifest TEXT: what is said of a file with TEXT in the folder of manifests, under the name in `as`
second_manifest() {
  local name
  for name in core/file-text core/yaml static-pods/containers static-pods/second-manifests; do . "$SCRIPTS/lib/$name.sh"; done
  ROOT=$BATS_TEST_TMPDIR/node MANIFESTS=/manifests
  limited() { shift && "$@"; }
  mkdir -p "$ROOT/manifests"
  printf '%b\n' "$1" >"$ROOT/manifests/$as"
  second_manifests
  rm -rf "$ROOT/manifests"
}

@test "what makes a second Pod: any form and name of a file; what does not" {
  local as text
  kubectl() { return 127; }
  as=kube-apiserver.yaml.2026-11-30
  for text in 'apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    name: other\n  name: "kube-apiserver" # mine\n  namespace: kube-system' \
    "---\nkind: 'Pod'\nmetadata:\n    namespace: kube-system\n    name: kube-apiserver\nspec:\n  containers:\n  - name: etcd" \
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"kube-apiserver","namespace":"kube-system"},"spec":{"containers":[{"name":"etcd"}]}}'; do
    second_manifest "$text"
    expect "$text" "$REPLY" "$as makes a second Pod kube-apiserver"
  done
  for text in '' garbage 'kind: Pod\nmetadata:\n  name: kube-vip\n  namespace: kube-system\nspec:\n  containers:\n  - name: etcd' \
    'kind: Pod\nmetadata:\n  name: etcd\n  namespace: backups' 'kind: Deployment\nmetadata:\n  name: etcd\n  namespace: kube-system' \
    '# kind: Pod\n# metadata:\n#   name: etcd'; do
    second_manifest "$text"
    expect "$text" "$REPLY" ''
  done
  as=.etcd.yaml.swp
  second_manifest 'kind: Pod\nmetadata:\n  name: etcd\n  namespace: kube-system'
  expect 'a hidden file' "$REPLY" ''
  as=etcd.yaml
  second_manifest 'kind: Pod\nmetadata:\n  name: etcd\n  namespace: kube-system'
  expect 'its own' "$REPLY" ''
}

@test "kubectl, where it is there, reads manifests in any form, and says what is none" {
  command -v kubectl >/dev/null && kubectl version --client >/dev/null 2>&1 || skip 'no kubectl here'
  local as=copy
  second_manifest 'kind: Pod\napiVersion: v1\nmetadata: {namespace: &a kube-system,\n "name": etcd}'
  expect 'flow style, an anchor' "$REPLY" 'copy makes a second Pod etcd'
  second_manifest 'kind: Pod\nmetadata:\n  name: etcd\n  namespace: kube-system\n bad: ['
  expect 'what the kubelet cannot read either' "$REPLY" ''
}

@test "the runtime of the kubelet: its flag, its configuration with drop-ins, the last one; what kubeadm noted is none" {
  local name
  for name in core/file-text core/yaml kubernetes/paths kubernetes/arguments kubelet/settings runtime/endpoint; do . "$SCRIPTS/lib/$name.sh"; done
  ROOT=$BATS_TEST_TMPDIR/node KUBELET=/var/lib/kubelet
  mkdir -p "$ROOT$KUBELET" "$ROOT/etc/default" "$ROOT/etc/drop-ins" "$ROOT/proc/42"
  limited() { shift && "$@"; }
  systemctl() { echo "$main"; }
  endpoint() { kubelet_read && runtime_endpoint && expect "$1" "$REPLY" "$2"; }
  local main=0
  endpoint nothing ''
  echo 'containerRuntimeEndpoint: unix:///run/noted.sock' >"$ROOT$KUBELET/instance-config.yaml"
  endpoint 'what kubeadm noted' ''
  printf 'cgroupDriver: systemd\ncontainerRuntimeEndpoint: "unix:///run/crio/crio.sock"\n' >"$ROOT$KUBELET/config.yaml"
  endpoint configuration unix:///run/crio/crio.sock
  echo 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.1 --container-runtime-endpoint=/run/flag.sock"' >"$ROOT$KUBELET/kubeadm-flags.env"
  endpoint 'a flag, an old path' unix:///run/flag.sock
  echo "KUBELET_EXTRA_ARGS='--container-runtime-endpoint unix:///run/extra.sock'" >"$ROOT/etc/default/kubelet"
  endpoint 'the last flag' unix:///run/extra.sock
  main=42
  printf 'kubelet\0--config=/etc/own.yaml\0--config-dir\0/etc/drop-ins\0' >"$ROOT/proc/42/cmdline"
  endpoint 'what runs has another configuration, without it' ''
  echo 'containerRuntimeEndpoint: unix:///run/own.sock' >"$ROOT/etc/own.yaml"
  endpoint 'of what runs' unix:///run/own.sock
  echo 'containerRuntimeEndpoint: unix:///run/first.sock' >"$ROOT/etc/drop-ins/10-runtime.conf"
  echo 'containerRuntimeEndpoint: unix:///run/last.sock' >"$ROOT/etc/drop-ins/20-runtime.conf"
  echo 'containerRuntimeEndpoint: unix:///run/none.sock' >"$ROOT/etc/drop-ins/README"
  endpoint 'the last drop-in' unix:///run/last.sock
  printf 'kubelet\0--container-runtime-endpoint=unix:///run/runs.sock\0' >"$ROOT/proc/42/cmdline"
  endpoint 'the flag of what runs' unix:///run/runs.sock
}

@test "certificatesDir elsewhere: its file system has to have space too, and the backup counts it" {
  local name PKI REPLY ADVICE small
  for name in kubernetes/paths kubernetes/backup-size renewal/preconditions-of-files; do . "$SCRIPTS/lib/$name.sh"; done
  ROOT=$BATS_TEST_TMPDIR/node
  mkdir -p "$ROOT/etc/kubernetes/pki" "$ROOT/srv/pki"
  disk_free_kib() { if [[ $1 == "$ROOT$small" ]]; then REPLY=1000; else REPLY=100000; fi; }
  PKI=/srv/pki small=/srv/pki
  if new_files_have_space; then false; fi
  expect said "$REPLY" 'Disk space: 1000 KiB are free below /srv/pki, the new certificates need 1024 KiB'
  small=/etc/kubernetes
  if new_files_have_space; then false; fi
  small=none
  new_files_have_space
  head -c 3000000 /dev/urandom >"$ROOT/srv/pki/large"
  backup_needs_kib
  [[ $REPLY -ge $((10240 + 2 * 2929)) ]]
  PKI=/etc/kubernetes/pki
  backup_needs_kib
  [[ $REPLY -lt $((10240 + 2929)) ]]
  rmdir "$ROOT$PKI"
  ln -s ../../srv/pki "$ROOT$PKI"
  backup_needs_kib
  [[ $REPLY -ge $((10240 + 2 * 2929)) ]]
}

@test "why the ClusterConfiguration could not be asked for: each reason has its own sentence" {
  . "$SCRIPTS/lib/kubeadm/kubeadm.sh"
  local said wanted
  while IFS='|' read -r said wanted; do
    not_told "$said"
    expect "$said" "$REPLY" "$wanted"
  done <<'END'
Error from server (NotFound): configmaps "kubeadm-config" not found|the cluster has no ConfigMap kube-system/kubeadm-config
Error from server (Forbidden): configmaps "kubeadm-config" is forbidden: User "x" cannot get|the API server does not let admin.conf read the ConfigMap kube-system/kubeadm-config
error: You must be logged in to the server (Unauthorized)|the API server does not let admin.conf read the ConfigMap kube-system/kubeadm-config
Error from server (InternalError): an error on the server|the API server answered: Error from server (InternalError): an error on the server
The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?|the API server did not answer
Unable to connect to the server: net/http: TLS handshake timeout|the API server did not answer
timeout: failed to run command 'kubectl': No such file or directory|kubectl is not on this node
|the API server did not answer
END
}

@test "all files are renewed already: what only kubeadm needs is no obstacle any more" {
  run_step renew-certificates SSM_Force=no SSM_Until=files
  expect "status $RESULT" "$status" 0
  fault kubeadm 'version *' 0 - - v1.19.16
  run_step inspect-control-plane SSM_Inventory=yes
  expect unfinished "$(ask r.renewal.unfinished)" true
  expect obstacles "$(ask 'String(r.renewal.obstacles)')" undefined
  renew
  expect "status $RESULT" "$status" 0
}

@test "check-certificates tells the same, so that no renewal starts that would be refused; of a well node nothing" {
  run_step check-certificates
  expect "status $RESULT" "$status" 0
  expect obstacles "$(ask 'String(r.obstacles)')" undefined
  cp "$NODE_ROOT$MANIFESTS/etcd.yaml" "$NODE_ROOT$MANIFESTS/etcd.yaml.backup"
  run_step check-certificates
  keeps_contract certificateInventory
  expect obstacles "$(ask 'r.obstacles.map((row) => row.reason)')" "[\"the kubelet runs every file in $MANIFESTS, and there etcd.yaml.backup makes a second Pod etcd\"]"
  expect advice "$(ask 'r.obstacles[0].whatToDo')" 'move it out of that folder (a copy is safe anywhere else)'
  unchanged
}
