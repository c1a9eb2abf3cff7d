# The kubelet's rows in the inventory (lib/certificates/rows.sh).

# inventory_of_kubelet: also sets NODE_NAME, from its client certificate.
inventory_of_kubelet() {
  local path folder conf
  [[ -d $ROOT$KUBELET ]] || return 0
  flag_path "$KUBELET_FLAGS" kubeconfig "$KUBERNETES/kubelet.conf" && conf=$REPLY
  if kubeconfig_read_file "$ROOT$conf" && [[ -n ${K_CERTIFICATE[K_USER]} && -z ${K_DATA[K_USER]} ]]; then
    kubeconfig_path "$conf" "${K_CERTIFICATE[K_USER]}"
    certificate kubelet-client "$REPLY"
    NODE_NAME=$X_NODE
    kubeconfig_authority kubelet.conf "$conf"
  elif [[ $ETCD == member && ! -e $ROOT$conf ]]; then
    # On an etcd node the kubelet runs on its own, without an API server to log in to.
    x509_none
  else
    kubeconfig kubelet-client "$conf"
    NODE_NAME=$X_NODE
  fi
  kubelet_path tlsCertFile tls-cert-file '' && path=$REPLY
  if [[ -z $path ]]; then
    flag_path "$KUBELET_FLAGS" cert-dir "$KUBELET/pki" && folder=$REPLY path=$REPLY/kubelet.crt
    kubelet_setting serverTLSBootstrap rotate-server-certificates
    if [[ $REPLY == true || ! -e $ROOT$path ]] && [[ -e $ROOT$folder/kubelet-server-current.pem ]]; then path=$folder/kubelet-server-current.pem; fi
  fi
  certificate kubelet-serving "$path" optional
  kubelet_path authentication.x509.clientCAFile client-ca-file ''
  # That of an etcd node asks no API server, and need not know its CA.
  [[ -z $REPLY || ($ETCD == member && ! -e $ROOT$REPLY) ]] || trusted 'kubelet clientCAFile' "$REPLY"
}
