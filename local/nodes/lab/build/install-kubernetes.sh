#!/bin/bash
# install-kubernetes.sh VERSION
# Runs on a node. The commands are those of kubernetes.io, "Installing kubeadm".
set -euo pipefail
MINOR=$(cut -d. -f1-2 <<<"$1") RELEASE=${1#v}

curl -fsSL "https://pkgs.k8s.io/core:/stable:/$MINOR/deb/Release.key" | gpg --dearmor -o /etc/apt/keyrings/kubernetes-apt-keyring.gpg
echo "deb [signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg] https://pkgs.k8s.io/core:/stable:/$MINOR/deb/ /" \
  >/etc/apt/sources.list.d/kubernetes.list
apt-get update
apt-get install -y kubelet="$RELEASE-*" kubeadm="$RELEASE-*" kubectl="$RELEASE-*" cri-tools
apt-mark hold kubelet kubeadm kubectl
