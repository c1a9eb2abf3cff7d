#!/bin/bash
# Renews the certificates of this control plane, or of this member of an external etcd, restarts its static pods one by one, and proves that the
# new ones are served.
# Result: RenewalResult (lambdas/contracts/node-steps.ts).
#
# Parameters: Force           yes: renew also what was renewed within the last hour, and what ends earlier then
#             Until           all; or where to stop: files, etcd, kube-apiserver. So a cluster whose certificates have all expired is
#                             repaired step by step on all control planes at once; up to etcd nothing here needs etcd or an API server
#
# Killed at any moment, run again: it goes on where it stopped. It never touches a manifest. Its record stays open for refresh-kubeconfigs.sh.

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
. "${BASH_SOURCE%/*}/lib/kubernetes/backup.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/backup-size.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/certificates/rows.sh"
. "${BASH_SOURCE%/*}/lib/certificates/authorities.sh"
. "${BASH_SOURCE%/*}/lib/certificates/signature.sh"
. "${BASH_SOURCE%/*}/lib/certificates/inventory.sh"
. "${BASH_SOURCE%/*}/lib/certificates/served.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/kubeadm.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/validity.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/certificates.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/etcd/members.sh"
. "${BASH_SOURCE%/*}/lib/etcd/hand-over.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/restart.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/leader-lease.sh"
. "${BASH_SOURCE%/*}/lib/renewal/unfinished.sh"
. "${BASH_SOURCE%/*}/lib/renewal/record.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/second-manifests.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions-of-files.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions-of-pods.sh"
. "${BASH_SOURCE%/*}/lib/renewal/gains.sh"
. "${BASH_SOURCE%/*}/lib/renewal/files.sh"

# answer CHANGED REASON RENEWED RESTARTED BACKUP: arrays as JSON rows
answer() {
  local OBJECT=''
  node_name
  put node "$REPLY"
  put_raw changed "$1"
  put reason "$2"
  put_raw renewed "$3"
  put_raw leftAlone "${LEFT_ALONE:+[${LEFT_ALONE#,}]}"
  put_raw restarted "$4"
  served_json
  put_raw served "$REPLY"
  put backup "$5"
  put_close
  result "$REPLY"
}

# answer_so_far: what this renewal has done until now; its record stays open for the next call.
answer_so_far() {
  step 'answer'
  served_collect
  renewed_json && RENEWED=$REPLY
  renewal_backup
  answer true '' "$RENEWED" "[${RESTARTED#,}]" "$REPLY"
}

until_parameter() {
  parameter Until
  UNTIL=$REPLY
  case $REPLY in
    files | etcd | kube-apiserver | all) ;;
    *) refuse "Parameter Until is '${REPLY:0:60}', expected files, etcd, kube-apiserver or all." ;;
  esac
}

step_begin
parameter_yes_no Force
FORCE=$REPLY
until_parameter
step_lock

step 'check the preconditions'
topology
container_runtime
inventory_collect
RESUMED='' FILES_DONE='' LEFT_ALONE=''
if renewal_open; then
  RESUMED=yes
  if [[ -f $RENEWAL/unfinished/containers ]]; then FILES_DONE=yes; fi
  log 'a renewal began here and did not finish: going on with it'
  mend_half_written
elif [[ $FORCE == no && ! -e $RENEWAL/unfinished/proven ]]; then
  refuse_what_got_worse
fi
renewal_preconditions "$UNTIL"

if [[ -z $RESUMED && $FORCE == no ]] && recently_finished; then
  step 'compare what is served with the disk'
  served_collect
  # shellcheck disable=SC2046 # names of kubeadm's own, one word each
  served_differences $(sed 1d "$RENEWAL/finished" | cut -d '|' -f 1)
  [[ -n $REPLY ]] || answer false "All certificates were renewed at $FINISHED_AT, within the last hour, and are served." '[]' '[]' ''
  log "renewed within the hour, but not served: $REPLY"
fi

if [[ -n $RESUMED ]]; then still_old; fi
if [[ -z $RESUMED || -n $REPLY ]]; then
  step 'save the ClusterConfiguration'
  cluster_configuration_save || log "not saved anew: $REPLY"
fi

[[ -n $FILES_DONE ]] || refuse_unreadable_validity
find_gains "$FORCE"
if [[ -z $RESUMED && -z $GAINING ]]; then
  served_collect
  served_differences apiserver etcd-server etcd-peer
  [[ -z $REPLY ]] || refuse "No certificate gains by a renewal, so none is renewed; but not served is $REPLY (certificate:port): restart that static pod (crictl rmp -f), or renew with Force=yes."
  answer false 'No certificate gains by a renewal: each would end earlier than it does, or was signed by another CA.' '[]' '[]' ''
fi

if [[ -z $RESUMED ]]; then
  step 'back up /etc/kubernetes'
  backup_make
  log "backup: $REPLY"
  renewal_begin "$REPLY"
  # Here and not only at the end: a renewal that fails every day would fill the disk with backups.
  backup_prune
fi

step 'renew the files'
RESTARTED=''
renew_files "$FORCE"
remember_containers
if [[ $UNTIL == files ]]; then answer_so_far; fi

step 'restart the static pods'
restart_static_pods "$UNTIL"
if [[ $UNTIL == kube-apiserver ]]; then start_what_ended; fi
if [[ $UNTIL != all ]]; then answer_so_far; fi

step 'prove what is served'
prove_served

step 'finish'
renewed_json && RENEWED=$REPLY
renewal_finish
backup_prune
renewal_backup
# An etcd machine has no copies of admin.conf.
if [[ $ETCD == member ]]; then rm -rf "$RENEWAL/unfinished"; fi
answer true '' "$RENEWED" "[${RESTARTED#,}]" "$REPLY"
