#!/bin/bash
# Stores the configuration that a cluster gets in its ConfigMaps, from where its control planes and kubelets take it; what it replaces stays beside
# it until all nodes are done. Before, kubeadm checks it and each component its arguments. Result: StoredConfiguration (lambdas/contracts/reconfigure-steps.ts).
#
# Parameters: Action                store, or finish: all nodes are done
#             ClusterConfiguration  kubeadm's, in base64
#             KubeletConfiguration  in base64
#             Patches               of the control planes (lib/kubeadm/patches.sh), for the check
#
# Killed at any moment, run again: it goes on.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
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
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/image.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/render.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/ask-binaries.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/ask-components.sh"

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

# document_parameter NAME KIND -> REPLY
document_parameter() {
  parameter "$1"
  [[ $REPLY =~ ^[A-Za-z0-9+/]+=*$ ]] && REPLY=$(printf '%s' "$REPLY" | base64 -d 2>/dev/null) && [[ $'\n'$REPLY == *$'\n'"kind: $2"* ]] ||
    refuse "Parameter $1 is no $2 in base64: deploy the app again."
}

# check_with_kubeadm: before anything changes
check_with_kubeadm() {
  local said patches=''
  if [[ $PATCHES_WANTED != none ]]; then
    # Beside those of the node, which keep what they have until their turn.
    PATCHES=/run/kubeadm-autopilot/patches
    patches_write
    patches=$ROOT$PATCHES
  fi
  kubeadm_document "$RENDERING/kubeadm.yaml" "$CLUSTER" "$patches" "$KUBELET_WANTED"
  said=$(limited 30 kubeadm config validate --config "$RENDERING/kubeadm.yaml" 2>&1) ||
    refuse "kubeadm does not take the configuration made of the cluster's settings: $(printf '%s\n' "$said" | grep -v '^To see the stack trace' | tail -n 2 | tr '\n' ' ' | head -c 500). Correct the section kubernetes of the cluster's settings, deploy, then start again."
  render_manifests "$RENDERING/wanted" "$CLUSTER" "$patches" ||
    refuse "kubeadm cannot make manifests of the cluster's settings: $REPLY. Correct the section kubernetes of the cluster's settings, deploy, then start again."
  ask_components "$RENDERING/wanted"
}

# replace NAME KEY WANTED: where it is another; sets CHANGED
replace() {
  local is previous name=$1 key=$2
  config_map "$name" "$key" && is=$REPLY || fail "The ConfigMap kube-system/$name cannot be read."
  [[ $is != "$3" ]] || return 0
  config_map "$name" "$PREVIOUS_KEY" && previous=$REPLY
  # Of several that were begun each may still be on some node.
  if [[ -n $previous ]]; then is=$is$'\n---\n'$previous; fi
  json_string "$3" && local wanted=$REPLY
  json_string "$(printf '%s\n' "$is" | awk '/^---$/ && ++documents == 5 { exit } { print }')"
  patch_config_map "$name" "{\"data\":{\"$key\":$wanted,\"$PREVIOUS_KEY\":$REPLY}}"
  CHANGED=true
}

# patch_config_map NAME JSON
patch_config_map() {
  local said
  write_file "$RENDERING/patch.json" "$2" || fail '/run/kubeadm-autopilot cannot be written: is /run full?'
  said=$(kubectl_for 30 -n kube-system patch configmap "$1" --type merge --patch-file "$RENDERING/patch.json" 2>&1) || fail "The ConfigMap kube-system/$1 cannot be changed: $(printf '%s' "$said" | tail -n 1 | head -c 300)"
}

step_begin
parameter Action
ACTION=$REPLY CHANGED=false
[[ $ACTION == store || $ACTION == finish ]] || refuse "Parameter Action is '${ACTION:0:60}', expected store or finish."
step_lock
topology
container_runtime
kubelet_name
refuse_unless_administrator
rendering_begin

if [[ $ACTION == finish ]]; then
  step 'forget what was replaced'
  for NAME in kubeadm-config kubelet-config; do
    config_map "$NAME" "$PREVIOUS_KEY" || fail "The ConfigMap kube-system/$NAME cannot be read."
    [[ -n $REPLY ]] || continue
    patch_config_map "$NAME" "{\"data\":{\"$PREVIOUS_KEY\":null}}"
    CHANGED=true
  done
  answer "$CHANGED"
fi

document_parameter ClusterConfiguration ClusterConfiguration
CLUSTER=$REPLY
document_parameter KubeletConfiguration KubeletConfiguration
KUBELET_WANTED=$REPLY
patches_parameter

step 'check the configuration'
check_with_kubeadm

step 'store it'
replace kubelet-config kubelet "$KUBELET_WANTED"
replace kubeadm-config ClusterConfiguration "$CLUSTER"
answer "$CHANGED"
