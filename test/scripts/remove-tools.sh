#!/bin/bash
# More tools of a node, as upgrade-tools.sh has them: see remove-node.bash.
set -u
TOOL=${0##*/} ALL="$*"
FACTS=$NODE_ROOT/facts

base() { exec "$NODE_ROOT/usr/bin/base/$TOOL" "$@"; }

fault=$NODE_ROOT/faults/$TOOL
# shellcheck disable=SC2053 # the pattern is one
if [[ -f $fault && $ALL == $(head -n 1 "$fault") ]]; then base "$@"; fi

case "$TOOL $ALL" in
  'kubeadm reset '*)
    # The kubelet first, as kubeadm does.
    echo inactive >"$FACTS/kubelet"
    rm -rf "$NODE_ROOT"/etc/kubernetes/{manifests,pki}/* "$NODE_ROOT"/etc/kubernetes/*.conf "$NODE_ROOT"/var/lib/kubelet/*
    ;;
  'systemctl disable --now kubelet') echo inactive >"$FACTS/kubelet" ;;
  'crictl exec '*' member list') cat "$FACTS/members" ;;
  'crictl exec '*' member remove '*)
    grep -q "^${*: -1}, " "$FACTS/members" || { echo '{"level":"warn"} Error: etcdserver: member not found' && exit 1; }
    sed -i "/^${*: -1}, /d" "$FACTS/members"
    echo "Member ${*: -1} removed from cluster c1"
    ;;
  'crictl exec '*' move-leader '*) echo "Leadership transferred from 1a to ${*: -1}" ;;
  'crictl exec '*' endpoint health --cluster') sed -n 's/.*, \(https:[^,]*:2379\), .*/\1 is healthy: successfully committed proposal/p' "$FACTS/members" ;;
  'kubectl '*' get node/'* | 'kubectl '*' get -n kube-node-lease lease/'*)
    for word in "$@"; do case $word in node/* | lease/*) object=$word ;; esac; done
    grep -x "$object" "$FACTS/objects" || { echo "Error from server (NotFound): $object not found" && exit 1; }
    ;;
  'kubectl '*' delete '*)
    for word in "$@"; do case $word in node/* | lease/*) object=$word ;; esac; done
    sed -i "s,^$object\$,," "$FACTS/objects"
    echo "$object deleted"
    ;;
  'iptables-save -c' | 'ip6tables-save -c') cat "$FACTS/${TOOL%-save}" ;;
  'iptables-restore -c' | 'ip6tables-restore -c') cat >"$FACTS/${TOOL%-restore}" ;;
  'nft list table '*) grep -qx "$3 $4" "$FACTS/nft" 2>/dev/null ;;
  'nft delete table '*) sed -i "/^$3 $4\$/d" "$FACTS/nft" ;;
  'ip link delete '*) rm -r "$NODE_ROOT/sys/class/net/$3" ;;
  'ipvsadm --clear') ;;
  *) base "$@" ;;
esac
printf '%s\n' "$TOOL $ALL" >>"$NODE_ROOT/calls.log"
