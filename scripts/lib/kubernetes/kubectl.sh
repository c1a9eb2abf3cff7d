# kubectl as the cluster's administrator, through the API server of this very node: no balancer has to have noticed it yet.

# kubectl_here ARGUMENTS... -> stdout and stderr as they are
kubectl_here() { kubectl_for 8 --request-timeout=5s "$@"; }

# kubectl_for SECONDS ARGUMENTS...: a call that may take longer
kubectl_for() {
  local seconds=$1
  shift
  serves_at "$API_SERVER" 6443
  limited "$seconds" kubectl --kubeconfig="$ROOT$KUBERNETES/admin.conf" --server="https://$REPLY" --tls-server-name=kubernetes "$@"
}

# refuse_unless_administrator: this node has what kubectl_here needs
refuse_unless_administrator() {
  [[ $CONTROL_PLANE == yes && -r $ROOT$KUBERNETES/admin.conf ]] ||
    refuse "This node is no control plane with $KUBERNETES/admin.conf: check the tag kubeadm-autopilot:role."
}
