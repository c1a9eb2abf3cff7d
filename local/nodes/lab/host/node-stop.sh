#!/bin/bash
# node-stop.sh CLUSTER_FOLDER CLUSTER NODE [now]
# Switches a node off: in order (services stop, everything else is asked to), or at once, like a power cut. Returns when it is off.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=names.sh
. "$(dirname "${BASH_SOURCE[0]}")/names.sh"
FOLDER=$1 CLUSTER=$2 NODE=$3 HOW=${4:-}
PID=$(node_process "$FOLDER" "$CLUSTER" "$NODE") || exit 0
[ "$HOW" = now ] || kill -TERM "$PID"
for attempt in $(seq 300); do
  node_process "$FOLDER" "$CLUSTER" "$NODE" >/dev/null || exit 0
  if [ "$HOW" = now ] || [ "$attempt" = 200 ]; then kill -KILL "$PID" 2>/dev/null || true; fi
  sleep 0.1
done
echo "Node $NODE of lab cluster $CLUSTER did not end within 30 s (process $PID)." >&2
exit 1
