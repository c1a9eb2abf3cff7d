#!/bin/bash
# Drains a node of the cluster from this control plane: cordons it, and moves its pods away as their budgets allow. Result: DrainedNode
# (lambdas/contracts/upgrade-steps.ts). A node that is not empty in time is an answer, not a failure; it stays cordoned until
# uncordon-node.sh.
#
# Parameters: Node            the Kubernetes node to drain, another one or this one
#             TimeoutSeconds  for all of it
#             Force           yes: pods are deleted in spite of their budgets, and also those that nobody makes anew
#
# Several drains may run here at once, each of another node.

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
. "${BASH_SOURCE%/*}/lib/drain/node-object.sh"
. "${BASH_SOURCE%/*}/lib/drain/evict.sh"

step_begin
node_parameter
parameter TimeoutSeconds
[[ $REPLY =~ ^[1-9][0-9]{0,3}$ && $REPLY -le 3600 ]] || refuse "Parameter TimeoutSeconds is '${REPLY:0:60}', expected seconds from 1 to 3600."
TIMEOUT=$REPLY
parameter_yes_no Force
FORCE=$REPLY
step_lock_on "drain-$TARGET"
topology
kubelet_name
refuse_unless_administrator

step "cordon $TARGET"
target_cordon

step "drain $TARGET"
BLOCKED_POD=() BLOCKED_BUDGET=() BLOCKED_REASON=() GONE=' ' EVICTED=0
UNTIL=$((SECONDS + TIMEOUT))
while :; do
  LEFT=$((UNTIL - SECONDS))
  [[ $LEFT -ge 1 ]] || LEFT=1
  drain_target "$LEFT"
  if [[ -n $DRAINED || $SECONDS -ge $UNTIL ]]; then break; fi
  # Pods that only Force moves: waiting does not help.
  if [[ ${BLOCKED_REASON[*]-} == *'no controller'* ]]; then break; fi
  # An API server that was gone for a moment, for example.
  log "again: ${WHY:-kubectl ended too early}"
  sleep 2
done
if [[ -z $DRAINED && ${#BLOCKED_POD[@]} == 0 ]]; then log "not drained: ${WHY:-time is up}"; fi

step 'answer'
blocked_json && BLOCKED=$REPLY
OBJECT=''
node_name
put node "$REPLY"
put target "$TARGET"
if [[ -n $DRAINED ]]; then put_raw drained true; else put_raw drained false; fi
put_raw cordonedBefore "$CORDONED_BEFORE"
put_raw evicted "$EVICTED"
put_raw blockedBy "$BLOCKED"
put_close
result "$REPLY"
