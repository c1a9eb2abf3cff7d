#!/bin/bash
# Puts a pod on nodes of the cluster for a moment, whose network is then tried from each of them (check-pod-network.sh), or deletes them all.
# Result: ProbePods (lambdas/contracts/create-steps.ts).
#
# Parameters: Nodes   names with a comma between them, or all: this one is always among them, and a hundred at most
#             Action  create, or delete
#
# Each is a Job with a deadline: whatever becomes of the operation, the cluster itself removes them after a quarter of an hour.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/cluster-configuration.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/images.sh"

LABEL=kubeadm-autopilot/probe
MOST_PODS=100
# As long as the image may take.
LONGEST=$((NODE_STEP_TIME_LIMIT - 40))

# nodes_choose: sets CHOSEN, names of nodes, a line each: this one first
nodes_choose() {
  local all
  kubelet_name
  all=${WANTED//,/$'\n'}
  if [[ $WANTED == all ]]; then
    all=$(kubectl_here get nodes -l kubernetes.io/os!=windows -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}' 2>&1) || fail "The API server of this node did not tell the nodes: $(printf '%s' "$all" | tail -n 1 | head -c 300)"
  fi
  CHOSEN=$(printf '%s\n' "$NODE_NAME" "$all" | grep '^[a-z0-9][a-z0-9.-]*$' | awk '!seen[$0]++' | head -n "$MOST_PODS")
}

# pause_image -> REPLY, the one that kubeadm has of this release: the smallest there is, and most nodes have it
pause_image() {
  current_configuration
  configuration_value kubernetesVersion
  VERSION=${REPLY#v}
  images_wanted kubeadm
  image_of pause
  [[ -n $REPLY ]] || fail "kubeadm $VERSION names no pause image: look at 'kubeadm config images list'."
}

# job NODE IMAGE -> REPLY, JSON. It tolerates every taint, needs no scheduler, and may do nothing.
job() {
  printf -v REPLY '{"apiVersion":"batch/v1","kind":"Job","metadata":{"generateName":"kubeadm-autopilot-probe-","namespace":"kube-system","labels":{"%s":"%s"} },"spec":{"activeDeadlineSeconds":900,"ttlSecondsAfterFinished":0,"backoffLimit":0,"template":{"metadata":{"labels":{"%s":"%s"} },"spec":{"nodeName":"%s","restartPolicy":"Never","terminationGracePeriodSeconds":0,"priorityClassName":"system-node-critical","automountServiceAccountToken":false,"enableServiceLinks":false,"tolerations":[{"operator":"Exists"}],"securityContext":{"runAsNonRoot":true,"runAsUser":65535,"seccompProfile":{"type":"RuntimeDefault"} },"containers":[{"name":"pause","image":"%s","imagePullPolicy":"IfNotPresent","securityContext":{"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]} } }]} } } }' \
    "$LABEL" "$RUN" "$LABEL" "$RUN" "$1" "$2"
}

pods_create() {
  local image name items='' said
  pause_image
  image=$REPLY
  while read -r name; do
    job "$name" "$image"
    items=$items,$REPLY
  done < <(printf '%s\n' "$CHOSEN")
  said=$(printf '{"apiVersion":"v1","kind":"List","items":[%s]}' "${items#,}" | kubectl_for 60 create -f - 2>&1) ||
    fail "The pods that try the network cannot be created: $(printf '%s' "$said" | tail -n 1 | head -c 400). Look for an admission webhook or a policy that refuses Jobs in kube-system."
  log "$said"
}

# pods_look -> PODS, node=address with commas between, and REPLY, the first node without one and why. Returns 1 as long as there is one.
pods_look() {
  local all node name address phase why=''
  REPLY='the API server does not answer' PODS=''
  all=$(kubectl_here -n kube-system get pods -l "$LABEL=$RUN" -o 'jsonpath={range .items[*]}{.spec.nodeName}|{.status.podIP}|{.status.phase} {.status.reason} {.status.containerStatuses[0].state.waiting.reason}{"\n"}{end}' 2>&1) || return 1
  while read -r node; do
    name='' address='' phase='there is no pod'
    if [[ $'\n'$all == *$'\n'"$node|"* ]]; then IFS='|' read -r name address phase < <(printf '%s\n' "$all" | grep "^$node|" | head -n 1); fi
    if [[ $address =~ ^[0-9a-f.:]+$ ]]; then
      PODS="$PODS,$node=$address"
    elif [[ -z $why ]]; then
      # shellcheck disable=SC2086 # without the gaps of what is not there
      why="$node ($(echo $phase | head -c 200))"
    fi
  done < <(printf '%s\n' "$CHOSEN")
  PODS=${PODS#,} REPLY=$why
  [[ -z $why ]]
}

# pods_delete -> REPLY, why they are not deleted. Those of an earlier run, too.
pods_delete() {
  REPLY=$(kubectl_for 70 -n kube-system delete jobs -l "$LABEL" --ignore-not-found --cascade=foreground --timeout=60s 2>&1)
}

step_begin
parameter Nodes
WANTED=$REPLY
[[ $WANTED =~ ^[a-z0-9][a-z0-9.-]*(,[a-z0-9][a-z0-9.-]*)*$ ]] || refuse "Parameter Nodes is '${WANTED:0:60}', expected names of nodes with a comma between them, or all."
parameter Action
ACTION=$REPLY PODS=''
[[ $ACTION == create || $ACTION == delete ]] || refuse "Parameter Action is '${ACTION:0:60}', expected create or delete."
step_lock
topology
refuse_unless_administrator
RUN=$(date -u +%s)-$$

step 'delete the pods of before'
pods_delete || fail "The pods that try the network cannot be deleted: $(printf '%s' "$REPLY" | tail -n 1 | head -c 300). They end by themselves within a quarter of an hour."

if [[ $ACTION == create ]]; then
  step 'create the pods'
  nodes_choose
  AT_END=pods_delete
  pods_create
  until pods_look; do
    WHY=$REPLY
    [[ $SECONDS -lt $LONGEST ]] || fail "The pod that tries the network has no address on $WHY after $LONGEST s: look at the network plugin's pods there (kubectl -n kube-system get pods -o wide) and at 'journalctl -u kubelet'."
    sleep 1
  done
  AT_END=true
fi

step 'answer'
OBJECT=''
put node "$(uname -n)"
put_raw changed true
put pods "$PODS"
put_close
result "$REPLY"
