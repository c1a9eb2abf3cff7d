# Preconditions of restarting the static pods (preconditions.sh).

every_manifest_is_there() {
  local component
  for component in $STATIC_PODS; do
    static_pod_is_here "$component" || continue
    REPLY="$MANIFESTS/$component.yaml is not there"
    ADVICE="put the manifest back (look in /var/lib/kubeadm-autopilot/backups and $KUBERNETES/tmp)"
    [[ -s $ROOT$MANIFESTS/$component.yaml ]] || return 1
  done
}

each_pod_has_one_manifest() {
  second_manifests
  [[ -n $REPLY ]] || return 0
  REPLY="the kubelet runs every file in $MANIFESTS, and there $REPLY"
  ADVICE='move it out of that folder (a copy is safe anywhere else)'
  return 1
}

# the_runtime_shows_the_pods: what is restarted is found by its container. Where a port answers and there is none, crictl asks another runtime than
# the kubelet, or what answers is no static pod.
the_runtime_shows_the_pods() {
  local component address
  REPLY='crictl does not answer, and without it the static pods cannot be restarted'
  ADVICE='look at the container runtime (crictl info)'
  limited 10 crictl ps -q >/dev/null || return 1
  for component in $STATIC_PODS; do
    static_pod_is_here "$component" || continue
    component_address "$component" && address=$REPLY
    # It may have been started between the two looks.
    if [[ -z $address ]] || runs_in_container "$component" || ! answers_tls "$address" || runs_in_container "$component"; then continue; fi
    REPLY="$component answers at $address, and crictl shows no container of it (${CONTAINER_RUNTIME_ENDPOINT:-the runtime of /etc/crictl.yaml})"
    ADVICE='see which runtime the kubelet uses (its --container-runtime-endpoint, or containerRuntimeEndpoint in its configuration), and what listens on that port'
    return 1
  done
}

# every_other_member_is_healthy: of an external etcd, before this member restarts. One that is out because its own certificate has ended is what a
# renewal is for.
every_other_member_is_healthy() {
  [[ $ETCD == member ]] || return 0
  if etcd_credentials_ended || etcd_all_healthy; then return 0; fi
  ADVICE='repair that member first: without it etcd would lose its majority while this one restarts'
  return 1
}

# runs_in_container COMPONENT
runs_in_container() { static_pod_container "$1" && [[ -n $REPLY ]]; }

# component_address COMPONENT -> REPLY, host:port; empty where it listens on none
component_address() {
  case $1 in
    etcd) REPLY=$ETCD_CLIENT_ADDRESS ;;
    kube-apiserver) serves_at "$API_SERVER" 6443 ;;
    kube-controller-manager) serves_at "$CONTROLLER_MANAGER" 10257 ;;
    kube-scheduler) serves_at "$SCHEDULER" 10259 ;;
  esac
}

# answers_tls HOST:PORT: with a certificate
answers_tls() {
  x509_read_text "$(limited 3 openssl s_client -connect "$1" </dev/null 2>&1)"
  [[ -z $X_ERROR ]]
}
