# How the kubelet of this node is.

# kubelet_active: systemd says so. REPLY is the reason when it does not.
kubelet_active() {
  REPLY=$(limited 10 systemctl is-active kubelet 2>/dev/null) || true
  if [[ $REPLY == active ]]; then return 0; fi
  REPLY="kubelet is ${REPLY:-not known to systemd} (systemctl status kubelet; journalctl -u kubelet)"
  return 1
}
