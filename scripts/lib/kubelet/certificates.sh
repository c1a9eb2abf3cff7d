# The kubelet's rows in the inventory (lib/certificates/rows.sh).

# inventory_of_kubelet: also sets NODE_NAME, from its client certificate.
inventory_of_kubelet() {
  local path folder
  [[ -d $ROOT$KUBELET ]] || return 0
  if kubeconfig_read "$ROOT$KUBERNETES/kubelet.conf" && [[ -n ${K_CERTIFICATE[K_USER]} && -z ${K_DATA[K_USER]} ]]; then
    kubeconfig_path "$KUBERNETES/kubelet.conf" "${K_CERTIFICATE[K_USER]}"
    certificate kubelet-client "$REPLY"
  elif [[ $ETCD == member && ! -e $ROOT$KUBERNETES/kubelet.conf ]]; then
    # On an etcd node the kubelet runs on its own, without an API server to log in to.
    x509_none
  else
    kubeconfig kubelet-client "$KUBERNETES/kubelet.conf"
  fi
  NODE_NAME=$X_NODE
  kubelet_path tlsCertFile tls-cert-file '' && path=$REPLY
  if [[ -z $path ]]; then
    flag_path "$KUBELET_FLAGS" cert-dir "$KUBELET/pki" && folder=$REPLY path=$REPLY/kubelet.crt
    kubelet_setting serverTLSBootstrap rotate-server-certificates
    if [[ $REPLY == true || ! -e $ROOT$path ]] && [[ -e $ROOT$folder/kubelet-server-current.pem ]]; then path=$folder/kubelet-server-current.pem; fi
  fi
  certificate kubelet-serving "$path" optional
}
