#!/bin/bash
# The certificate by which this control plane's API server is known to an external etcd that this app runs. Its private key is made here and never
# leaves: asked first, this answers with a request, which sign-etcd-client.sh signs on the machine that has the key of etcd's CA; told the
# certificate, it puts that in place. Result: EtcdClient (lambdas/contracts/create-steps.ts).
#
# Parameters: Certificate  in base64, or none: make a request
#             Ca           certificate of etcd's CA in base64, or none
#
# An API server that runs reads the new file at its next connection; the key stays the same, so either certificate fits it.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/etcd/client.sh"

# answer CHANGED REQUEST
answer() {
  local OBJECT=''
  step 'answer'
  put node "$(uname -n)"
  put_raw changed "$1"
  put request "$2"
  put_close
  result "$REPLY"
}

step_begin
pem_parameter Certificate && CERTIFICATE=$REPLY
pem_parameter Ca && CA=$REPLY
CHANGED=false
step_lock

step 'check the preconditions'
topology
etcd_client_paths
[[ -z $ETCD_MANIFEST ]] || refuse "This control plane runs a member of etcd itself ($MANIFESTS/etcd.yaml), so its API server uses that."
etcd_client_put_back

if [[ -z $CERTIFICATE ]]; then
  step 'make a request'
  etcd_client_key
  etcd_client_request
  answer "$CHANGED" "$REPLY"
fi

step 'check the certificate'
etcd_client_refuse_other

step 'put the certificate in place'
etcd_client_place
answer "$CHANGED" ''
