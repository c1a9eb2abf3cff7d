# Who this node is.

# kubelet_name: sets NODE_NAME, from the kubelet's client certificate
kubelet_name() {
  NODE_NAME=''
  x509_none
  kubeconfig_read "$ROOT$KUBERNETES/kubelet.conf" || return 0
  if [[ -n ${K_DATA[K_USER]} ]]; then
    x509_read_base64 "${K_DATA[K_USER]}"
  else
    kubeconfig_path "$KUBERNETES/kubelet.conf" "${K_CERTIFICATE[K_USER]}" && x509_read "$ROOT$REPLY"
  fi
  NODE_NAME=$X_NODE
}

# refuse_unless_joined
refuse_unless_joined() {
  [[ -r $ROOT$KUBERNETES/kubelet.conf ]] || refuse "This node has joined no cluster: $KUBERNETES/kubelet.conf is not there; check the tag kubeadm-autopilot:role."
}
