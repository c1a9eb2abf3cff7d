#!/bin/bash
# node-run.sh CLUSTER_FOLDER CLUSTER NODE LOWER_FOLDERS
# Switches a node on and stays until it is off; a node that reboots is switched on again. Runs in the node's network namespace
# (nsenter --net; ip netns exec would hide the control groups), so that killing what is in there ends it.
# LOWER_FOLDERS: the read-only layers below the node's own, separated by colons, topmost first.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$HERE/cgroups.sh"
FOLDER=$1 CLUSTER=$2 NODE=$3 LOWER=$4
DISK=$FOLDER/nodes/$NODE
readonly REBOOT=194 # what the node's init says

# In braces: read as a whole, because a clone may change while a node runs.
{
  # After a power cut the one before may not have ended yet: the file system is still its own, and it takes away the pid file of its node last.
  exec {LOCK}>>"$DISK/power.lock"
  flock -w 30 $LOCK || { echo "Node $NODE of lab cluster $CLUSTER: what ran it before has not ended within 30 s." >&2; exit 1; }
  create_and_join_cgroups "$CLUSTER" "$NODE"
  while true; do
    empty_cgroups_of $BASHPID
    code=0
    unshare --mount --uts --ipc --pid --cgroup --fork --kill-child --propagation private \
      "$HERE/node-init.sh" "$DISK" "$NODE" "$LOWER" {LOCK}>&- || code=$?
    rm -f "$DISK/pid"
    [ "$code" = $REBOOT ] || exit "$code"
  done
}
