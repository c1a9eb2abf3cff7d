# Restarting static pods one by one. The manifests are never touched: the sandbox is removed, and the kubelet, which still has the
# manifest, makes a new one within a second. So whatever dies at whatever moment, the node keeps its static pods.

# etcd first: the API server has to find it again. The API server before the two that talk to it.
STATIC_PODS='etcd kube-apiserver kube-controller-manager kube-scheduler'
# Seconds until a new container has to run, and again until it has to be healthy.
PATIENCE=${NODE_STEP_PATIENCE:-150}

# static_pod_sandboxes COMPONENT -> REPLY, ids
static_pod_sandboxes() {
  REPLY=$(limited 10 crictl pods --namespace kube-system --name "^$1-" --label "component=$1" -q) || REPLY=''
  # Manifests that somebody wrote by hand may have no label.
  [[ -n $REPLY ]] || REPLY=$(limited 10 crictl pods --namespace kube-system --name "^$1-" -q) || REPLY=''
}

# remove_sandbox COMPONENT ID: not believed to have failed before the third time. On a busy node crictl gives up after its own 2 s while the
# runtime goes on, and the kubelet may have cleared an old sandbox away first.
remove_sandbox() {
  local try
  for try in 1 2 3; do
    limited 60 crictl rmp -f "$2" && return 0
    log "crictl rmp -f ended with $? (attempt $try)"
    sleep 1
    static_pod_sandboxes "$1"
    case $'\n'$REPLY$'\n' in
      *$'\n'"$2"$'\n'*) ;;
      $'\n\n') ;; # crictl does not answer, or the kubelet has not made a new one yet: try again
      *) return 0 ;;
    esac
  done
  return 1
}

# static_pod_restart COMPONENT OLD: removes its sandboxes while OLD still runs, waits for a new container and for its health.
# -> REPLY, the new container's id. Ends the step when it does not come back.
static_pod_restart() {
  local component=$1 old=$2 sandbox sandboxes
  static_pod_container "$component" || fail "$component was not restarted: crictl does not answer. Look at the container runtime (systemctl status containerd), then run this again; it goes on with $component."
  if [[ $REPLY == "$old" ]]; then
    static_pod_sandboxes "$component"
    sandboxes=$REPLY
    [[ -n $sandboxes ]] || fail "crictl shows no sandbox of $component in kube-system: look at 'crictl pods' and 'journalctl -u kubelet', then run this again."
    kubelet_active || fail "$component was not restarted: $REPLY. Start the kubelet, then run this again; it goes on with $component."
    for sandbox in $sandboxes; do
      log "remove sandbox $sandbox of $component"
      remove_sandbox "$component" "$sandbox" || fail "crictl rmp -f could not remove the sandbox of $component: look at 'systemctl status containerd' (or the runtime of this node), then run this again. Its manifest is in place."
    done
  fi
  static_pod_wait "$component" "$old"
}

# static_pod_wait COMPONENT OLD -> REPLY, the id of the new container, once it runs and is healthy
static_pod_wait() {
  local component=$1 old=$2 id='' reason='' until=$((SECONDS + PATIENCE))
  while :; do
    static_pod_container "$component" "$old" || true
    id=$REPLY
    [[ -z $id ]] || break
    if ! kubelet_active && [[ $REPLY != *' activating '* ]]; then
      fail "$component is not running: $REPLY. Its manifest is in place: start the kubelet, and it starts $component; then run this again."
    fi
    [[ $SECONDS -lt $until ]] || fail "The kubelet has not started a new container of $component within $PATIENCE s: look at 'journalctl -u kubelet' and 'crictl ps -a'. Its manifest is in place; run this again once it runs."
    sleep 0.3
  done
  log "$component runs in container $id"
  until=$((SECONDS + PATIENCE))
  until healthy "$component" && static_pod_container "$component" "$old" && [[ -n $REPLY ]]; do
    reason=${REPLY:-its container has ended}
    [[ $SECONDS -lt $until ]] || fail "$component was restarted with the renewed certificates but is not healthy after $PATIENCE s: $reason. Look at 'crictl logs $id'; the other components were left alone. Run this again once it is healthy."
    sleep 0.3
  done
  log "$component is healthy"
}
