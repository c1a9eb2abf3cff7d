# The kubelet's rows in the inventory (lib/certificates/rows.sh).

# inventory_of_kubelet: also sets NODE_NAME, from its client certificate.
inventory_of_kubelet() {
  local config path
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
  config=$ROOT$KUBELET/config.yaml
  yaml_value "$config" tlsCertFile && path=$REPLY
  if [[ -z $path ]]; then
    path=$KUBELET/pki/kubelet.crt
    yaml_value "$config" serverTLSBootstrap
    if [[ $REPLY == true || ! -e $ROOT$path ]] && [[ -e $ROOT$KUBELET/pki/kubelet-server-current.pem ]]; then path=$KUBELET/pki/kubelet-server-current.pem; fi
  fi
  certificate kubelet-serving "$path" optional
}
