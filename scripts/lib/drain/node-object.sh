# A node of the cluster as the API server has it, and who cordoned it.

# On a Node that this project cordoned: so a node that somebody else cordoned stays cordoned.
CORDONED_BY=kubeadm-autopilot/cordoned-by

# node_parameter: sets TARGET
node_parameter() {
  parameter Node
  [[ $REPLY =~ ^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$ ]] || refuse "Parameter Node is '${REPLY:0:60}', expected the name of a node of the cluster, such as worker-1."
  TARGET=$REPLY
}

# target_read: sets T_REVISION, T_CORDONED (true or empty), T_OURS (empty when we did not cordon it), T_READY (True, False, Unknown) and T_VERSION
# (X.Y.Z). Returns 1 with the reason in REPLY; a node that there is not ends the step.
target_read() {
  local said
  said=$(kubectl_here get node "$TARGET" -o 'jsonpath={.metadata.resourceVersion}|{.spec.unschedulable}|{.metadata.annotations.'"$CORDONED_BY"'}|{.status.conditions[?(@.type=="Ready")].status}|{.status.nodeInfo.kubeletVersion}|' 2>&1) || {
    REPLY=$(printf '%s' "$said" | tail -n 1 | head -c 300)
    [[ $REPLY != *'(NotFound)'* ]] || refuse "The cluster knows no node $TARGET: look at 'kubectl get nodes'; the name of a Node is not always the host's."
    return 1
  }
  IFS='|' read -r T_REVISION T_CORDONED T_OURS T_READY T_VERSION said < <(printf '%s\n' "$said" | grep '^[0-9]*|')
  T_VERSION=${T_VERSION#v}
  REPLY='the API server answers without a Node'
  [[ $T_REVISION =~ ^[0-9]+$ ]]
}

# target_wait: target_read, asked until it is told. Ends the step when it is not.
target_wait() {
  local until=$((SECONDS + PATIENCE))
  until target_read; do
    [[ $SECONDS -lt $until ]] || fail "The API server of this node did not tell about $TARGET within $PATIENCE s: $REPLY. Look at 'crictl logs' of kube-apiserver, then run this again."
    sleep 1
  done
}

# target_patch ANNOTATION UNSCHEDULABLE, as JSON: returns 1 when the Node has changed since it was read; the step ends when it cannot be changed.
target_patch() {
  local said patch
  printf -v patch '{"metadata":{"resourceVersion":"%s","annotations":{"%s":%s} },"spec":{"unschedulable":%s} }' "$T_REVISION" "$CORDONED_BY" "$1" "$2"
  said=$(kubectl_here patch node "$TARGET" --type=merge -p "$patch" 2>&1) && return 0
  [[ $said != *Conflict* && $said != *'the object has been modified'* ]] || return 1
  fail "The node $TARGET cannot be changed: $(printf '%s' "$said" | tail -n 1 | head -c 300)"
}

# target_cordon: sets CORDONED_BEFORE, true when it was somebody else
target_cordon() {
  local try
  for try in 1 2 3 4 5; do
    target_wait
    CORDONED_BEFORE=false
    if [[ $T_CORDONED == true ]]; then
      [[ -n $T_OURS ]] || CORDONED_BEFORE=true
      return 0
    fi
    if target_patch '"drain-node"' true; then
      log "cordoned $TARGET"
      return 0
    fi
    log "the Node $TARGET changed meanwhile (attempt $try)"
  done
  fail "The node $TARGET could not be cordoned: something changes it again and again."
}

# target_uncordon: only what we cordoned. Returns 1 when somebody else did, REPLY says so.
target_uncordon() {
  local try
  for try in 1 2 3 4 5; do
    target_wait
    if [[ -z $T_OURS ]]; then
      REPLY="$TARGET was not cordoned by kubeadm-autopilot: it stays cordoned."
      [[ $T_CORDONED != true ]]
      return
    fi
    if target_patch null null; then
      log "uncordoned $TARGET"
      return 0
    fi
    log "the Node $TARGET changed meanwhile (attempt $try)"
  done
  fail "The node $TARGET could not be uncordoned: something changes it again and again. Run 'kubectl uncordon $TARGET'."
}
