# What kube-proxy and network plugins leave on a machine that is no node any more. Rules of anybody else stay.

CNI_CONFIG=/etc/cni/net.d
# Chains of kube-proxy and the kubelet, of the CNI plugins, and of the common network plugins.
THEIR_CHAINS='(^:|-[Ajg] )(KUBE-|CNI-|cali-|FLANNEL-|CILIUM_|OLD_CILIUM_|WEAVE)'
# Bridges and interfaces that keep the addresses of the cluster's pods.
THEIR_LINKS='kube-ipvs0 cni0 flannel.1 flannel-v6.1 vxlan.calico cilium_host cilium_net cilium_vxlan'

# network_plugin_set_aside: a network plugin writes its configuration anew on a node, where it is none of the machine's image
network_plugin_set_aside() {
  local file
  for file in "$ROOT$CNI_CONFIG"/* "$ROOT$CNI_CONFIG"/.[!.]*; do
    [[ -e $file || -L $file ]] || continue
    rm -rf "$RESET/cni/${file##*/}"
    mkdir -p "$RESET/cni" && mv "$file" "$RESET/cni/" || fail "${file#"$ROOT"} cannot be moved to /var/lib/kubeadm-autopilot/reset/cni: is the disk full or read-only?"
    log "moved ${file#"$ROOT"} to /var/lib/kubeadm-autopilot/reset/cni"
  done
}

# network_rules_remove: of iptables those chains and the rules that lead there; of nftables kube-proxy's own tables
network_rules_remove() {
  local tool rules
  for tool in iptables ip6tables; do
    command -v "$tool-save" >/dev/null && command -v "$tool-restore" >/dev/null || continue
    rules=$(limited 30 "$tool-save" -c 2>/dev/null) || continue
    printf '%s\n' "$rules" | grep -Eq "$THEIR_CHAINS" || continue
    printf '%s\n' "$rules" | grep -Ev "$THEIR_CHAINS" | limited 30 "$tool-restore" -c ||
      warn "Rules of Kubernetes are left in $tool: restart the machine, which removes them."
  done
  command -v nft >/dev/null || return 0
  for tool in ip ip6; do
    if limited 10 nft list table "$tool" kube-proxy >/dev/null 2>&1; then
      limited 10 nft delete table "$tool" kube-proxy || warn "kube-proxy's table is left in nftables: restart the machine, which removes it."
    fi
  done
}

network_links_remove() {
  local link
  for link in $THEIR_LINKS; do
    [[ -e $ROOT/sys/class/net/$link ]] || continue
    # In this mode kube-proxy's Services are virtual servers of the kernel.
    if [[ $link == kube-ipvs0 ]] && command -v ipvsadm >/dev/null; then limited 10 ipvsadm --clear || true; fi
    limited 10 ip link delete "$link" || warn "The network interface $link is left: restart the machine, which removes it."
  done
}

# remains_warn: what is left on purpose, because other programs may need it
remains_warn() {
  if [[ -e $ROOT/root/.kube/config ]]; then
    warn '/root/.kube/config is left on the machine: delete it, because its certificate is valid until it ends.'
  fi
}
