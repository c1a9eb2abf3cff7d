#!/bin/bash
# Tells what a machine is, for the prerequisites of Kubernetes: size, names, ports, runtime, packages, and of which cluster it is a node. Changes
# nothing. Result: PreflightFacts (lambdas/contracts/create-steps.ts).
#
# Parameters: Endpoint       host:port of the cluster's API, or none
#             EtcdEndpoints  of an external etcd, https:// addresses with a comma between them, or none
#             EtcdFiles      certificate of its CA, client certificate and key, with commas between them, or none
#             ControlPlanes  addresses of the cluster's control planes, with commas between them, or none; Workers: likewise

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
. "${BASH_SOURCE%/*}/lib/inspection/lists.sh"
. "${BASH_SOURCE%/*}/lib/packages/installed.sh"
. "${BASH_SOURCE%/*}/lib/runtime/containerd.sh"
. "${BASH_SOURCE%/*}/lib/runtime/cri-o.sh"
. "${BASH_SOURCE%/*}/lib/runtime/cri-dockerd.sh"
. "${BASH_SOURCE%/*}/lib/etcd/external.sh"
. "${BASH_SOURCE%/*}/lib/create/record.sh"
. "${BASH_SOURCE%/*}/lib/machine/kernel.sh"
. "${BASH_SOURCE%/*}/lib/machine/facts.sh"
. "${BASH_SOURCE%/*}/lib/machine/reach.sh"

# Of the API server, etcd, the kubelet, kube-proxy, the controller manager and the scheduler.
PORTS='6443 2379 2380 10250 10256 10257 10259'

# endpoint_addresses -> REPLY, a line each
endpoint_addresses() {
  REPLY=''
  [[ $ENDPOINT != none ]] || return 0
  REPLY=$(limited 15 getent ahosts "${ENDPOINT%:*}" 2>/dev/null | awk '{ print $1 }' | sort -u) || REPLY=''
}

step_begin
parameter Endpoint
ENDPOINT=$REPLY
[[ $ENDPOINT == none || $ENDPOINT =~ ^[a-z0-9][a-z0-9.-]*:[0-9]+$ ]] || refuse "Parameter Endpoint is '${ENDPOINT:0:60}', expected host:port, or none."
external_etcd_parameters
peers_parameters

step 'look at the machine'
topology
OBJECT=''
put node "$(uname -n)"
system_json && put_raw system "$REPLY"
cpus_online && put_raw cpus "$REPLY"
memory_mib && put_raw memoryMiB "$REPLY"
mib_free /var/lib/kubelet && DISK="\"kubeletFreeMiB\":$REPLY"
mib_free /var/lib/containerd && DISK="$DISK,\"containerdFreeMiB\":$REPLY"
mib_free /var/lib/etcd && put_raw disk "{$DISK,\"etcdFreeMiB\":$REPLY}"
put productUuid "$(cat "$ROOT/sys/class/dmi/id/product_uuid" 2>/dev/null)"
default_macs && names_json 20 "$REPLY" && put_raw macs "$REPLY"
if swap_is_on; then put_raw swap true; else put_raw swap false; fi
if [[ -e $ROOT/sys/fs/cgroup/cgroup.controllers ]]; then put cgroup v2; else put cgroup v1; fi
clock_state && put clock "$REPLY"
runtime_json && put_raw runtime "$REPLY"
installed_json && put_raw packages "$REPLY"
# shellcheck disable=SC2086 # numbers, one word each
ports_listening $PORTS && put_raw portsInUse "[$REPLY]"
endpoint_addresses && names_json 20 "$REPLY" && put_raw endpointAddresses "$REPLY"
external_etcd_json && put_raw externalEtcd "$REPLY"
STACKED=yes
[[ $ETCD_ENDPOINTS == none ]] || STACKED=no
unreached "$STACKED" && names_json 60 "$REPLY" && put_raw unreached "$REPLY"
membership_json && put_raw cluster "$REPLY"
secrets_json && put_raw secrets "$REPLY"
# Whoever changes this node holds the lock, also when the operation that sent it is no more. Exit code 1 alone means that it is held.
if [[ -e $STATE/lock ]]; then
  limited 5 flock -n -s "$STATE/lock" true || [[ $? != 1 ]] || put_raw running true
fi

step 'answer'
put_close
result "$REPLY"
