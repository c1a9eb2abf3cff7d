# Who this node is.

# kubelet_name: sets NODE_NAME, from the kubelet's client certificate
kubelet_name() {
  kubeconfig_value "$ROOT$KUBERNETES/kubelet.conf" client-certificate
  x509_read "$ROOT$REPLY"
  if [[ -n $X_ERROR ]]; then
    kubeconfig_value "$ROOT$KUBERNETES/kubelet.conf" client-certificate-data
    x509_read_base64 "$REPLY"
  fi
  NODE_NAME=$X_NODE
}

# refuse_unless_joined
refuse_unless_joined() {
  [[ -r $ROOT$KUBERNETES/kubelet.conf ]] || refuse "This node has joined no cluster: $KUBERNETES/kubelet.conf is not there; check the tag kubeadm-autopilot:role."
}
