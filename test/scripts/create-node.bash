# A bare machine for the tests of the steps that make a cluster: that of upgrade-node.bash without Kubernetes, and with more tools.

make_machine() {
  local tool
  make_node worker
  rm -rf "$FACTS/packages"/* "$NODE_ROOT"/etc/apt/sources.list.d/* "$NODE_ROOT/etc/kubernetes/kubelet.conf"
  : >"$FACTS/held"
  mkdir "$NODE_ROOT/usr/bin/base"
  for tool in apt-get kubeadm curl; do mv "$NODE_ROOT/usr/bin/$tool" "$NODE_ROOT/usr/bin/base/"; done
  for tool in apt-get kubeadm curl crio docker containerd modprobe swapoff timedatectl; do ln -s "$PROJECT/test/scripts/create-tools.sh" "$NODE_ROOT/usr/bin/$tool"; done
  for tool in systemctl crictl; do ln -sf "$PROJECT/test/scripts/create-tools.sh" "$NODE_ROOT/usr/bin/$tool"; done
  mkdir -p "$NODE_ROOT"/proc/sys/net/{ipv4,bridge} "$NODE_ROOT/proc/net" "$NODE_ROOT/etc/containerd" "$NODE_ROOT/sys/class/net/eth0"
  for tool in ipv4/ip_forward bridge/bridge-nf-call-iptables bridge/bridge-nf-call-ip6tables; do echo 0 >"$NODE_ROOT/proc/sys/net/$tool"; done
  printf 'nodev\toverlay\n' >"$NODE_ROOT/proc/filesystems"
  echo 'Filename Type Size Used Priority' >"$NODE_ROOT/proc/swaps"
  echo 'MemTotal:        4000000 kB' >"$NODE_ROOT/proc/meminfo"
  printf '%s\n' 'Iface Destination Gateway' 'eth0 00000000 0100000A' 'cni0 0000580A 00000000' >"$NODE_ROOT/proc/net/route"
  echo 0a:00:00:00:00:01 >"$NODE_ROOT/sys/class/net/eth0/address"
  # 6443 and 10250 listen; 2379 is the far end of a connection.
  printf '%s\n' '  sl  local_address rem_address   st' '   0: 00000000:192B 00000000:0000 0A' '   1: 0100007F:094B 0100007F:094B 01' >"$NODE_ROOT/proc/net/tcp"
  printf '%s\n' '  sl  local_address rem_address   st' '   0: 00000000000000000000000000000000:280A 00000000000000000000000000000000:0000 0A' >"$NODE_ROOT/proc/net/tcp6"
  printf '%s\n' 'ID=debian' 'VERSION_ID="12"' >"$NODE_ROOT/etc/os-release"
}
