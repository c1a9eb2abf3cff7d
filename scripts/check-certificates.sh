#!/bin/bash
# Every certificate of this node: on disk and as its ports serve it. Result: CertificateInventory (lambdas/contracts/node-steps.ts).
#
# Works on control planes, workers and etcd nodes, with the API server down, kubeadm missing or hanging, and everything expired.
# A file that cannot be read is a row of its own, never a failure. It changes nothing; when the API server answers, it keeps a copy
# of the ClusterConfiguration for a later renewal. Of a control plane it also tells what would keep renew-certificates.sh from renewing.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig-plain.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/versions.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/certificates/rows.sh"
. "${BASH_SOURCE%/*}/lib/certificates/authorities.sh"
. "${BASH_SOURCE%/*}/lib/certificates/signature.sh"
. "${BASH_SOURCE%/*}/lib/certificates/names.sh"
. "${BASH_SOURCE%/*}/lib/certificates/inventory.sh"
. "${BASH_SOURCE%/*}/lib/certificates/inventory-json.sh"
. "${BASH_SOURCE%/*}/lib/certificates/served.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/kubeadm.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/check-expiration.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/certificates.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/second-manifests.sh"
. "${BASH_SOURCE%/*}/lib/renewal/unfinished.sh"
. "${BASH_SOURCE%/*}/lib/renewal/record.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions-of-files.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions-of-pods.sh"

step_begin
topology

step 'read the certificates on disk'
inventory_collect
[[ ${#R_NAME[@]} -gt 0 ]] || refuse "No certificate was found below $KUBERNETES and $KUBELET: is this a node of a kubeadm cluster?"
if [[ $CONTROL_PLANE == yes ]]; then
  cluster_configuration_save || log "ClusterConfiguration not saved: $REPLY"
  saved_configuration
fi
inventory_names
inventory_ask_kubeadm
log "source: $SOURCE ${SOURCE_REASON:+($SOURCE_REASON)}"

step 'read the certificates that are served'
served_collect
served_json
SERVED_JSON=$REPLY

OBSTACLES_JSON=''
if [[ $CONTROL_PLANE == yes ]]; then
  step 'ask what a renewal needs'
  container_runtime
  obstacles_json
  OBSTACLES_JSON=$REPLY
fi

step 'read the versions'
versions_json
VERSIONS_JSON=$REPLY

step 'answer'
inventory_json "$OBSTACLES_JSON"
result "$REPLY"
