#!/usr/bin/env bats
# What a renewal needs (preconditions.bats), each of the rarer things that may stand in its way.
load helpers
load renewal
load preconditions

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

@test "/etc/kubernetes is read-only: refused" {
  in_view "$READ_ONLY; read_only etc/kubernetes"
  obstacle 'files can be written' '/etc/kubernetes/pki/apiserver.crt cannot be written (Read-only file system)'
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
