# object_forget [-n NAMESPACE] TYPE/NAME: deletes the object, and is content when there is none; sets CHANGED. Ends the step when it stays: somebody
# may hold it by a finalizer.
object_forget() {
  local until=$((SECONDS + PATIENCE)) said
  until said=$(kubectl_here get "$@" -o name 2>&1) || [[ $said == *'(NotFound)'* ]]; do
    [[ $SECONDS -lt $until ]] || fail "The API server of this node does not tell about ${*: -1} within $PATIENCE s: $(one_line "$said"). Look at 'crictl logs' of kube-apiserver, then run this again."
    sleep 1
  done
  if [[ $said == *'(NotFound)'* ]]; then
    log "there is no ${*: -1}"
    return 0
  fi
  said=$(kubectl_for 60 delete "$@" --ignore-not-found --timeout=50s 2>&1) || fail "${*: -1} cannot be deleted: $(one_line "$said"). See its finalizers, then run this again."
  log "$said"
  CHANGED=true
}
