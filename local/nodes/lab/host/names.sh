# Names of what a lab cluster has in the kernel; all begin with lab.CLUSTER, so that everything of a cluster can be found, also after a crash.
# shellcheck shell=bash

# network_namespace CLUSTER [NODE]: without a node, the one with the switch and the load balancer
network_namespace() { echo "lab.$1${2:+.$2}"; }

# network_namespaces CLUSTER: those that there are
network_namespaces() {
  local file
  for file in /run/netns/"lab.$1" /run/netns/"lab.$1".*; do
    [ -e "$file" ] && basename "$file"
  done
  return 0
}

# node_process FOLDER CLUSTER NODE: the node's pid 1 as this machine sees it; nothing when the node is off.
# A pid alone could be another process by now: it must be in the node's network namespace.
node_process() {
  local pid
  read -r pid 2>/dev/null <"$1/nodes/$3/pid" || return 1
  [ "$(stat -Lc %i "/proc/$pid/ns/net" 2>/dev/null)" = "$(stat -Lc %i "/run/netns/lab.$2.$3" 2>/dev/null)" ] || return 1
  echo "$pid"
}
