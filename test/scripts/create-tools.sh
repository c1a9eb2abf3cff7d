#!/bin/bash
# More tools of a bare machine, as upgrade-tools.sh has them: see create-node.bash.
set -u
TOOL=${0##*/} ALL="$*"
CONFIG=$NODE_ROOT/etc/containerd/config.toml
printf '%s\n' "$TOOL $ALL" >>"$NODE_ROOT/calls.log"
unknown() { echo "$TOOL is not asked like this by a script: $ALL" >&2 && exit 99; }

case "$TOOL $ALL" in
  'containerd --version') echo 'containerd github.com/containerd/containerd/v2 v2.2.1 abc' ;;
  # The other runtimes are not what is asked for.
  'containerd config dump') sed '/runtimes.other.options/,/^$/d' "$CONFIG" ;;
  'containerd config default') printf '%s\n' 'version = 3' "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]" '  SystemdCgroup = false' ;;
  'modprobe overlay' | 'modprobe br_netfilter') ;;
  'swapoff -a') sed -i 1q "$NODE_ROOT/proc/swaps" ;;
  'timedatectl show -p NTPSynchronized --value') echo yes ;;
  'systemctl enable containerd' | 'systemctl enable kubelet' | 'systemctl list-units '*) ;;
  'systemctl is-active --quiet containerd' | 'systemctl restart containerd') ;;
  'crictl --runtime-endpoint=unix:///run/containerd/containerd.sock version') ;;
  *) unknown ;;
esac
