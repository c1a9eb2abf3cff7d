# How the kubelet of this node is: whether it runs, and with whose bootstrap file.

BOOTSTRAP=$KUBERNETES/bootstrap-kubelet.conf
BOOTSTRAP_MARK='# Written by kubeadm-autopilot; it goes once the kubelet has its certificate.'

# kubelet_active: systemd says so. REPLY is the reason when it does not.
kubelet_active() {
  REPLY=$(limited 10 systemctl is-active kubelet 2>/dev/null) || true
  if [[ $REPLY == active ]]; then return 0; fi
  REPLY="kubelet is ${REPLY:-not known to systemd} (systemctl status kubelet; journalctl -u kubelet)"
  return 1
}

# bootstrap_owner -> REPLY: ours, other; empty when there is no bootstrap-kubelet.conf
bootstrap_owner() {
  REPLY=''
  [[ -e $ROOT$BOOTSTRAP ]] || return 0
  if [[ $(head -n 1 "$ROOT$BOOTSTRAP") == "$BOOTSTRAP_MARK" ]]; then REPLY=ours; else REPLY=other; fi
}
