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
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig-plain.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/certificates/rows.sh"
. "${BASH_SOURCE%/*}/lib/certificates/authorities.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/certificates.sh"
. "${BASH_SOURCE%/*}/lib/secrets/aws-signature.sh"
. "${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
. "${BASH_SOURCE%/*}/lib/secrets/bootstrap-token.sh"
. "${BASH_SOURCE%/*}/lib/secrets/token-secret.sh"

LIFE_SECONDS=900

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
  token_create "$LIFE_SECONDS" false 'kubelets whose certificate has expired'
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
