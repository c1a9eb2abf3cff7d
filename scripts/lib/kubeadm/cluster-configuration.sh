# The ClusterConfiguration as the API server has it now, read as this node may: by admin.conf, or by the kubelet's own credentials.

# api_kubeconfig -> REPLY: admin.conf on a control plane, kubelet.conf elsewhere
api_kubeconfig() {
  REPLY=$ROOT$KUBERNETES/admin.conf
  [[ -r $REPLY ]] || REPLY=$ROOT$KUBERNETES/kubelet.conf
}

# current_configuration: sets CONFIGURATION, waiting for an API server that is being restarted. Ends the step when the API server does not tell.
current_configuration() {
  local until=$((SECONDS + PATIENCE)) said
  api_kubeconfig
  local with=$REPLY
  until CONFIGURATION=$(limited 8 kubectl --kubeconfig="$with" --request-timeout=5s -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}' 2>&1) &&
    [[ $'\n'$CONFIGURATION == *$'\n''kind: ClusterConfiguration'* ]]; do
    said=$(printf '%s' "$CONFIGURATION" | tail -n 1 | head -c 300)
    [[ $SECONDS -lt $until ]] || fail "The ConfigMap kube-system/kubeadm-config cannot be read with ${with#"$ROOT"}: ${said:-it holds no ClusterConfiguration}"
    sleep 1
  done
}

# configuration_value NAME -> REPLY, a field at the top of CONFIGURATION
configuration_value() { REPLY=$(printf '%s\n' "$CONFIGURATION" | sed -n "s/^$1: *[\"']\{0,1\}\([^\"' ]*\).*/\1/p" | head -n 1); }
