# Shared by the tests of the steps that remove a node: that of upgrade-node.bash, with more tools (remove-tools.sh). Whether the real tools answer
# so is seen on real clusters (test/lab/remove.lab.ts).

# make_leaving control-plane|worker
make_leaving() {
  local tool
  make_node "$1"
  mkdir "$NODE_ROOT/usr/bin/base"
  for tool in kubeadm systemctl kubectl crictl; do mv "$NODE_ROOT/usr/bin/$tool" "$NODE_ROOT/usr/bin/base/"; done
  for tool in kubeadm systemctl kubectl crictl iptables-save iptables-restore ip6tables-save ip6tables-restore nft ip ipvsadm; do
    ln -s "$PROJECT/test/scripts/remove-tools.sh" "$NODE_ROOT/usr/bin/$tool"
  done
  mkdir -p "$NODE_ROOT"/etc/cni/net.d "$NODE_ROOT"/sys/class/net "$NODE_ROOT/root/.kube" "$NODE_ROOT/etc/kubernetes/tmp" "$NODE_ROOT/var/lib/etcd/member"
  echo '{}' >"$NODE_ROOT/etc/cni/net.d/10-plugin.conflist"
  echo wal >"$NODE_ROOT/var/lib/etcd/member/wal"
  echo old >"$NODE_ROOT/etc/kubernetes/tmp/backup"
  printf '%s\n' "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/crio.sock --node-ip=10.0.0.1\"" >"$NODE_ROOT/var/lib/kubelet/kubeadm-flags.env"
  printf '%s\0' /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --container-runtime-endpoint=unix:///run/crio.sock --node-ip=10.0.0.1 >"$NODE_ROOT/proc/7/cmdline"
  printf '%s\n' '*filter' ':INPUT ACCEPT [1:2]' ':KUBE-FIREWALL - [0:0]' ':MINE - [0:0]' '[3:4] -A INPUT -j KUBE-FIREWALL' '[5:6] -A INPUT -m comment --comment "KUBE-LIKE, not Kubernetes" -j MINE' \
    '[0:0] -A KUBE-FIREWALL -j DROP' COMMIT >"$FACTS/iptables"
  : >"$FACTS/ip6tables"
  members cp-1 cp-2 cp-3
}

# members NAME...: of etcd, by number
members() {
  local name
  for name in "$@"; do
    printf '%s, started, %s, https://10.0.0.%s:2380, https://10.0.0.%s:2379, false\n' "${name#cp-}a" "$name" "${name#cp-}" "${name#cp-}"
  done >"$FACTS/members"
}

reset_machine() { run_step reset-node SSM_Node=cp-1 SSM_LeaveEtcd=yes "$@"; }
forget() { run_step forget-node SSM_Node=cp-2 SSM_Member=2a "$@"; }
