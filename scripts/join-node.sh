#!/bin/bash
# Makes a prepared machine a node of the cluster with kubeadm join. Result: JoinedNode (lambdas/contracts/create-steps.ts).
#
# Parameters: Version         X.Y.Z, of kubeadm and kubelet on this node
#             Configuration   of kubeadm in base64, with placeholders for the secrets and the hash
#             Patches         of kubeadm, see lib/kubeadm/patches.sh, or none
#             Secret          name of the SSM parameter that holds the bootstrap token; the node reads it itself
#             CertificateKey  the same of the certificate key; none on a worker
#             CaHash          SHA-256 of the public key of the cluster's CA: it joins no other cluster
#
# Killed at any moment, run again: what kubeadm had not finished is undone and begins anew.

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
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/secrets/aws-signature.sh"
. "${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
. "${BASH_SOURCE%/*}/lib/secrets/bootstrap-token.sh"
. "${BASH_SOURCE%/*}/lib/secrets/certificate-key.sh"
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/packages/installed.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/patches.sh"
. "${BASH_SOURCE%/*}/lib/create/record.sh"
. "${BASH_SOURCE%/*}/lib/create/provider-id.sh"
. "${BASH_SOURCE%/*}/lib/create/migrate.sh"
. "${BASH_SOURCE%/*}/lib/create/kubeadm-run.sh"

# answer CHANGED
answer() {
  local OBJECT=''
  step 'answer'
  put node "$(uname -n)"
  put_raw changed "$1"
  put_close
  result "$REPLY"
}

# is_node: its kubelet runs, and on a control plane its API server is ready. REPLY else: what is not.
is_node() {
  topology
  kubelet_active || return 1
  [[ -z $CERTIFICATE_KEY_SECRET ]] || api_server_ready
}

refuse_another_cluster() {
  topology
  ca_hash
  [[ $REPLY == "$HASH" ]] || refuse "This machine is a node of another cluster: its CA is ${REPLY:-not readable}, expected $HASH; check the tag kubeadm-autopilot:cluster, or run 'kubeadm reset' on it."
}

step_begin
version_parameter
configuration_parameter
patches_parameter
secret_parameter
certificate_key_parameter
parameter CaHash
HASH=$REPLY
[[ $HASH =~ ^[0-9a-f]{64}$ ]] || refuse "Parameter CaHash is '${HASH:0:60}', expected 64 hexadecimal digits."
step_lock

step 'check the preconditions'
cluster_state
case $CLUSTER_STATE in
  joined)
    refuse_another_cluster
    answer false
    ;;
  remains) refuse "This machine has remains of a cluster ($CLUSTER_FILE): run 'kubeadm reset' on it if nobody needs them, then run this again." ;;
esac
refuse_other_version

step 'check the configuration'
bootstrap_token_read
CONFIGURATION=${CONFIGURATION//ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff/"$HASH"}
put_secret 000000.0000000000000000 "$TOKEN"
HIDDEN+=("${TOKEN#*.}")
if [[ -n $CERTIFICATE_KEY_SECRET ]]; then
  certificate_key_read
  put_secret 0000000000000000000000000000000000000000000000000000000000000000 "$CERTIFICATE_KEY"
fi
provider_id_put
configuration_migrate
configuration_write
patches_write

step 'kubeadm join'
if [[ $CLUSTER_STATE == unfinished ]]; then kubeadm_undo; fi
write_or_fail "$CREATE_UNFINISHED" join
kubeadm_run 1500 join --config "$KUBEADM_CONFIG"
# A kubelet that was ended by undoing stays Ready in the cluster until the node controller has missed it for 50 s, and kubeadm takes that for
# another node of this name; what it wrote by then has to go before it is asked again.
UNTIL=$((SECONDS + 120))
while [[ $CLUSTER_STATE == unfinished && $KUBEADM_CODE != 0 && $KUBEADM_SAID == *'already exists in the cluster'* && $SECONDS -lt $UNTIL ]]; do
  log 'the cluster has not missed the node yet that was undone here; waiting'
  kubeadm_undo
  sleep 5
  kubeadm_run 1500 join --config "$KUBEADM_CONFIG"
done
[[ $KUBEADM_CODE == 0 ]] || fail "kubeadm join ended with $KUBEADM_CODE: ${KUBEADM_SAID}Look at the log (journalctl -u kubelet), then start the operation again: it undoes this first."
secrets_remove

step 'look at what runs'
UNTIL=$((SECONDS + PATIENCE))
until is_node; do
  WHY=$REPLY
  [[ $SECONDS -lt $UNTIL ]] || fail "kubeadm join has ended, and after $PATIENCE s this holds: $WHY; look at 'crictl ps -a' and 'journalctl -u kubelet', then run this again."
  sleep 1
done
cluster_joined
answer true
