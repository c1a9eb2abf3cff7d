#!/bin/bash
# Lets the cluster forget a node that is gone, from this control plane: its etcd member, its Node object, its lease. Then waits until etcd is
# whole. Result: ForgottenNode (lambdas/contracts/remove-steps.ts). What is gone already stays gone: run twice, the second one changes nothing.
#
# Parameters: Node    the Kubernetes node, another one than this
#             Member  id of its etcd member, hexadecimal, or none
#
# Whether etcd can spare that member is asked before this runs (lambdas/gates).

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/etcd/members.sh"
. "${BASH_SOURCE%/*}/lib/drain/node-object.sh"
. "${BASH_SOURCE%/*}/lib/remove/forget-member.sh"
. "${BASH_SOURCE%/*}/lib/remove/forget-object.sh"

step_begin
node_parameter
parameter Member
[[ $REPLY == none || $REPLY =~ ^[0-9a-f]{1,16}$ ]] || refuse "Parameter Member is '${REPLY:0:60}', expected the id of an etcd member, hexadecimal, or none."
MEMBER=$REPLY
step_lock_on "drain-$TARGET"
topology
container_runtime
kubelet_name
refuse_unless_administrator
[[ $NODE_NAME != "$TARGET" ]] || refuse "This control plane is $TARGET itself: another one has to forget it."

CHANGED=false
if [[ $ETCD == stacked && $MEMBER != none ]]; then
  step 'remove the etcd member'
  member_forget
fi

step "delete the Node $TARGET"
object_forget "node/$TARGET"
object_forget -n kube-node-lease "lease/$TARGET"

ETCD_REASON=''
if [[ $ETCD == stacked ]]; then
  step 'look at etcd'
  UNTIL=$((SECONDS + PATIENCE))
  until etcd_all_healthy; do
    ETCD_REASON=$REPLY
    if [[ $SECONDS -ge $UNTIL ]]; then break; fi
    sleep 1
  done
  [[ -n $REPLY ]] || ETCD_REASON=''
fi

step 'answer'
OBJECT=''
node_name
put node "$REPLY"
put target "$TARGET"
put_raw changed "$CHANGED"
if [[ $ETCD == stacked ]]; then
  etcd_count && put_raw etcdMembers "$REPLY"
fi
put etcdReason "$ETCD_REASON"
put_close
result "$REPLY"
