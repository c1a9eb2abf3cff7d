#!/bin/bash
# at-once.sh NAME COMMAND [NAME COMMAND]...: all of the commands at the same time, to their ends; each line has the name of its command in
# front. Fails when any of them does, and names those.
set -euo pipefail
failed='' jobs=() names=()
while [ $# -gt 0 ]; do
  names+=("$1")
  # shellcheck disable=SC2086 # a command with its arguments
  { $2 2>&1 | sed -u "s/^/$1 | /"; } &
  jobs+=($!)
  shift 2
done
for index in "${!jobs[@]}"; do
  wait "${jobs[index]}" || failed="$failed, ${names[index]} ($?)"
done
[ -z "$failed" ] || { echo "FAILED: ${failed#, }" && exit 1; }
