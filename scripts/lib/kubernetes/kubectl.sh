# kubectl as the cluster's administrator, through the API server of this very node: no balancer has to have noticed it yet.

# kubectl_here ARGUMENTS... -> stdout and stderr as they are
kubectl_here() {
  local port
  flag_port "$API_SERVER" 6443 && port=$REPLY
  listen_address "$API_SERVER"
  limited 8 kubectl --kubeconfig="$ROOT$KUBERNETES/admin.conf" --server="https://$REPLY:$port" --tls-server-name=kubernetes --request-timeout=5s "$@"
}

# refuse_unless_administrator: this node has what kubectl_here needs
refuse_unless_administrator() {
  [[ $CONTROL_PLANE == yes && -r $ROOT$KUBERNETES/admin.conf ]] ||
    refuse "This node is no control plane with $KUBERNETES/admin.conf: check the tag kubeadm-autopilot:role."
}
