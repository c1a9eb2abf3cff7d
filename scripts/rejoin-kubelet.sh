#!/bin/bash
# Gives a kubelet whose client certificate has expired a bootstrap token, with which it gets itself a new one. A kubelet that is well is
# left alone; one that is only stopped is started. Result: RejoinResult (lambdas/contracts/node-steps.ts).
#
# Parameters: Secret  name of the SSM parameter that holds the token; the node reads it itself, and only when it is needed
#             Wait    no: the kubelet runs and has the token; so it runs its static pods and asks for a certificate again and again
#                     yes: it has its certificate, and the token has gone from this node
#
# Killed at any moment, run again: it goes on where it stopped.

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
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig-plain.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/certificates/rows.sh"
. "${BASH_SOURCE%/*}/lib/certificates/authorities.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/bootstrap.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/certificates.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/credentials.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/restart.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/stays.sh"
. "${BASH_SOURCE%/*}/lib/secrets/aws-signature.sh"
. "${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
. "${BASH_SOURCE%/*}/lib/secrets/bootstrap-token.sh"

# A bootstrap file of somebody else's gets this many seconds to prove that it works.
FOREIGN_SECONDS=${NODE_STEP_FOREIGN_SECONDS:-15}

# answer CHANGED REASON
answer() {
  local OBJECT='' before='' after=''
  step 'answer'
  if [[ -n $BEFORE ]]; then before="{\"notAfter\":\"$BEFORE\"}"; fi
  if credentials_valid; then after="{\"serial\":\"$X_SERIAL\",\"notAfter\":\"$X_AFTER\"}"; fi
  node_name
  put node "$REPLY"
  put_raw changed "$1"
  put reason "$2"
  put_raw before "$before"
  put_raw after "$after"
  REPLY=$(limited 10 systemctl is-active kubelet 2>/dev/null) || true
  put kubelet "${REPLY:-unknown}"
  put_close
  result "$REPLY"
}

# with_certificate CHANGED: the kubelet has a valid one. What a renewal left behind goes, the kubelet runs, the answer is told.
with_certificate() {
  local changed=$1
  if bootstrap_tidy; then changed=true; fi
  if ! kubelet_active; then
    log "$REPLY: its certificate is valid, start it"
    kubelet_restart
    changed=true
  fi
  if [[ $changed == true ]]; then answer true ''; fi
  credentials_valid || true
  answer false "The kubelet is active, and its certificate is valid until $X_AFTER."
}

# certificate_within SECONDS: true once the kubelet has got itself one
certificate_within() {
  local until=$((SECONDS + $1))
  until credentials_valid; do
    [[ $SECONDS -lt $until ]] || return 1
    sleep 0.3
  done
}

step_begin
secret_parameter
parameter_yes_no Wait
WAIT=$REPLY
step_lock

step 'look at the kubelet'
topology
inventory_clear
inventory_of_kubelet
[[ -e $ROOT$KUBELET_CONF || -e $ROOT$BOOTSTRAP || -e $ROOT$KUBELET_CURRENT ]] ||
  refuse "This node's kubelet has never joined a cluster: $KUBELET_CONF is not there. Join it with kubeadm, or check the tag kubeadm-autopilot:role."
if credentials_valid; then BEFORE=$X_AFTER && with_certificate false; fi
BEFORE=$X_AFTER
if point_to_current; then with_certificate true; fi
log "the kubelet's certificate: ${X_ERROR:-ended at $BEFORE}"
clear_the_way

bootstrap_owner
if [[ $REPLY == other ]]; then
  step 'restart the kubelet with the bootstrap file that it has'
  if kubelet_stays "$FOREIGN_SECONDS"; then
    if [[ $WAIT == no ]]; then answer true 'There is a bootstrap file of somebody else: the kubelet can start with it.'; fi
    if certificate_within "$FOREIGN_SECONDS"; then with_certificate true; fi
  fi
  log 'it does not work: ours takes its place'
fi

step 'read the bootstrap token'
bootstrap_token_read

step 'give the kubelet the bootstrap token'
bootstrap_write
# A kubelet that does not rotate its certificate would do nothing before it has one: while it runs, it goes on running.
if [[ $WAIT == yes ]] || kubelet_rotates || ! kubelet_active; then kubelet_restart; fi
if [[ $WAIT == no ]]; then answer true ''; fi

step 'wait for the certificate'
certificate_within "$PATIENCE" || { kubelet_says && fail "The kubelet has no new certificate after $PATIENCE s: $REPLY"; }

step 'remove the bootstrap token'
with_certificate true
