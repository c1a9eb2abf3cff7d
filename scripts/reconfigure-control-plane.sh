#!/bin/bash
# Gives the static pods of a control plane the configuration that the cluster has (ConfigMap kube-system/kubeadm-config), and its API server a
# certificate with the names in it. Result: ReconfiguredControlPlane (lambdas/contracts/reconfigure-steps.ts).
#
# Parameter Patches: of kubeadm (lib/kubeadm/patches.sh), or none
#
# Killed at any moment, run again: it goes on. A component that does not become healthy gets its old manifest back.

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
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/cluster-configuration.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/patches.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/image.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/leases-held.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/control-plane.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/restart.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/render.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/compare.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/swap-manifests.sh"

# answer CHANGED COMPONENTS CERTIFICATE
answer() {
  local OBJECT='' component list=''
  step 'answer'
  for component in $2; do
    json_string "$component"
    list="$list,$REPLY"
  done
  node_name
  put node "$REPLY"
  put_raw changed "$1"
  put_raw components "[${list#,}]"
  put_raw certificate "$3"
  put_close
  result "$REPLY"
}

step_begin
patches_parameter
step_lock

step 'check the preconditions'
topology
container_runtime
kubelet_name
refuse_unless_administrator
rendering_begin
current_configuration

step 'make the manifests'
# A run that was cut off may have put some in place that did not come up.
UNFINISHED=false
[[ ! -d $KEPT ]] || UNFINISHED=true
patches_write
DIRECTORY=''
[[ ! -d $ROOT$PATCHES ]] || DIRECTORY=$ROOT$PATCHES
render_manifests "$RENDERING/wanted" "$CONFIGURATION" "$DIRECTORY" || fail "kubeadm cannot make manifests of the cluster's configuration: $REPLY"

step 'look at the certificate of the API server'
new_certificate "$CONFIGURATION"

step 'give the static pods their manifests'
COMPONENTS=''
own_static_pods
for COMPONENT in $REPLY; do
  difference "$RENDERING/wanted/$COMPONENT.yaml" "$ROOT$MANIFESTS/$COMPONENT.yaml"
  [[ -n $REPLY ]] || continue
  log "$REPLY"
  swap_manifest "$COMPONENT" "$RENDERING/wanted/$COMPONENT.yaml"
  COMPONENTS="$COMPONENTS $COMPONENT"
done
if [[ $CERTIFICATE == true && $COMPONENTS != *kube-apiserver* ]] || [[ $UNFINISHED == true && -e $KEPT/apiserver.crt && $COMPONENTS != *kube-apiserver* ]]; then
  step 'restart the API server with its certificate'
  restart_api_server
fi

step 'prove what runs'
wait_until_well "$UPGRADE_PATIENCE" || give_back "$REPLY"
wait_for_leases
rm -rf "$KEPT"
if [[ -n $COMPONENTS || $CERTIFICATE == true || $PATCHES_CHANGED == true || $UNFINISHED == true ]]; then
  answer true "$COMPONENTS" "$CERTIFICATE"
fi
answer false '' false
