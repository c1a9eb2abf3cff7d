# Restarting static pods one by one. The manifests are never touched: the sandbox is removed, and the kubelet, which still has the
# manifest, makes a new one within a second. So whatever dies at whatever moment, the node keeps its static pods.

# static_pod_sandboxes COMPONENT -> REPLY, ids. Returns 1 when crictl does not answer.
static_pod_sandboxes() {
  REPLY=$(limited 10 crictl pods --namespace kube-system --name "^$1-" --label "component=$1" -q) || { REPLY='' && return 1; }
  # Manifests that somebody wrote by hand may have no label.
  [[ -n $REPLY ]] || REPLY=$(limited 10 crictl pods --namespace kube-system --name "^$1-" -q) || { REPLY='' && return 1; }
}

# remove_sandbox COMPONENT ID: not believed to have failed before the third time. On a busy node crictl gives up after its own 2 s while the
# runtime goes on, and the kubelet may have cleared an old sandbox away first.
remove_sandbox() {
  local try
  for try in 1 2 3; do
    limited 60 crictl rmp -f "$2" && return 0
    log "crictl rmp -f ended with $? (attempt $try)"
    sleep 1
    static_pod_sandboxes "$1" || true
    case $'\n'$REPLY$'\n' in
      *$'\n'"$2"$'\n'*) ;;
      $'\n\n') ;; # crictl does not answer, or the kubelet has not made a new one yet: try again
      *) return 0 ;;
    esac
  done
  return 1
}

# remove_orphans SANDBOX...: the kubelet may have made a container in a sandbox just before that went. It could not be started, and while
# it is there the kubelet takes the component for one that crashes: it would wait 10 s and longer before it starts another.
remove_orphans() {
  local sandbox container
  for sandbox in "$@"; do
    for container in $(limited 10 crictl ps -a --pod "$sandbox" -q); do
      log "remove container $container, whose sandbox is gone"
      limited 10 crictl rm -f "$container" || true
    done
  done
}

# end_back_off COMPONENT -> REPLY, sandboxes that were removed. A component that crashed again and again, as an API server does without its
# etcd, is started again only after up to five minutes; in a new sandbox at once.
end_back_off() {
  local sandbox sandboxes
  REPLY=$(limited 10 crictl ps -a --label io.kubernetes.pod.namespace=kube-system --name "^$1\$" --state Exited -q) || REPLY=''
  [[ -n $REPLY ]] || return 0
  static_pod_sandboxes "$1" || true
  sandboxes=$REPLY
  for sandbox in $sandboxes; do
    log "$1 has ended and is not started again yet: remove its sandbox $sandbox"
    remove_sandbox "$1" "$sandbox" || true
  done
  REPLY=$sandboxes
}

# start_what_ended: controller managers and schedulers that ended for want of an API server, once there is one. Whoever leads signs what
# kubelets ask for, and in a dead cluster all wait for that; so what they held goes back as well. What runs is left alone.
start_what_ended() {
  local component
  for component in $ELECTED; do
    lease_of_this_node "$component"
    if [[ -n $REPLY ]] && lease_has_lapsed; then lease_release "$component" "$REPLY" "$LEASE_RENEWED"; fi
    static_pod_container "$component" || return 0
    [[ -n $REPLY ]] || end_back_off "$component"
  done
}

# static_pod_restart COMPONENT OLD UNTIL: removes its sandboxes while OLD still runs, waits for a new container and for its health.
# -> REPLY, the new container's id. Ends the step when it does not come back. UNTIL is the step's: `all` when nodes take turns.
static_pod_restart() {
  local component=$1 old=$2 until=$3 sandbox sandboxes='' holder=''
  local silent="$component was not restarted: crictl does not answer. Look at the container runtime (systemctl status containerd), then run this again; it goes on with $component."
  # Before the look at what runs: so it is the lease of OLD, or of one that ended even earlier.
  if [[ " $ELECTED " == *" $component "* ]]; then lease_of_this_node "$component" && holder=$REPLY; fi
  static_pod_container "$component" || fail "$silent"
  if [[ $REPLY == "$old" ]]; then
    static_pod_sandboxes "$component" || fail "$silent"
    sandboxes=$REPLY
    # None runs and none is there: the kubelet makes one. One that does not stay up gets a new sandbox, and with it no back-off.
    [[ -n $sandboxes || -z $old ]] || fail "crictl shows no sandbox of $component in kube-system: look at 'crictl pods' and 'journalctl -u kubelet', then run this again."
    kubelet_active || fail "$component was not restarted: $REPLY. Start the kubelet, then run this again; it goes on with $component."
    # Where a repair restarts etcd everywhere at once there is nobody to hand over to.
    if [[ $component == etcd && -n $old && $until == all ]]; then etcd_hand_over; fi
    for sandbox in $sandboxes; do
      log "remove sandbox $sandbox of $component"
      remove_sandbox "$component" "$sandbox" || fail "crictl rmp -f could not remove the sandbox of $component: look at 'systemctl status containerd' (or the runtime of this node), then run this again. Its manifest is in place."
    done
    if [[ -n $holder ]]; then
      # First, because it takes a second or two, and the kubelet looks every second.
      # shellcheck disable=SC2086 # ids, one word each
      remove_orphans $sandboxes
      lease_release "$component" "$holder"
    fi
  fi
  static_pod_wait "$component" "$old" "$sandboxes"
}

# static_pod_wait COMPONENT OLD SANDBOXES -> REPLY, the id of the new container, once it runs and is healthy. SANDBOXES were removed.
static_pod_wait() {
  local component=$1 old=$2 sandboxes=$3 id='' reason='' until=$((SECONDS + PATIENCE)) soon=$((SECONDS + 5)) ETCD_SECONDS=2
  while :; do
    static_pod_container "$component" "$old" || true
    id=$REPLY
    [[ -z $id ]] || break
    # shellcheck disable=SC2086 # ids, one word each
    remove_orphans $sandboxes
    if [[ -n $soon && $SECONDS -ge $soon ]]; then
      end_back_off "$component"
      sandboxes="$sandboxes $REPLY" soon=''
    fi
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
