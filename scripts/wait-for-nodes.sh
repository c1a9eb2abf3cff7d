#!/bin/bash
# Waits until nodes of the cluster are there and Ready. Result: NodesReady (lambdas/contracts/node-steps.ts). It changes nothing, and a node that
# is not Ready in the end is a fact, not a failure.
#
# Parameters: Nodes, names with a comma between them, or all; Absent, how many of them cannot become Ready, as is known already: for as many
# it does not wait.
#
# After an outage the Node objects may still say Ready, because nobody was there to write anything else. So a node counts only while its
# kubelet renews its lease: lately, or since this began to look (whose clock is wrong renews it all the same).

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
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig-plain.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/certificates/rows.sh"
. "${BASH_SOURCE%/*}/lib/certificates/authorities.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/certificates.sh"

# The node controller waits 40 s or longer before it calls a node lost.
LEASE_SECONDS=40
FIRST_LEASES='' WHY='' TOLD=''

# look_at_nodes: sets NODES, how many of those asked for are there, and NOT_READY (words). Returns 1 when the API server does not tell; WHY is
# the reason.
look_at_nodes() {
  local nodes leases oldest name status rest time waiting=,$WANTED,
  WHY=$(kubectl_here get nodes --no-headers 2>&1) && nodes=$WHY || return 1
  WHY=$(kubectl_here -n kube-node-lease get leases -o 'jsonpath={range .items[*]}{.metadata.name} {.spec.renewTime}{"\n"}{end}' 2>&1) && leases=$WHY || return 1
  [[ -n $FIRST_LEASES ]] || FIRST_LEASES=$leases
  iso_in "-$LEASE_SECONDS" && oldest=$REPLY
  NODES=0 NOT_READY=''
  while read -r name status rest; do
    # Warnings of kubectl stand between the lines.
    [[ $name =~ ^[a-z0-9][a-z0-9.-]*$ && -n $status ]] || continue
    if [[ $WANTED != all ]]; then
      [[ $waiting == *",$name,"* ]] || continue
      waiting=${waiting/",$name,"/,}
    fi
    NODES=$((NODES + 1)) time=''
    if [[ $'\n'$leases == *$'\n'"$name "* ]]; then time=$'\n'$leases time=${time#*$'\n'"$name "} time=${time%%$'\n'*}; fi
    case $status in
      Ready | Ready,*) if lease_is_alive "$name $time" "$time" "$oldest"; then continue; fi ;;
    esac
    NOT_READY="$NOT_READY $name"
  done < <(printf '%s\n' "$nodes")
  if [[ $WANTED == all && $NODES == 0 ]]; then WHY='it knows no node' && return 1; fi
  # Those that are not there.
  if [[ $WANTED != all ]]; then NOT_READY="$NOT_READY ${waiting//,/ }"; fi
  TOLD=yes
}

# lease_is_alive LINE TIME OLDEST
lease_is_alive() {
  [[ -n $2 ]] || return 1
  [[ ! $2 < $3 || $'\n'$FIRST_LEASES$'\n' != *$'\n'$1$'\n'* ]]
}

step_begin
parameter Nodes
WANTED=$REPLY
[[ $WANTED =~ ^[a-z0-9][a-z0-9.-]*(,[a-z0-9][a-z0-9.-]*)*$ ]] || refuse "Parameter Nodes is '${WANTED:0:60}', expected names of nodes with a comma between them, or all."
parameter Absent
ABSENT=$REPLY
[[ $ABSENT =~ ^[0-9]{1,4}$ ]] || refuse "Parameter Absent is '${ABSENT:0:60}', expected a number of nodes, such as 0."
topology
inventory_clear
inventory_of_kubelet
refuse_unless_administrator

step 'wait for the nodes'
UNTIL=$((SECONDS + PATIENCE)) NODES=0 NOT_READY=''
until look_at_nodes && [[ $(printf '%s' "$NOT_READY" | wc -w) -le $((10#$ABSENT)) ]]; do
  if [[ $SECONDS -ge $UNTIL ]]; then break; fi
  sleep 1
done
[[ -n $TOLD ]] || fail "The API server of this node did not tell the nodes within $PATIENCE s: $(printf '%s' "$WHY" | tail -n 1 | head -c 300). Look at 'crictl logs' of kube-apiserver, then run this again."
log "$NODES nodes, not Ready:${NOT_READY:- none}"

step 'answer'
NAMES='' COUNT=0
for NAME in $NOT_READY; do
  if [[ $COUNT -lt 50 ]]; then json_string "$NAME" && NAMES="$NAMES,$REPLY" COUNT=$((COUNT + 1)); fi
done
OBJECT=''
node_name
put node "$REPLY"
put_raw nodes "$NODES"
put_raw notReady "[${NAMES#,}]"
put_close
result "$REPLY"
