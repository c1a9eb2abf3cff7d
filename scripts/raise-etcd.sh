#!/bin/bash
# Runs the etcd member of a control plane from a newer image of the same minor, as etcd asks for before its next minor. Only the image in the
# manifest changes: kubeadm-config stays as it is, so the next kubeadm upgrade decides on the version again.
# Result: RaisedEtcd (lambdas/contracts/upgrade-steps.ts).
#
# Parameters: ImageTag       tag of the image, such as 3.6.12-0; the repository stays that of the manifest
#             KubeletServer  endpoint: the kubelet talks to the controlPlaneEndpoint meanwhile; own: to whom it does
#
# Killed at any moment, run again: it goes on.

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
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/stays.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/etcd/members.sh"
. "${BASH_SOURCE%/*}/lib/etcd/hand-over.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/image.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/leases-held.sh"
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/parameters.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/pull.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/control-plane.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/kubelet-server.sh"

# answer CHANGED
answer() {
  local OBJECT=''
  step 'answer'
  node_name
  put node "$REPLY"
  put_raw changed "$1"
  put image "$IMAGE"
  put_close
  result "$REPLY"
}

# put_image IMAGE: into the manifest. The kubelet takes every file in its folder for a pod, so the new one is made elsewhere.
put_image() {
  local new=$ROOT$KUBERNETES/etcd.yaml.new
  cp -p "$ROOT$MANIFESTS/etcd.yaml" "$new" &&
    awk -v image="$1" '!done && /^ *(- )?image:/ { sub(/image:.*/, "image: " image); done = 1 } { print }' "$ROOT$MANIFESTS/etcd.yaml" >"$new" && sync &&
    mv "$new" "$ROOT$MANIFESTS/etcd.yaml" || fail "$MANIFESTS/etcd.yaml cannot be written: is the disk full or read-only?"
}

# raised: etcd runs IMAGE, all is well on this node, and every member is healthy. REPLY says what is not so.
raised() {
  wait_until_well "$UPGRADE_PATIENCE" || return 1
  local until=$((SECONDS + PATIENCE))
  until etcd_all_healthy; do
    [[ $SECONDS -lt $until ]] || return 1
    sleep 1
  done
}

# give_up REASON: a member that does not come up with the new image gets its old one back
give_up() {
  local reason=$1
  if [[ -n $BEFORE ]]; then
    log "$reason: back to $BEFORE"
    put_image "$BEFORE"
    wait_until_well "$UPGRADE_PATIENCE" || reason="$reason; with $BEFORE again, $REPLY"
  fi
  keep_kubelet_alive
  fail "etcd was not raised to $IMAGE: $reason. See ${LOG#"$ROOT"} and crictl logs of etcd, then run this again."
}

step_begin
parameter_like ImageTag '[0-9]+[.][0-9]+[.][0-9]+(-[0-9]+)?' && TAG=$REPLY
parameter_like KubeletServer 'endpoint|own' && SERVER=$REPLY
step_lock

step 'check the preconditions'
topology
[[ $CONTROL_PLANE == yes && $ETCD == stacked ]] || refuse 'This node has no etcd member of its own: check the tag kubeadm-autopilot:role.'
container_runtime
kubelet_name
kubelet_active || refuse "The kubelet restarts etcd, but $REPLY; start it, then run this again."
manifest_image etcd
BEFORE=$REPLY
[[ $BEFORE == *:* && $BEFORE != *@* ]] || refuse "$MANIFESTS/etcd.yaml names the image '${BEFORE:0:120}', expected one with a tag and no digest."
IMAGE=${BEFORE%:*}:$TAG
if version_newer "${BEFORE##*:}" "$TAG"; then IMAGE=$BEFORE; fi
if [[ $IMAGE == "$BEFORE" ]]; then
  # An earlier run may have been cut off before it saw the end.
  BEFORE=''
  step 'look at what runs'
  raised || give_up "$REPLY"
  kubelet_server_return
  answer false
fi
[[ ${BEFORE##*:} == "${TAG%.*}".* ]] || refuse "etcd has the tag ${BEFORE##*:}, which $TAG does not follow within one minor: upgrade it with kubeadm."
etcd_all_healthy || refuse "Every etcd member has to be healthy before one is restarted, but $REPLY."

step 'pull the image'
IMAGES=$IMAGE
images_pull

if [[ $SERVER == endpoint ]]; then
  step 'lead the kubelet to the endpoint'
  current_configuration
  kubelet_server_leave_own
fi

step 'restart etcd'
etcd_hand_over
put_image "$IMAGE"

step 'prove what runs'
raised || give_up "$REPLY"
BEFORE=''
if [[ -s $KUBELET_SERVER ]]; then
  kubelet_server_return
  raised || give_up "the kubelet talks to its own API server again, and $REPLY"
fi
wait_for_mirror_pods || give_up "$REPLY"
wait_for_leases
answer true
