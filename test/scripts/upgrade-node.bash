# Shared by the tests of the upgrade's steps: a node of files, with upgrade-tools.sh under the names of its tools. Whether the real tools answer
# so is seen on real clusters (test/lab/upgrade.lab.ts).

# make_node control-plane|worker
make_node() {
  local tool component
  NODE_ROOT=$BATS_TEST_TMPDIR/node
  NODE_PATH=$NODE_ROOT/usr/bin:/usr/local/bin:/usr/bin:/bin
  STATE=$NODE_ROOT/var/lib/kubeadm-autopilot
  FACTS=$NODE_ROOT/facts
  rm -rf "$NODE_ROOT"
  mkdir -p "$NODE_ROOT"/{usr/bin,faults,facts/packages,proc/7,etc/apt/sources.list.d,etc/apt/keyrings,etc/kubernetes/manifests,var/lib/kubelet,var/lib/etcd}
  for tool in apt-get apt-mark dpkg dpkg-query dpkg-deb kubeadm kubectl crictl curl systemctl journalctl ctr; do
    ln -s "$PROJECT/test/scripts/upgrade-tools.sh" "$NODE_ROOT/usr/bin/$tool"
  done
  # What is waited for is there at once, or never comes.
  printf '%s\n' '#!/bin/bash' 'exec /bin/sleep 0.1' >"$NODE_ROOT/usr/bin/sleep"
  chmod +x "$NODE_ROOT/usr/bin/sleep"
  for tool in kubeadm kubelet kubectl; do echo 1.36.3 >"$FACTS/packages/$tool"; done
  printf '%s\n' kubelet kubeadm kubectl >"$FACTS/held"
  echo active >"$FACTS/kubelet"
  : >"$FACTS/images"
  : >"$FACTS/diff"
  printf '%s\n' 'apiVersion: kubeadm.k8s.io/v1beta4' 'kind: ClusterConfiguration' 'controlPlaneEndpoint: api:6443' 'kubernetesVersion: v1.36.3' >"$FACTS/configuration"
  echo '11|||True|v1.36.3|' >"$FACTS/node"
  printf '%s\n' '-----BEGIN PGP PUBLIC KEY BLOCK-----' 'Version: 1' '' 'bmV3IGtleQ==' '=abcd' '-----END PGP PUBLIC KEY BLOCK-----' >"$FACTS/key.asc"
  echo 'deb [signed-by=/etc/apt/keyrings/k8s.gpg] https://mirror.test/core:/stable:/v1.36/deb/ /' >"$NODE_ROOT/etc/apt/sources.list.d/kubernetes.list"
  printf 'old key' >"$NODE_ROOT/etc/apt/keyrings/k8s.gpg"
  printf '%s\n' 'apiVersion: v1' 'clusters:' '- cluster:' '    server: https://10.0.0.1:6443' '  name: demo' 'contexts:' '- context:' '    cluster: demo' '    user: node' \
    '  name: node@demo' 'current-context: node@demo' 'users:' '- name: node' '  user:' '    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem' >"$NODE_ROOT/etc/kubernetes/kubelet.conf"
  printf '/usr/bin/kubelet\0--config=/var/lib/kubelet/config.yaml\0' >"$NODE_ROOT/proc/7/cmdline"
  [[ $1 == control-plane ]] || return 0
  cp "$NODE_ROOT/etc/kubernetes/kubelet.conf" "$NODE_ROOT/etc/kubernetes/admin.conf"
  for component in kube-apiserver kube-controller-manager kube-scheduler; do
    printf '%s\n' 'spec:' '  containers:' '  - command:' "    - $component" '    - --etcd-servers=https://127.0.0.1:2379' "    image: registry.k8s.io/$component:v1.36.3" >"$NODE_ROOT/etc/kubernetes/manifests/$component.yaml"
  done
  printf '%s\n' '  - command:' '    - etcd' '    - --name=cp-1' '    image: registry.k8s.io/etcd:3.6.8-0' >"$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml"
}

# fault TOOL PATTERN CODE [LINE...]
fault() { # overrides the one of simulated nodes
  local tool=$1
  shift
  printf '%s\n' "$@" >"$NODE_ROOT/faults/$tool"
}

# Added where something is waited for that does not come.
SOON=NODE_STEP_PATIENCE=1

stage() { run_step stage-upgrade SSM_Version="${1:-1.37.2}" "${@:2}"; }
upgrade() { # upgrade [NAME=VALUE...]
  run_step upgrade-kubeadm SSM_Version=1.37.2 SSM_Command=apply SSM_KubeletServer=endpoint SSM_IgnoreErrors=none SSM_RenewCertificates=yes SSM_SkipPhases=none \
    "$@"
}
raise() { run_step raise-etcd SSM_ImageTag=3.6.12-0 SSM_KubeletServer=endpoint "$@"; }
kubelet() { run_step upgrade-kubelet SSM_Version=1.37.2 "$@"; }
drain() { run_step drain-node SSM_Node=worker-1 SSM_TimeoutSeconds=1 SSM_Force=no "$@"; }
uncordon() { run_step uncordon-node SSM_Node=worker-1 SSM_Version=1.36.3 "$@"; }

held() { sort -u "$FACTS/held" | tr '\n' ' '; }
server() { sed -n 's/^ *server: //p' "$NODE_ROOT/etc/kubernetes/kubelet.conf"; }
unfinished() { ls "$STATE/upgrade" | grep -c unfinished || true; }
