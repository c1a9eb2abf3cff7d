#!/bin/bash
# Waits until a node of the cluster is Ready at a version, then uncordons it if drain-node.sh cordoned it. Result: UncordonedNode
# (lambdas/contracts/upgrade-steps.ts). A node that is not ready in time is an answer, not a failure; it stays cordoned then.
#
# Parameters: Node     the Kubernetes node
#             Version  X.Y.Z that its kubelet has to have; none: uncordoned at once, as it is (a drain was given up)

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/time-from-now.sh"
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
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/drain/node-object.sh"

# A kubelet that is alive renews its lease every 10 s. Clocks differ: one that is renewed while this looks is alive as well.
FIRST_LEASE=''

# target_ready: REPLY says why it is not
target_ready() {
  local lease
  target_read || return 1
  [[ $T_VERSION == "$VERSION" ]] || { REPLY="its kubelet is ${T_VERSION:-of no version}, expected $VERSION" && return 1; }
  [[ $T_READY == True ]] || { REPLY="its condition Ready is ${T_READY:-not set}" && return 1; }
  lease=$(kubectl_here -n kube-node-lease get lease "$TARGET" -o 'jsonpath={.spec.renewTime}' 2>/dev/null) || lease=''
  iso_in -40
  if [[ $lease == 2* && ! $lease < $REPLY ]]; then return 0; fi
  FIRST_LEASE=${FIRST_LEASE:-$lease}
  REPLY='its kubelet does not renew its lease'
  [[ $lease == 2* && $lease != "$FIRST_LEASE" ]]
}

# wait_until_ready: twice in a row. Returns 1 with the reason in REPLY.
wait_until_ready() {
  local until=$((SECONDS + 2 * PATIENCE)) ready=0
  while [[ $ready -lt 2 ]]; do
    if target_ready; then
      ready=$((ready + 1))
    else
      ready=0
      [[ $SECONDS -lt $until ]] || return 1
    fi
    sleep 1
  done
}

step_begin
node_parameter
parameter Version
if [[ $REPLY == none ]]; then VERSION=none; else version_parameter; fi
step_lock_on "drain-$TARGET"
topology
kubelet_name
refuse_unless_administrator

READY=true UNCORDONED=true REASON=''
if [[ $VERSION == none ]]; then
  target_wait
  [[ $T_READY == True ]] || { READY=false && REASON="its condition Ready is ${T_READY:-not set}"; }
else
  step "wait for $TARGET"
  wait_until_ready || { READY=false && REASON=$REPLY; }
fi

step "uncordon $TARGET"
if [[ $READY == true || $VERSION == none ]]; then
  target_uncordon || { UNCORDONED=false && REASON=$REPLY; }
else
  UNCORDONED=false
fi

step 'answer'
OBJECT=''
node_name
put node "$REPLY"
put target "$TARGET"
put_raw ready "$READY"
put version "${T_VERSION:-}"
put_raw uncordoned "$UNCORDONED"
put reason "$REASON"
put_close
result "$REPLY"
