#!/bin/bash
# Brings to this node what an upgrade needs, and installs nothing: the package repository of the version's minor, its packages and images. Then
# asks the new binaries whether they would start with this node's arguments. Result: StagedUpgrade (lambdas/contracts/upgrade-steps.ts).
#
# Parameter Version: X.Y.Z

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
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/packages/installed.sh"
. "${BASH_SOURCE%/*}/lib/packages/apt.sh"
. "${BASH_SOURCE%/*}/lib/packages/download.sh"
. "${BASH_SOURCE%/*}/lib/packages/repository.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/images.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/pull.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/ask-binaries.sh"

# What is left in there is asked for its name and version only.
PACKAGES='kubeadm kubelet kubectl'

# downloaded -> REPLY, the packages of VERSION that are here
downloaded() { REPLY=$(ls "$ARCHIVES" | grep "_$VERSION-.*\.deb\$") || REPLY=''; }

step_begin
version_parameter
step_lock

step 'check the preconditions'
topology
container_runtime
kubelet_name
refuse_unless_joined
packages_begin
packages_refuse_older "$VERSION" kubeadm kubelet
disk_free_kib "$ARCHIVES"
[[ $REPLY -ge 819200 ]] || refuse "Disk space: $REPLY KiB are free below /var/lib/kubeadm-autopilot, packages and their contents need 819200 KiB; make space, then run this again."

step 'switch the package repository'
repository_switch

step 'download the packages'
downloaded && BEFORE=$REPLY
# shellcheck disable=SC2086 # names, one word each
packages_download "$VERSION" $PACKAGES
downloaded && AFTER=$REPLY

step 'pull the images'
# shellcheck disable=SC2086
unpack_aside $PACKAGES
current_configuration
images_wanted "$ASIDE/usr/bin/kubeadm"
images_pull

step 'ask the new binaries'
ask_kubelet
if [[ $CONTROL_PLANE == yes ]]; then ask_control_plane; fi
rm -rf "$ASIDE"

step 'answer'
LIST=''
for IMAGE in $IMAGES; do
  json_string "$IMAGE"
  LIST="$LIST,$REPLY"
done
OBJECT=''
node_name
put node "$REPLY"
if [[ -n $REPOSITORY_CHANGED$PULLED || $BEFORE != "$AFTER" ]]; then put_raw changed true; else put_raw changed false; fi
put version "$VERSION"
put_raw images "[${LIST#,}]"
put_close
result "$REPLY"
