# The inventory of a node: every certificate that it should have, one row each (rows.sh).

# The whole inventory, in the order in which it is shown. Nothing here depends on an API server, on kubeadm or on a valid date.
inventory_collect() {
  inventory_clear
  certificate_authority ca "$PKI/ca.crt"
  if [[ $ETCD == stacked || $ETCD == member ]]; then certificate_authority etcd-ca "$ETCD_CA"; fi
  if [[ $CONTROL_PLANE == yes ]]; then
    certificate_authority front-proxy-ca "$PKI/front-proxy-ca.crt"
    inventory_of_control_plane
  fi
  case $ETCD in
    stacked) inventory_of_etcd kubeadm ;;
    member) inventory_of_etcd '' ;;
  esac
  inventory_of_kubelet
  inventory_signers
}

inventory_of_control_plane() {
  certificate apiserver "$PKI/apiserver.crt" kubeadm
  # Somebody's own serving certificate: kubeadm does not renew it, and port 6443 serves it instead.
  flag_path "$API_SERVER" tls-cert-file "$PKI/apiserver.crt" && API_SERVING=apiserver
  if [[ $REPLY != "$PKI/apiserver.crt" ]]; then certificate apiserver-serving "$REPLY" && API_SERVING=apiserver-serving; fi
  certificate apiserver-kubelet-client "$PKI/apiserver-kubelet-client.crt" kubeadm
  certificate front-proxy-client "$PKI/front-proxy-client.crt" kubeadm
  if [[ $ETCD == external ]]; then
    flag_path "$API_SERVER" etcd-cafile '' && [[ -z $REPLY ]] || certificate_authority etcd-ca "$REPLY"
    flag_path "$API_SERVER" etcd-certfile "$PKI/apiserver-etcd-client.crt" && certificate external-etcd-client "$REPLY" 'external optional'
  else
    certificate apiserver-etcd-client "$PKI/apiserver-etcd-client.crt" kubeadm
  fi
  kubeconfig admin.conf "$KUBERNETES/admin.conf" kubeadm
  kubeconfig super-admin.conf "$KUBERNETES/super-admin.conf" 'kubeadm optional'
  kubeconfig controller-manager.conf "$KUBERNETES/controller-manager.conf" kubeadm
  kubeconfig scheduler.conf "$KUBERNETES/scheduler.conf" kubeadm
  # Serving certificates that somebody configured; without one these components sign their own in memory.
  flag_path "$CONTROLLER_MANAGER" tls-cert-file '' && [[ -z $REPLY ]] || certificate controller-manager-serving "$REPLY"
  flag_path "$SCHEDULER" tls-cert-file '' && [[ -z $REPLY ]] || certificate scheduler-serving "$REPLY"
}

# inventory_of_etcd FLAGS
inventory_of_etcd() {
  certificate etcd-server "$ETCD_CERT" "$1"
  certificate etcd-peer "$ETCD_PEER_CERT" "$1"
  if [[ $ETCD == stacked ]]; then
    certificate etcd-healthcheck-client "$ETCD_PKI/healthcheck-client.crt" "$1"
  else
    certificate etcd-healthcheck-client "$ETCD_PKI/healthcheck-client.crt" optional
  fi
}
