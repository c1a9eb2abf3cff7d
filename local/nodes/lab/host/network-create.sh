#!/bin/bash
# network-create.sh CLUSTER ADDRESS/LENGTH
# A network namespace with a switch, at ADDRESS, to which the nodes are connected and which routes between their pod networks.
# It has no way out: nothing in a lab cluster reaches this machine's network or the internet.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=names.sh
. "$(dirname "${BASH_SOURCE[0]}")/names.sh"
CLUSTER=$1 ADDRESS=$2

# Each kubelet, containerd and kube-proxy watches files. The limit is one for all processes of a user, and Debian's 128 are not enough
# for two clusters ("too many open files"). It is raised for good: others may count on it by then.
raise() { # SETTING AT_LEAST
  [ "$(cat "/proc/sys/$1")" -ge "$2" ] || echo "$2" >"/proc/sys/$1"
}
raise fs/inotify/max_user_instances 8192
raise fs/inotify/max_user_watches 524288

NAMESPACE=$(network_namespace "$CLUSTER")
ip netns add "$NAMESPACE"
ip -n "$NAMESPACE" link set lo up
ip -n "$NAMESPACE" link add switch type bridge
ip -n "$NAMESPACE" addr add "$ADDRESS" dev switch
# The instance metadata service: every node's default route leads here.
ip -n "$NAMESPACE" addr add 169.254.169.254/32 dev switch
ip -n "$NAMESPACE" link set switch up
ip netns exec "$NAMESPACE" tee /proc/sys/net/ipv4/ip_forward <<<1 >/dev/null
ip netns exec "$NAMESPACE" tee /proc/sys/net/ipv4/conf/{all,default,switch}/send_redirects <<<0 >/dev/null
