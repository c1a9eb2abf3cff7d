#!/bin/bash
# node-enter.sh CLUSTER_FOLDER CLUSTER NODE COMMAND...
# Runs a command inside a node, with the environment of a system service (no HOME). Ends with the command's exit code; 69 when the node is off.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=names.sh
. "$HERE/names.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$HERE/cgroups.sh"
FOLDER=$1 CLUSTER=$2 NODE=$3
shift 3
PID=$(node_process "$FOLDER" "$CLUSTER" "$NODE") || { echo "Node $NODE of lab cluster $CLUSTER is off." >&2; exit 69; }
join_cgroups_of "$PID"
exec nsenter --target "$PID" --mount --uts --ipc --net --pid --cgroup --root --wd -- \
  /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
