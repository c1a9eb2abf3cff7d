#!/bin/bash
# What an upgrade has to know before it begins: of this machine, of its static pods, and of the cluster where admin.conf is. Result:
# UpgradeFacts (lambdas/contracts/upgrade-facts.ts). It changes nothing. What is not well is a fact, never a failure.
#
# Parameter Version: the target, X.Y.Z, or none; the repositories of the minors up to it are asked.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/time-from-now.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
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
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/etcd/members.sh"
. "${BASH_SOURCE%/*}/lib/etcd/facts.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/runtime/cri-o.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/image.sh"
. "${BASH_SOURCE%/*}/lib/inspection/lists.sh"
. "${BASH_SOURCE%/*}/lib/inspection/repository-offers.sh"
. "${BASH_SOURCE%/*}/lib/inspection/machine.sh"
. "${BASH_SOURCE%/*}/lib/inspection/control-plane.sh"
. "${BASH_SOURCE%/*}/lib/inspection/configuration.sh"
. "${BASH_SOURCE%/*}/lib/inspection/workloads.sh"
. "${BASH_SOURCE%/*}/lib/inspection/cluster.sh"

# target_minor -> REPLY, 37 of 1.37.2; empty without a target
target_minor() {
  parameter Version
  [[ $REPLY == none || $REPLY =~ ^1\.[0-9]{1,3}\.[0-9]{1,3}$ ]] || refuse "Parameter Version is '${REPLY:0:60}', expected a release of Kubernetes such as 1.37.2, or none."
  REPLY=${REPLY#1.} REPLY=${REPLY%.*}
  [[ $REPLY != none ]] || REPLY=''
}

step_begin
target_minor && TARGET_MINOR=$REPLY
topology
container_runtime
refuse_unless_joined
kubelet_name
KUBELET_ENDS=$X_AFTER NAME=$NODE_NAME ENDPOINT='' CONFIGURATION_JSON='' CONTROL_PLANE_JSON='' CLUSTER_JSON='' CLUSTER_REASON=''

if [[ $CONTROL_PLANE == yes ]]; then
  step 'ask the control plane'
  CLUSTER_REASON="there is no $KUBERNETES/admin.conf"
  if [[ -r $ROOT$KUBERNETES/admin.conf ]]; then configuration_json && CONFIGURATION_JSON=$REPLY; fi
  etcd_ask
  control_plane_json && CONTROL_PLANE_JSON=$REPLY
  step 'ask about the cluster'
  if [[ -n $CONFIGURATION_JSON ]]; then
    if cluster_json; then CLUSTER_JSON=$REPLY CLUSTER_REASON=''; else CLUSTER_REASON=$REPLY; fi
  fi
fi

step 'look at the machine'
machine_json "$TARGET_MINOR" && MACHINE_JSON=$REPLY

step 'answer'
OBJECT='' NODE_NAME=$NAME
node_name
put node "$REPLY"
put_raw machine "$MACHINE_JSON"
put_raw controlPlane "$CONTROL_PLANE_JSON"
put_raw cluster "$CLUSTER_JSON"
put clusterReason "$CLUSTER_REASON"
put_close
result "$REPLY"
