# The bootstrap file of this node's kubelet, and whose it is.

BOOTSTRAP=$KUBERNETES/bootstrap-kubelet.conf
BOOTSTRAP_MARK='# Written by kubeadm-autopilot; it goes once the kubelet has its certificate.'

# bootstrap_owner -> REPLY: ours, other; empty when there is no bootstrap-kubelet.conf
bootstrap_owner() {
  REPLY=''
  [[ -e $ROOT$BOOTSTRAP ]] || return 0
  if [[ $(head -n 1 "$ROOT$BOOTSTRAP") == "$BOOTSTRAP_MARK" ]]; then REPLY=ours; else REPLY=other; fi
}
