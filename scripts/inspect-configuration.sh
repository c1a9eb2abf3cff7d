#!/bin/bash
# Tells how this node is configured: the cluster's configuration as its ConfigMaps have it, and what of the node's own files somebody changed by
# hand. It changes nothing. Result: ConfigurationFacts (lambdas/contracts/reconfigure-steps.ts).

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
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/image.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/control-plane.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/render.sh"
. "${BASH_SOURCE%/*}/lib/reconfigure/compare.sh"

# control_plane_json -> REPLY; sets KUBELET_CONFIGURATION
control_plane_json() {
  local OBJECT='' configuration previous
  config_map kubeadm-config ClusterConfiguration && [[ $REPLY == *ClusterConfiguration* ]] || fail 'The ConfigMap kube-system/kubeadm-config cannot be read, or holds no ClusterConfiguration: was this cluster made with kubeadm, and does its API server answer?'
  configuration=$REPLY
  config_map kubeadm-config "$PREVIOUS_KEY" && previous=$REPLY
  put clusterConfiguration "$(printf '%s\n' "$configuration" | base64 | tr -d '\n')"
  put kubeletConfiguration "$(printf '%s\n' "$KUBELET_CONFIGURATION" | base64 | tr -d '\n')"
  if [[ -n $previous$KUBELET_PREVIOUS ]]; then put_raw unfinished true; else put_raw unfinished false; fi
  compare_manifests "$configuration" "$previous"
  put_raw manifests "$REPLY"
  served_names "$ROOT$PKI/apiserver.crt"
  put_raw certSANs "$REPLY"
  if [[ -r $ROOT$PKI/ca.key ]]; then put_raw canSign true; else put_raw canSign false; fi
  put_close
}

step_begin
topology
container_runtime
refuse_unless_joined
kubelet_name
rendering_begin

step 'ask for the configuration of the kubelets'
config_map kubelet-config kubelet && [[ $REPLY == *KubeletConfiguration* ]] || fail 'The ConfigMap kube-system/kubelet-config cannot be read, or holds no KubeletConfiguration: was this cluster made with kubeadm, and does its API server answer?'
KUBELET_CONFIGURATION=$REPLY
config_map kubelet-config "$PREVIOUS_KEY" && KUBELET_PREVIOUS=$REPLY
compare_kubelet "$KUBELET_CONFIGURATION" "$KUBELET_PREVIOUS"
OBJECT=''
comparison_json "$KUBELET_IS" "$KUBELET_LINES"
OBJECT=${REPLY#\{} OBJECT=,${OBJECT%\}}
put flags "$(sed -n 's/^KUBELET_KUBEADM_ARGS="\{0,1\}\([^"]*\).*/\1/p' "$ROOT$KUBELET/kubeadm-flags.env" 2>/dev/null | head -n 1 | head -c 2000)"
[[ $OBJECT == *'"flags":'* ]] || OBJECT="$OBJECT,\"flags\":\"\""
put_close
KUBELET_JSON=$REPLY CONTROL_PLANE_JSON=''

if [[ $CONTROL_PLANE == yes ]]; then
  step 'compare the manifests'
  control_plane_json && CONTROL_PLANE_JSON=$REPLY
fi

step 'answer'
OBJECT=''
node_name
put node "$REPLY"
if [[ -e $STATE/lock ]]; then
  limited 5 flock -n -s "$STATE/lock" true || [[ $? != 1 ]] || put_raw running true
fi
REPLY=$(limited 5 kubeadm version -o short) || REPLY=''
[[ $REPLY =~ ^v[0-9.]+$ ]] || REPLY=v
OBJECT="$OBJECT,\"kubeadm\":\"${REPLY#v}\""
put_raw kubelet "$KUBELET_JSON"
patches_json
put_raw patches "$REPLY"
put_raw controlPlane "$CONTROL_PLANE_JSON"
put_close
result "$REPLY"
