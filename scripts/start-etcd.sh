#!/bin/bash
# Makes a machine a member of an external etcd, as the Kubernetes documentation does it: the kubelet runs by itself, without an API server, and
# keeps etcd running as a static pod that kubeadm writes. Result: StartedEtcd (lambdas/contracts/create-steps.ts).
#
# Parameters: Version        X.Y.Z, of kubeadm and kubelet on this machine
#             Configuration  of kubeadm in base64: InitConfiguration and ClusterConfiguration
#             Kubelet        KubeletConfiguration in base64
#
# Killed at any moment, run again: what was not finished is undone and begins anew. No API server has used it by then.

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
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/packages/installed.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/kubeadm.sh"
. "${BASH_SOURCE%/*}/lib/create/record.sh"
. "${BASH_SOURCE%/*}/lib/create/kubeadm-run.sh"
. "${BASH_SOURCE%/*}/lib/create/etcd-service.sh"

# answer CHANGED
answer() {
  local OBJECT=''
  step 'answer'
  put node "$(uname -n)"
  put_raw changed "$1"
  put_close
  result "$REPLY"
}

step_begin
version_parameter
configuration_parameter
kubelet_configuration_parameter
step_lock

step 'check the preconditions'
cluster_state
case $CLUSTER_STATE:$CLUSTER_STEP in
  joined:) is_etcd_member || refuse "This machine is a node of a cluster already ($KUBERNETES/kubelet.conf): check the tag kubeadm-autopilot:role." ;;
  remains:) refuse "This machine has remains of a cluster ($CLUSTER_FILE): run 'kubeadm reset' on it if nobody needs them, then run this again." ;;
  unfinished:init | unfinished:join) refuse "This machine was about to become a node of a cluster (kubeadm $CLUSTER_STEP) and was cut off: check the tag kubeadm-autopilot:role, or run kubeadm reset on it." ;;
esac

if [[ $CLUSTER_STATE == joined ]]; then
  etcd_wait 60
  answer false
fi
refuse_other_version

step 'check the configuration'
configuration_write

if [[ $CLUSTER_STATE == unfinished ]]; then
  step 'undo what was cut off'
  etcd_undo
  configuration_write
fi
write_or_fail "$CREATE_UNFINISHED" etcd

step 'make the certificates'
for CERTIFICATE in etcd-ca etcd-server etcd-peer etcd-healthcheck-client; do
  etcd_phase certs "$CERTIFICATE"
done

step 'write the static pod'
etcd_phase etcd local
cluster_configuration_keep

step 'start the kubelet'
kubelet_runs_alone

step 'wait for etcd'
# Its image may come over a slow line.
etcd_wait 600
secrets_remove
write_or_fail "$CREATE_ETCD" "$VERSION"
rm -f "$CREATE_UNFINISHED"
answer true
