# What reset-node.sh has begun on this machine, and what it has finished.

RESET=$STATE/reset

# reset_begin NODE SOCKET ETCD_DATA: before anything is deleted that tells these. Also for whoever makes the machine a node again: it finds it
# unfinished, as a join that was cut off, and undoes it first.
reset_begin() {
  if ! reset_began; then write_or_fail "$RESET/unfinished" "$1"$'\n'"$2"$'\n'"$3"; fi
  write_or_fail "$CREATE_UNFINISHED" join
}

# reset_began -> REPLY, the Node that this machine was. Returns 1 when nothing was begun, or it was finished.
reset_began() {
  reset_noted 1
  [[ -n $REPLY ]]
}

# reset_noted LINE -> REPLY, what reset_begin was told
reset_noted() { REPLY=$(sed -n "$1p" "$RESET/unfinished" 2>/dev/null) || REPLY=''; }

# reset_end NODE
reset_end() {
  write_or_fail "$RESET/finished" "$1"
  rm -f "$CREATE_UNFINISHED" "$CREATE_UNPROVEN" "$RESET/unfinished"
}

# reset_ended -> REPLY, the Node that this machine was. Returns 1 when it was none.
reset_ended() {
  REPLY=$(head -n 1 "$RESET/finished" 2>/dev/null) || REPLY=''
  [[ -n $REPLY ]]
}

# reset_forget: it has become a node again since
reset_forget() { rm -f "$RESET/unfinished" "$RESET/finished"; }

# cluster_left: sets CLUSTER_FILE, the first file of a cluster that is still here. Returns 1 when there is one.
cluster_left() {
  local CREATE_UNFINISHED=/dev/null
  cluster_state
  if [[ $CLUSTER_STATE == joined ]]; then CLUSTER_FILE=$KUBERNETES/kubelet.conf; fi
  [[ $CLUSTER_STATE == none ]]
}
