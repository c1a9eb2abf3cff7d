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
  fault kubeadm 'help certs renew all' 0 - - 'Unknown help topic [`certs` `renew` `all`]\nUsage:\n  kubeadm [command]'
  obstacle 'kubeadm renews certificates' "kubeadm v1.* does not know the command 'kubeadm certs renew all': Unknown help topic [[]\`certs\` \`renew\` \`all\`]"
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

# second_manifest TEXT: what is said of a file with TEXT in the folder of manifests, under the name in `as`
second_manifest() {
  local name
  for name in core/yaml static-pods/containers static-pods/second-manifests; do . "$SCRIPTS/lib/$name.sh"; done
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
  for name in core/yaml kubernetes/paths kubernetes/arguments kubelet/settings runtime/endpoint; do . "$SCRIPTS/lib/$name.sh"; done
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

@test "crictl does not answer: refused; a kubeadm that hangs over its configuration has refused nothing" {
  fault crictl 'ps *' 1
  obstacle 'the runtime shows the pods' 'crictl does not answer, and without it the static pods cannot be restarted'
  rm -r "$NODE_ROOT/faults"
  fault kubeadm 'config images list *' 124
  no_obstacle
}

@test "a manifest that is missing, a key of another CA, a certificate that cannot be read: gates too" {
  local other=$BATS_TEST_TMPDIR/other.key key=$NODE_ROOT/etc/kubernetes/pki/front-proxy-ca.key
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$other" 2>/dev/null
  cp "$other" "$key"
  obstacle 'ca keys can sign' '/etc/kubernetes/pki/front-proxy-ca.key does not belong to /etc/kubernetes/pki/front-proxy-ca.crt, *'
  restore_node
  echo garbage >"$NODE_ROOT/etc/kubernetes/pki/front-proxy-client.crt"
  BEFORE=$(serials)
  obstacle 'certificates can be read' '/etc/kubernetes/pki/front-proxy-client.crt (front-proxy-client) cannot be renewed: not a PEM certificate'
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
