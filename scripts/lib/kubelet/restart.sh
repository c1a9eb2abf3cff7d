# A kubelet that is to get a certificate: its restart, and what it says when it does not get on.

# kubelet_restart: ends the step when it does not stay active
kubelet_restart() {
  kubelet_stays "$PATIENCE" || { kubelet_says && fail "The kubelet does not stay active: $REPLY"; }
}

# kubelet_says -> REPLY, why it has no certificate, as far as its log of this start tells; needs STARTED_AT
kubelet_says() {
  local text line
  kubeconfig_salvage "$ROOT$KUBELET_CONF"
  text=$(limited 10 journalctl -u kubelet --since "@$STARTED_AT" -n 500 --no-pager -o cat 2>/dev/null) || text='cannot read its log'
  # Only what it says of its request: without a certificate it is forbidden all else as system:anonymous, and says so again and again.
  line=$(printf '%s\n' "$text" | grep -i 'requesting a signed certificate\|certificate signing request\|command failed' | tail -n 1 | tail -c 300) || line=''
  case $line in
    *nauthorized*) REPLY="the API server refuses the bootstrap token: it has ended, or was not made; make a new one, then run this again." ;;
    *orbidden*) REPLY="the API server does not let the token ask for certificates: are the ClusterRoleBindings kubeadm:kubelet-bootstrap and kubeadm:node-autoapprove-bootstrap there?" ;;
    *refused* | *EOF* | *'no route'* | *'imeout'* | *'deadline exceeded'* | *'no such host'*) REPLY="the API server at $K_SERVER does not answer it." ;;
    '') REPLY="nobody signed what it asked for: look at 'kubectl get csr' and at kube-controller-manager, which signs." ;;
    *) REPLY="look at 'journalctl -u kubelet'." ;;
  esac
  REPLY="$REPLY${line:+ Its log: $line}"
  pending_requests "$REPLY"
}

# pending_requests TEXT -> REPLY, TEXT and what a control plane knows of certificate requests
pending_requests() {
  local count
  REPLY=$1
  [[ $CONTROL_PLANE == yes && -r $ROOT$KUBERNETES/admin.conf ]] || return 0
  count=$(kubectl_here get csr --no-headers 2>/dev/null | grep -c ' Pending$') || true
  REPLY="$1 kubectl get csr: ${count:-0} pending."
}
