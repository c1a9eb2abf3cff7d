#!/bin/bash
# Signs, with the key of etcd's CA on this machine, the request of a control plane that is a client of this etcd (etcd-client.sh).
# Result: SignedEtcdClient (lambdas/contracts/create-steps.ts): certificates, which are public. Changes nothing here.
#
# Parameters: Request  in base64

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/kubeadm.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/validity.sh"
. "${BASH_SOURCE%/*}/lib/etcd/sign.sh"

step_begin
request_parameter
step_lock

step 'check the preconditions'
topology
[[ $ETCD == member ]] || refuse 'This machine is no member of an external etcd: check the tag kubeadm-autopilot:role.'
refuse_without_ca
validity_seconds || refuse "certificateValidityPeriod of ${CLUSTER_CONFIGURATION#"$ROOT"} is '${REPLY:0:60}', which is no duration such as 8760h0m0s: correct it, then run this again."
VALID=$REPLY

step 'sign the request'
request_sign
SIGNED=$REPLY

step 'answer'
OBJECT=''
put node "$(uname -n)"
put_raw changed false
put certificate "$SIGNED"
put ca "$(base64 <"$ROOT$ETCD_CA" | tr -d '\n')"
put_close
result "$REPLY"
