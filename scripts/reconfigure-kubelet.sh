#!/bin/bash
# Gives the kubelet of a node the configuration that the cluster has (ConfigMap kube-system/kubelet-config), and its flags, and restarts it where
# something changed. Pods go on running. Result: ReconfiguredKubelet (lambdas/contracts/reconfigure-steps.ts).
#
# Parameters: Arguments  flags in base64, a line each: +name=value for one that it gets, -name for one that goes; none: they stay
#             Patches    of kubeadm (lib/kubeadm/patches.sh), or none
#
# Killed at any moment, run again: it goes on. A kubelet that does not come up gets its old configuration back.

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
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/cluster-configuration.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/patches.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/stays.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/image.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/control-plane.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/render.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/compare.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/kubelet-files.sh"

# answer CHANGED
answer() {
  local OBJECT=''
  step 'answer'
  node_name
  put node "$REPLY"
  put_raw changed "$1"
  put_close
  result "$REPLY"
}

step_begin
arguments_parameter
patches_parameter
step_lock

step 'check the preconditions'
topology
container_runtime
refuse_unless_joined
kubelet_name
rendering_begin
patches_write
UNFINISHED=false
[[ ! -d $KUBELET_BEFORE ]] || UNFINISHED=true

step 'make the configuration'
kubelet_render "$RENDERING/kubelet" || fail "kubeadm cannot make a configuration of the kubelet (ConfigMap kube-system/kubelet-config): $REPLY"
new_flags
difference "$RENDERING/kubelet/config.yaml" "$ROOT$KUBELET/config.yaml"
if [[ -z $REPLY && $FLAGS_CHANGED == false && $UNFINISHED == false ]] && kubelet_active; then answer "$PATCHES_CHANGED"; fi
log "$REPLY"

step 'restart the kubelet'
kubelet_keep
kubelet_write
# One that cannot start exits within a second, again and again.
if ! kubelet_stays 60 || ! kubelet_well "$PATIENCE"; then kubelet_give_back "$REPLY"; fi
if [[ $CONTROL_PLANE == yes ]]; then
  step 'wait for the static pods'
  wait_until_well "$UPGRADE_PATIENCE" || kubelet_give_back "$REPLY"
fi
rm -rf "$KUBELET_BEFORE"
answer true
