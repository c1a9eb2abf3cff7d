#!/bin/bash
# Looks whether a pod on this node reaches a pod on each other one: from the network namespace of this node's own, it connects to a port of the
# others on which nobody listens. A refusal has come all the way there and back; silence has not.
# Result: PodNetwork (lambdas/contracts/create-steps.ts).
#
# Parameters: Pods  node=address with commas between them, this node's own among them (probe-pods.sh)

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"

# discard: no program of a pause container listens at all
CLOSED_PORT=9
# Network plugins make the way to a new node within seconds, some within a minute.
LONGEST=${NODE_STEP_PATIENCE:-90}

# namespace_of ADDRESS: sets NAMESPACE, a file that leads to the network namespace which has it. Whatever the container runtime is, the pod has a
# process there.
namespace_of() {
  local file
  while read -r file; do
    if [[ -n $(limited 5 nsenter --net="$file" ip -o address show to "$1" 2>/dev/null) ]]; then
      NAMESPACE=$file
      return 0
    fi
  done < <(find "$ROOT"/proc/[0-9]*/ns -maxdepth 1 -name net -printf '%p %l\n' 2>/dev/null | awk '!seen[$2]++ { print $1 }')
  return 1
}

# try POD: prints its node and why it was not reached
try() {
  local said
  # shellcheck disable=SC2016 # the shell in there expands it
  said=$(limited 4 nsenter --net="$NAMESPACE" "$BASH" -c 'exec 3<>"/dev/tcp/$0/$1"' "${1#*=}" "$CLOSED_PORT" 2>&1) && return 0
  [[ $said != *'Connection refused'* ]] || return 0
  said=${said##*: }
  printf '%s\n' "${1%%=*} (${said:-no answer})"
}

# try_all: sets UNREACHED, a line for each
try_all() {
  local pod
  UNREACHED=$(
    for pod in $OTHERS; do try "$pod" & done
    wait
  )
}

# in_words LINES -> REPLY, five of them at most
in_words() {
  local amount
  amount=$(printf '%s\n' "$1" | wc -l)
  REPLY=$(printf '%s\n' "$1" | sort | head -n 5 | paste -s -d , | sed 's/,/, /g')
  if [[ $amount -gt 5 ]]; then REPLY="$REPLY and $((amount - 5)) more"; fi
}

step_begin
parameter Pods
[[ $REPLY =~ ^[a-z0-9][a-z0-9.-]*=[0-9a-f.:]+(,[a-z0-9][a-z0-9.-]*=[0-9a-f.:]+)*$ ]] || refuse "Parameter Pods is '${REPLY:0:60}', expected node=address with commas between them."
PODS=${REPLY//,/ }
kubelet_name
OWN='' OTHERS=''
for POD in $PODS; do
  if [[ ${POD%%=*} == "$NODE_NAME" ]]; then OWN=${POD#*=}; else OTHERS="$OTHERS $POD"; fi
done
# Of a very large cluster not every node has a pod.
if [[ -z $OWN ]]; then OTHERS=''; fi

step 'find the pod of this node'
if [[ -n $OWN ]]; then
  until namespace_of "$OWN"; do
    [[ $SECONDS -lt $LONGEST ]] || fail "No network namespace of this node has the address $OWN of its pod: has the pod ended (kubectl -n kube-system get pods -o wide)? Start the operation again."
    sleep 1
  done
fi

step 'connect to the pods of the others'
try_all
while [[ -n $UNREACHED ]]; do
  in_words "$UNREACHED"
  [[ $SECONDS -lt $LONGEST ]] || fail "A pod on $NODE_NAME does not reach a pod on $REPLY: look at the network plugin's pods on these nodes (kubectl -n kube-system get pods -o wide), at security groups and source/destination check of their instances, and at policies that forbid traffic in kube-system."
  log "not reached: $REPLY"
  sleep 2
  try_all
done

step 'answer'
OBJECT=''
put node "$(uname -n)"
put_raw reached "$(printf '%s' "$OTHERS" | wc -w)"
put_close
result "$REPLY"
