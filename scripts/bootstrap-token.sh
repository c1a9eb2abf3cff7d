#!/bin/bash
# Lets kubelets whose certificate has expired ask for a new one: makes a bootstrap token in the cluster, or removes it again.
# Result: BootstrapTokenResult (lambdas/contracts/node-steps.ts).
#
# Parameters: Secret  name of the SSM parameter that holds the token; the node reads it itself
#             Action  create: valid for 15 minutes, from now again when it is there already
#                     delete: all tokens that this script ever made, whatever has become of the parameter

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/time-from-now.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/certificates/rows.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/certificates.sh"
. "${BASH_SOURCE%/*}/lib/secrets/aws-signature.sh"
. "${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
. "${BASH_SOURCE%/*}/lib/secrets/bootstrap-token.sh"

LIFE_SECONDS=900
LABEL='kubeadm-autopilot=bootstrap-token'

# token_manifest -> stdout, the Secret as JSON. printf is the shell's own, so nothing of it is ever an argument of a process.
token_manifest() {
  iso_in "$LIFE_SECONDS"
  printf '{"apiVersion":"v1","kind":"Secret","type":"bootstrap.kubernetes.io/token","metadata":{"name":"bootstrap-token-%s","namespace":"kube-system","labels":{"%s":"%s"}},' \
    "${TOKEN%%.*}" "${LABEL%%=*}" "${LABEL#*=}"
  printf '"stringData":{"token-id":"%s","token-secret":"%s","expiration":"%s","usage-bootstrap-authentication":"true",' "${TOKEN%%.*}" "${TOKEN#*.}" "$REPLY"
  printf '"auth-extra-groups":"system:bootstrappers:kubeadm:default-node-token","description":"kubeadm-autopilot: kubelets whose certificate has expired"}}\n'
}

# token_create: waits for an API server that takes it
token_create() {
  local answer verb=create until=$((SECONDS + PATIENCE))
  until answer=$(token_manifest | kubectl_here "$verb" -f - 2>&1); do
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
  answer=$(kubectl_here -n kube-system delete secrets -l "$LABEL" --ignore-not-found 2>&1) ||
    fail "Bootstrap tokens could not be deleted: $(printf '%s' "$answer" | tail -n 1 | head -c 300). They end by themselves within 15 minutes; to remove them earlier: kubectl -n kube-system delete secrets -l $LABEL"
  [[ $answer != *deleted* ]] || CHANGED=true
}

step_begin
secret_parameter
parameter Action
ACTION=$REPLY CHANGED=false
[[ $ACTION == create || $ACTION == delete ]] || refuse "Parameter Action is '${ACTION:0:60}', expected create or delete."
step_lock
topology
inventory_clear
inventory_of_kubelet
refuse_unless_administrator

step "$ACTION the bootstrap token"
if [[ $ACTION == create ]]; then
  bootstrap_token_read
  token_create
  CHANGED=true
else
  token_delete
fi

step 'answer'
OBJECT=''
node_name
put node "$REPLY"
put_raw changed "$CHANGED"
put_close
result "$REPLY"
