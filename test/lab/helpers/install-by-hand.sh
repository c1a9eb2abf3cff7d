#!/bin/bash
# Installs Kubernetes on a bare machine with the commands of kubernetes.io, "Installing kubeadm".
#
# VERSION  X.Y.Z
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
KEYRING=/etc/apt/keyrings/kubernetes-apt-keyring.gpg
URL=https://pkgs.k8s.io/core:/stable:/v${VERSION%.*}/deb/

mkdir -p "${KEYRING%/*}"
curl -fsSL "${URL}Release.key" | gpg --batch --yes --dearmor -o "$KEYRING"
echo "deb [signed-by=$KEYRING] $URL /" >/etc/apt/sources.list.d/kubernetes.list
apt-get update -q
apt-get install -yq "kubelet=$VERSION-*" "kubeadm=$VERSION-*" "kubectl=$VERSION-*" cri-tools
apt-mark hold kubelet kubeadm kubectl
systemctl enable --now kubelet
