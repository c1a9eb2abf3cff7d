#!/bin/bash
# Is this control plane well, and could its certificates be renewed? Result: ControlPlaneFacts (lambdas/contracts/node-steps.ts).
#
# Parameter Inventory: yes adds what check-certificates.sh answers, and what would keep renew-certificates.sh from renewing. It changes nothing.
# What is not well is a fact, never a failure: it refuses only on a node that is no control plane.

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
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig-plain.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/backup-size.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/certificates/rows.sh"
. "${BASH_SOURCE%/*}/lib/certificates/authorities.sh"
. "${BASH_SOURCE%/*}/lib/certificates/signature.sh"
. "${BASH_SOURCE%/*}/lib/certificates/inventory.sh"
. "${BASH_SOURCE%/*}/lib/certificates/inventory-json.sh"
. "${BASH_SOURCE%/*}/lib/certificates/served.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/kubeadm.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/check-expiration.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/bootstrap.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/certificates.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/etcd/members.sh"
. "${BASH_SOURCE%/*}/lib/etcd/facts.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/second-manifests.sh"
. "${BASH_SOURCE%/*}/lib/renewal/unfinished.sh"
. "${BASH_SOURCE%/*}/lib/renewal/record.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions-of-files.sh"
. "${BASH_SOURCE%/*}/lib/renewal/preconditions-of-pods.sh"

# well COMMAND... -> REPLY, {"ok":true} or {"ok":false,"reason":...}
well() {
  local OBJECT='' reason
  if "$@"; then
    put_raw ok true
  else
    reason=$REPLY
    put_raw ok false
    put reason "$reason"
  fi
  put_close
}

# ca_keys_json -> REPLY, names of the CAs whose key is on this node
ca_keys_json() {
  local names=''
  [[ ! -s $ROOT$PKI/ca.key ]] || names="$names,\"ca\""
  [[ ! -s $ROOT${ETCD_CA%.*}.key ]] || names="$names,\"etcd-ca\""
  [[ ! -s $ROOT$PKI/front-proxy-ca.key ]] || names="$names,\"front-proxy-ca\""
  REPLY="[${names#,}]"
}

# renewal_json -> REPLY
renewal_json() {
  local OBJECT='' iso=''
  if [[ -r $RENEWAL/finished ]]; then iso=$(sed -n '1s/^[0-9]* //p' "$RENEWAL/finished"); fi
  put finishedAt "$iso"
  if renewal_open; then
    put_raw unfinished true
    if ! renewal_is_proven && to_restart_json; then put_raw toRestart "$REPLY"; fi
  else
    put_raw unfinished false
  fi
  put_raw obstacles "$OBSTACLES_JSON"
  # A kubelet with our bootstrap token: the repair that gave it to it has not come to its end.
  bootstrap_owner
  [[ $REPLY != ours ]] || put_raw rejoining true
  # Whoever changes this node holds the lock, also when the operation that sent it is no more. Exit code 1 alone means that it is held.
  if [[ -e $STATE/lock ]]; then
    limited 5 flock -n -s "$STATE/lock" true || [[ $? != 1 ]] || put_raw running true
  fi
  put_close
}

step_begin
parameter_yes_no Inventory
INVENTORY=$REPLY INVENTORY_JSON='' OBSTACLES_JSON=''
topology
[[ $CONTROL_PLANE == yes ]] || refuse "This node is no control plane: there is neither $MANIFESTS/kube-apiserver.yaml nor $PKI/apiserver.crt; check the tag kubeadm-autopilot:role."
container_runtime

# Without the inventory this is a look at the health between two nodes: as little work for the node as possible.
if [[ $INVENTORY == yes ]]; then
  step 'read the certificates'
  inventory_collect
  cluster_configuration_save || log "ClusterConfiguration not saved: $REPLY"
  inventory_ask_kubeadm
  served_collect
  served_json
  SERVED_JSON=$REPLY
  inventory_json ''
  INVENTORY_JSON=$REPLY
  step 'ask what a renewal needs'
  obstacles_json
  OBSTACLES_JSON=$REPLY
else
  # For the node's name alone.
  inventory_clear
  inventory_of_kubelet
fi

step 'ask the components'
HEALTH='' OBJECT=''
well kubelet_active && HEALTH="\"kubelet\":$REPLY"
well healthy kube-apiserver && HEALTH="$HEALTH,\"apiServer\":$REPLY"
well healthy kube-controller-manager && HEALTH="$HEALTH,\"controllerManager\":$REPLY"
well healthy kube-scheduler && HEALTH="$HEALTH,\"scheduler\":$REPLY"
etcd_facts
ETCD_JSON=$REPLY

step 'answer'
ca_keys_json && CA_KEYS=$REPLY
disk_free_kib "$STATE" && FREE=$REPLY
backup_needs_kib && NEEDED=$REPLY
renewal_json && RENEWAL_JSON=$REPLY
node_name
put node "$REPLY"
put_raw inventory "$INVENTORY_JSON"
put_raw health "{$HEALTH}"
put_raw etcd "$ETCD_JSON"
put_raw caKeys "$CA_KEYS"
put_raw disk "{\"freeKiB\":$FREE,\"neededKiB\":$NEEDED}"
put_raw renewal "$RENEWAL_JSON"
put_close
result "$REPLY"
