#!/bin/bash
# Makes the first control plane of a cluster with kubeadm init, and applies the manifest of its network plugin.
# Result: InitialisedControlPlane (lambdas/contracts/create-steps.ts).
#
# Parameters: Version        X.Y.Z, of kubeadm and kubelet on this node
#             Configuration  of kubeadm in base64, with a placeholder for the token
#             Patches        of kubeadm, see lib/kubeadm/patches.sh, or none
#             Secret         name of the SSM parameter that holds the bootstrap token; the node reads it itself
#             CniUrl         the manifest, or none; CniSha256: what has to come from there
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
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/secrets/aws-signature.sh"
. "${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
. "${BASH_SOURCE%/*}/lib/secrets/bootstrap-token.sh"
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/packages/installed.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/patches.sh"
. "${BASH_SOURCE%/*}/lib/create/record.sh"
. "${BASH_SOURCE%/*}/lib/create/provider-id.sh"
. "${BASH_SOURCE%/*}/lib/create/migrate.sh"
. "${BASH_SOURCE%/*}/lib/create/kubeadm-run.sh"
. "${BASH_SOURCE%/*}/lib/etcd/client.sh"

MANIFEST=$STATE/create/network-plugin.yaml

# answer CHANGED
answer() {
  local OBJECT=''
  step 'answer'
  put node "$(uname -n)"
  put_raw changed "$1"
  put_close
  result "$REPLY"
}

network_plugin_parameters() {
  parameter CniUrl
  CNI_URL=$REPLY
  [[ $CNI_URL == none || $CNI_URL =~ ^(https|file)://[A-Za-z0-9._~:/@%+-]+$ ]] || refuse "Parameter CniUrl is '${REPLY:0:60}', expected an https:// or file:/// address, or none."
  parameter CniSha256
  CNI_SHA256=$REPLY
  [[ $CNI_URL == none || $CNI_SHA256 =~ ^[0-9a-f]{64}$ ]] || refuse "Parameter CniSha256 is '${REPLY:0:60}', expected 64 hexadecimal digits."
}

# network_plugin_fetch: before anything changes, because without it there is no cluster
network_plugin_fetch() {
  local said
  [[ $CNI_URL != none ]] || return 0
  mkdir -p "${MANIFEST%/*}" || fail "${MANIFEST#"$ROOT"} cannot be written: is the disk full or read-only?"
  said=$(limited 130 curl -q -fsSL --proto '=https,file' --proto-redir '=https' --max-time 120 --max-filesize 20971520 -o "$MANIFEST" "${CNI_URL/#file:\/\//file://$ROOT}" 2>&1) ||
    refuse "The network plugin's manifest cannot be fetched from $CNI_URL: $(printf '%s' "$said" | tail -n 1 | head -c 300). Correct kubernetes.cni.url of the cluster's settings, or let this node reach it."
  said=$(openssl dgst -sha256 <"$MANIFEST") said=${said##*[= ]}
  [[ $said == "$CNI_SHA256" ]] || refuse "The network plugin's manifest at $CNI_URL has the checksum $said, expected $CNI_SHA256: look at what has changed there, then correct kubernetes.cni.sha256 of the cluster's settings."
}

network_plugin_apply() {
  local said
  [[ $CNI_URL != none ]] || return 0
  # On the server, because some manifests are too long for an annotation.
  said=$(kubectl_for 120 apply --server-side --force-conflicts -f "$MANIFEST" 2>&1) || fail "The network plugin's manifest cannot be applied: $(printf '%s' "$said" | tail -n 2 | tr '\n' ' ' | head -c 400)"
  log "$said"
}

# is_complete: kubeadm init came to its end, which is the addons
is_complete() {
  topology
  [[ $CONTROL_PLANE == yes && -e $ROOT$KUBERNETES/kubelet.conf ]] && api_server_ready &&
    kubectl_here -n kube-system get configmap/kubeadm-config configmap/kubelet-config deployment/coredns daemonset/kube-proxy
}

# undo: what was cut off; what an external etcd knows this control plane by stays (etcd-client.sh)
undo() {
  topology
  etcd_client_paths
  # As JSON, or as YAML where kubeadm migrated it.
  if [[ $CONFIGURATION == *'"external":'* || $CONFIGURATION == *'  external:'* ]]; then etcd_client_keep; fi
  kubeadm_undo
  etcd_client_put_back
}

step_begin
version_parameter
configuration_parameter
patches_parameter
secret_parameter
network_plugin_parameters
step_lock

step 'check the preconditions'
cluster_state
case $CLUSTER_STATE:$CLUSTER_STEP in
  joined:) topology && [[ $CONTROL_PLANE == yes ]] || refuse "This machine is a worker of a cluster already: check the tag kubeadm-autopilot:role." ;;
  remains:) refuse "This machine has remains of a cluster ($CLUSTER_FILE): run 'kubeadm reset' on it if nobody needs them, then run this again." ;;
  unfinished:join | unfinished:etcd) refuse "This machine was about to become something else ($CLUSTER_STEP) and was cut off: finish that first, or run kubeadm reset on it." ;;
esac
if [[ $CLUSTER_STATE == joined ]]; then answer false; fi
refuse_other_version
network_plugin_fetch

step 'check the configuration'
bootstrap_token_read
put_secret 000000.0000000000000000 "$TOKEN"
HIDDEN+=("${TOKEN#*.}")
provider_id_put
configuration_migrate
configuration_write
patches_write

step 'kubeadm init'
if [[ $CLUSTER_STATE == unfinished ]] && is_complete; then
  log 'kubeadm init had come to its end'
else
  if [[ $CLUSTER_STATE == unfinished ]]; then undo; fi
  write_or_fail "$CREATE_UNFINISHED" init
  kubeadm_run 1500 init --config "$KUBEADM_CONFIG" --skip-token-print --skip-certificate-key-print
  [[ $KUBEADM_CODE == 0 ]] || fail "kubeadm init ended with $KUBEADM_CODE: ${KUBEADM_SAID}Look at the log (journalctl -u kubelet, crictl ps -a), then start the operation again: it undoes this first."
fi
secrets_remove

step 'look at what runs'
topology
UNTIL=$((SECONDS + PATIENCE))
until is_complete; do
  [[ $SECONDS -lt $UNTIL ]] || fail "kubeadm init has ended, and its API server is not ready within $PATIENCE s${REPLY:+: $REPLY}; look at 'crictl ps -a', then run this again."
  sleep 1
done

step 'apply the network plugin'
network_plugin_apply
cluster_joined
answer true
