#!/bin/bash
# Refreshes this control plane's copies of admin.conf after its renewal, and closes the record of that renewal.
# Result: RefreshResult (lambdas/contracts/node-steps.ts).
#
# Parameter AdminKubeconfigs: further copies of admin.conf to refresh, absolute paths with commas between, or none
#
# Killed at any moment, run again: the record stays open until every copy was looked at, and a copy that is refreshed is left alone.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/core/replace-file.sh"
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
. "${BASH_SOURCE%/*}/lib/certificates/rows.sh"
. "${BASH_SOURCE%/*}/lib/certificates/authorities.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/certificates.sh"
. "${BASH_SOURCE%/*}/lib/renewal/unfinished.sh"
. "${BASH_SOURCE%/*}/lib/renewal/admin-kubeconfigs.sh"

# answer CHANGED REASON
answer() {
  local OBJECT=''
  node_name
  put node "$REPLY"
  put_raw changed "$1"
  put reason "$2"
  put_raw kubeconfigs "[${KUBECONFIGS#,}]"
  put_close
  result "$REPLY"
}

# Copies of admin.conf are written by root wherever the list says: absolute, nothing that climbs, ten as in the cluster's settings.
admin_kubeconfigs_parameter() {
  parameter AdminKubeconfigs
  ADMIN_KUBECONFIGS=$REPLY
  [[ $REPLY != none ]] || return 0
  case ",$REPLY," in
    *[!A-Za-z0-9._/,-]* | *,*,*,*,*,*,*,*,*,*,*,*,* | *,,* | *,[!/]* | */../* | */..,* | *[[:cntrl:]]* | */,*)
      refuse "Parameter AdminKubeconfigs is '${REPLY:0:100}', expected up to ten absolute paths of files with commas between, or none." ;;
  esac
}

step_begin
admin_kubeconfigs_parameter
step_lock
topology
inventory_clear
inventory_of_kubelet
refuse_unless_administrator

KUBECONFIGS=''
renewal_is_proven || answer false 'No renewal on this node waits for it.'

step 'refresh copies of admin.conf'
renewal_backup
refresh_admin_kubeconfigs "$REPLY" "$ADMIN_KUBECONFIGS"

step 'close the record of the renewal'
rm -rf "$RENEWAL/unfinished" || fail 'The record of the renewal cannot be removed below /var/lib/kubeadm-autopilot: is the disk read-only? Run this again.'
sync || true
case $KUBECONFIGS in
  *'"refreshed":true'*) answer true '' ;;
  *) answer false 'No copy of admin.conf had to change.' ;;
esac
