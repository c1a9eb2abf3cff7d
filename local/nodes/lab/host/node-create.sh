#!/bin/bash
# node-create.sh CLUSTER_FOLDER CLUSTER NODE ADDRESS/LENGTH GATEWAY POD_NETWORK IMAGE_STORE
# A node's network namespace, connected to the cluster's switch, and its disk. It is off; node-run.sh switches it on.
# Files that are to be on its disk already (names, addresses) are in nodes/NODE/upper. Without an IMAGE_STORE ('') containerd begins empty.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=names.sh
. "$(dirname "${BASH_SOURCE[0]}")/names.sh"
FOLDER=$1 CLUSTER=$2 NODE=$3 ADDRESS=$4 GATEWAY=$5 POD_NETWORK=$6 IMAGE_STORE=$7
DISK=$FOLDER/nodes/$NODE
SWITCH=$(network_namespace "$CLUSTER")
NAMESPACE=$(network_namespace "$CLUSTER" "$NODE")

ip netns add "$NAMESPACE"
ip -n "$NAMESPACE" link set lo up
ip -n "$SWITCH" link add "$NODE" type veth peer name eth0 netns "$NAMESPACE"
ip -n "$SWITCH" link set "$NODE" master switch up
ip -n "$NAMESPACE" addr add "$ADDRESS" dev eth0
ip -n "$NAMESPACE" link set eth0 up
ip -n "$NAMESPACE" route add default via "$GATEWAY"
ip -n "$SWITCH" route add "$POD_NETWORK" via "${ADDRESS%/*}"

# What containerd and the kubelet mount on cannot be an overlay: plain folders.
mkdir -p "$DISK"/upper "$DISK"/work "$DISK"/root "$DISK"/plain/{kubelet,etcd,log/journal}
if [ -z "$IMAGE_STORE" ]; then
  mkdir "$DISK/plain/containerd"
  exit
fi
# Unpacked images never change: hard links. The databases do.
cp -al "$IMAGE_STORE" "$DISK/plain/containerd"
find "$DISK/plain/containerd" -name '*.db' | while read -r database; do
  cp --remove-destination "$IMAGE_STORE/${database#"$DISK/plain/containerd/"}" "$database"
done
