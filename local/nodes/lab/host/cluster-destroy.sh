#!/bin/bash
# cluster-destroy.sh CLUSTER_FOLDER CLUSTER
# Removes everything of a cluster, whatever state it is in: processes, namespaces (and with them mounts, links, routes), control groups, files.
# Says what is left, and fails, if anything is.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=names.sh
. "$HERE/names.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$HERE/cgroups.sh"
FOLDER=$1 CLUSTER=$2

# Killing a node's pid 1 kills all of its processes; its keeper, the load balancer and commands running inside are in the network namespaces.
processes() {
  local namespace
  for namespace in $(network_namespaces "$CLUSTER"); do ip netns pids "$namespace" 2>/dev/null || true; done
}
for _ in $(seq 100); do
  found=$(processes)
  [ -n "$found" ] || break
  # shellcheck disable=SC2086
  kill -KILL $found 2>/dev/null || true
  sleep 0.1
done
for namespace in $(network_namespaces "$CLUSTER"); do ip netns del "$namespace"; done
remove_cgroups "$CLUSTER"
for _ in $(seq 50); do # the kernel lets go of a node's mounts a moment after its last process
  rm -rf "$FOLDER" 2>/dev/null && break
  sleep 0.1
done

left=$(processes; network_namespaces "$CLUSTER"; find /sys/fs/cgroup -type d -name "lab.$CLUSTER" 2>/dev/null; ls -d "$FOLDER" 2>/dev/null || true)
[ -z "$left" ] || { echo "Lab cluster $CLUSTER could not be removed wholly; left are: $left" >&2; exit 1; }
