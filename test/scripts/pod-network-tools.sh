#!/bin/bash
# More tools of a node, as upgrade-tools.sh has them, for pod-network.bats. `nsenter` enters nothing: a namespace is what `ip` says of it, and who
# is reached is in $NODE_ROOT/facts/way.
set -u
TOOL=${0##*/} ALL="$*"
FACTS=$NODE_ROOT/facts
base() { exec "$NODE_ROOT/usr/bin/base/$TOOL" "$@"; }

fault=$NODE_ROOT/faults/$TOOL
# shellcheck disable=SC2053 # the pattern is one
if [[ -f $fault && $ALL == $(head -n 1 "$fault") ]]; then base "$@"; fi

case "$TOOL $ALL" in
  'kubectl '*' get nodes -l '*) cat "$FACTS/nodes" ;;
  'kubectl '*' create -f -')
    cat >"$FACTS/jobs"
    # The pods get addresses later than they are asked for.
    date +%s%N >"$FACTS/created"
    ;;
  'kubectl '*' get pods -l kubeadm-autopilot/probe='*)
    tries=$(($(cat "$FACTS/tries" 2>/dev/null || echo 0) + 1))
    echo "$tries" >"$FACTS/tries"
    if [[ $tries == 1 ]]; then sed 's/|[^|]*|.*/||Pending  ContainerCreating/' "$FACTS/pods"; else cat "$FACTS/pods"; fi
    ;;
  'kubectl '*' delete jobs '*) rm -f "$FACTS/jobs" ;;
  'nsenter --net='*' ip -o address show to '*)
    file=${1#--net=}
    grep -qx "${*: -1}" "${file%/net}/address" 2>/dev/null && echo "2: eth0 inet ${*: -1}/24 scope global eth0"
    ;;
  # Arguments: --net=FILE BASH -c COMMAND ADDRESS PORT
  'nsenter --net='*'/dev/tcp/'*)
    printf '%s\n' "$TOOL $ALL" >>"$NODE_ROOT/calls.log"
    said=$(sed -n "s/^$5 //p" "$FACTS/way" | head -n 1)
    sed -i "0,/^$5 once /{/^$5 once /d}" "$FACTS/way"
    case ${said#once } in
      silence) exec /bin/sleep 30 ;;
      open) exit 0 ;;
      *) echo "bash: connect: ${said#once }" >&2 && echo "bash: line 1: /dev/tcp/$5/$6: ${said#once }" >&2 && exit 1 ;;
    esac
    ;;
  *) base "$@" ;;
esac
printf '%s\n' "$TOOL $ALL" >>"$NODE_ROOT/calls.log"
