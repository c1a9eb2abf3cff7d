# A bootstrap token in the cluster: the Secret that makes the API servers know it.

TOKEN_LABEL='kubeadm-autopilot=bootstrap-token'

# token_manifest SECONDS SIGNING DESCRIPTION -> stdout, the Secret as JSON. SIGNING true: nodes may also find the cluster with it (discovery).
# printf is the shell's own, so nothing of it is ever an argument of a process.
token_manifest() {
  iso_in "$1"
  printf '{"apiVersion":"v1","kind":"Secret","type":"bootstrap.kubernetes.io/token","metadata":{"name":"bootstrap-token-%s","namespace":"kube-system","labels":{"%s":"%s"}},' \
    "${TOKEN%%.*}" "${TOKEN_LABEL%%=*}" "${TOKEN_LABEL#*=}"
  printf '"stringData":{"token-id":"%s","token-secret":"%s","expiration":"%s","usage-bootstrap-authentication":"true","usage-bootstrap-signing":"%s",' \
    "${TOKEN%%.*}" "${TOKEN#*.}" "$REPLY" "$2"
  printf '"auth-extra-groups":"system:bootstrappers:kubeadm:default-node-token","description":"kubeadm-autopilot: %s"}}\n' "$3"
}

# token_create SECONDS SIGNING DESCRIPTION: waits for an API server that takes it
token_create() {
  local answer verb=create until=$((SECONDS + PATIENCE))
  until answer=$(token_manifest "$@" | kubectl_here "$verb" -f - 2>&1); do
    if [[ $verb == create && $answer == *AlreadyExists* ]]; then
      # Of a run that was cut off: its time begins anew.
      verb=replace
      continue
    elif [[ $verb == replace && $answer == *NotFound* ]]; then
      verb=create
    fi
    without_token "$answer"
    [[ $SECONDS -lt $until ]] || fail "The API server of this node took no bootstrap token within $PATIENCE s: $(printf '%s' "$REPLY" | tail -n 1 | head -c 300). Look at 'crictl logs' of kube-apiserver, then run this again."
    sleep 0.5
  done
}

# token_delete: sets CHANGED
token_delete() {
  local answer
  answer=$(kubectl_here -n kube-system delete secrets -l "$TOKEN_LABEL" --ignore-not-found 2>&1) ||
    fail "Bootstrap tokens could not be deleted: $(printf '%s' "$answer" | tail -n 1 | head -c 300). They end by themselves within an hour; to remove them earlier: kubectl -n kube-system delete secrets -l $TOKEN_LABEL"
  [[ $answer != *deleted* ]] || CHANGED=true
}
