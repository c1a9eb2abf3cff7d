#!/bin/bash
# cluster-guard.sh CLUSTER_FOLDER CLUSTER
# Removes a cluster as soon as its owner, who holds the other end of standard input, has gone, however it ended; unless it said "keep" before.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# In braces: read as a whole, because a clone may change while a cluster is up.
{
  trap '' INT TERM HUP # whatever ends its owner, it stays to clean up
  read -r word || word=''
  [ "$word" != keep ] || exit 0
  [ ! -e "$1" ] || exec "$HERE/cluster-destroy.sh" "$1" "$2"
  exit 0
}
