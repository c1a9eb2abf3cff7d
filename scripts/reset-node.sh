#!/bin/bash
# Takes this machine out of its cluster for good: its etcd member leaves, then `kubeadm reset`, then what that leaves behind. Result: ResetNode
# (lambdas/contracts/remove-steps.ts). Its Node object is deleted afterwards, from a control plane (forget-node.sh).
#
# Parameters: Node       the name by which the cluster knows this machine: another one is not touched
#             LeaveEtcd  yes: its etcd member works and leaves before anything is deleted; no: it has none here, or that one is dead
#
# Killed at any moment, run again: it goes on. Run once more after its end: nothing to do.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/core/warnings.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/etcd/members.sh"
. "${BASH_SOURCE%/*}/lib/etcd/hand-over.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/patches.sh"
. "${BASH_SOURCE%/*}/lib/create/record.sh"
. "${BASH_SOURCE%/*}/lib/create/kubeadm-run.sh"
. "${BASH_SOURCE%/*}/lib/drain/node-object.sh"
. "${BASH_SOURCE%/*}/lib/remove/record.sh"
. "${BASH_SOURCE%/*}/lib/remove/leave-etcd.sh"
. "${BASH_SOURCE%/*}/lib/remove/runtime-socket.sh"
. "${BASH_SOURCE%/*}/lib/remove/network.sh"

# answer CHANGED
answer() {
  local OBJECT=''
  step 'answer'
  put node "$TARGET"
  put_raw changed "$1"
  put_raw warnings "[${WARNINGS#,}]"
  put_close
  result "$REPLY"
}

# refuse_another_node: of a machine that was cut off in here nothing tells the name any more, but the record
refuse_another_node() {
  if reset_began; then
    [[ $REPLY == "$TARGET" ]] || refuse "This machine was being removed as the node $REPLY, expected $TARGET: check the instance id."
  else
    kubelet_name
    [[ -z $NODE_NAME || $NODE_NAME == "$TARGET" ]] || refuse "This machine is the node $NODE_NAME of its cluster, expected $TARGET: check the instance id."
  fi
}

step_begin
node_parameter
parameter_yes_no LeaveEtcd
LEAVE_ETCD=$REPLY
step_lock

step 'check the preconditions'
cluster_state
if [[ $CLUSTER_STATE == none ]]; then
  reset_ended || refuse "This machine is no node of a cluster, and was none that kubeadm-autopilot removed: check the instance id and the tag kubeadm-autopilot:cluster."
  log "it was removed as the node $REPLY: nothing to do"
  answer false
fi
if [[ $CLUSTER_STATE == joined ]]; then reset_forget; fi
topology
container_runtime
refuse_another_node
runtime_socket && SOCKET=$REPLY
etcd_data_dir && ETCD_DATA=$REPLY

# Where the reset has begun, it has left.
if [[ $LEAVE_ETCD == yes ]] && ! reset_began; then
  step 'leave etcd'
  etcd_leave
fi

step 'kubeadm reset'
reset_begin "$TARGET" "$SOCKET" "$ETCD_DATA"
# The member has left, or cannot: kubeadm would ask all the others about it.
kubeadm_run 600 reset --force --skip-phases=remove-etcd-member "--cert-dir=$PKI" ${SOCKET:+"--cri-socket=$SOCKET"}
[[ $KUBEADM_CODE == 0 ]] || fail "kubeadm reset ended with $KUBEADM_CODE: ${KUBEADM_SAID}Look at the log, then start the operation again: it goes on where it stopped."

step 'remove what kubeadm leaves'
limited 60 systemctl disable --now kubelet || warn "The kubelet cannot be disabled: it would be started at the next boot, without a configuration."
rm -rf "$ROOT$KUBERNETES/tmp" "$ROOT${PATCHES:?}" "$ROOT$ETCD_DATA/member" || fail "$ETCD_DATA/member, $PATCHES and $KUBERNETES/tmp cannot be deleted: look at their file system, then run this again."
network_plugin_set_aside
network_rules_remove
network_links_remove
remains_warn

step 'look at what is left'
cluster_left || fail "kubeadm reset has ended, and $CLUSTER_FILE is still there: delete it, then run this again."
reset_end "$TARGET"
answer true
