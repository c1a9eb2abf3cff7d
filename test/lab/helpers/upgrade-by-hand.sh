#!/bin/bash
# Upgrades this control plane with the commands of kubernetes.io, "Upgrading kubeadm clusters". Prints the seconds of each part, `part=N` a line.
#
# VERSION  X.Y.Z
# COMMAND  apply on the first control plane, node on the others
# NODE     name of its Node
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf DEBIAN_FRONTEND=noninteractive
MINOR=v${VERSION%.*}
KEYRING=/etc/apt/keyrings/kubernetes-apt-keyring.gpg
URL=https://pkgs.k8s.io/core:/stable:/$MINOR/deb/

# part NAME COMMAND...
part() {
  local name=$1 began=$SECONDS
  shift
  "$@" >&2
  echo "$name=$((SECONDS - began))"
}

# install PACKAGE...
install() {
  apt-mark unhold "$@"
  apt-get update -q
  apt-get install -yq "${@/%/=$VERSION-*}"
  apt-mark hold "$@"
}

new_kubeadm() {
  curl -fsSL "${URL}Release.key" | gpg --batch --yes --dearmor -o "$KEYRING"
  echo "deb [signed-by=$KEYRING] $URL /" >/etc/apt/sources.list.d/kubernetes.list
  install kubeadm
}

new_kubelet() {
  install kubelet kubectl
  systemctl daemon-reload
  systemctl restart kubelet
}

is_back() {
  local said=''
  until said=$(kubectl get node "$NODE" -o 'jsonpath={.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status}') &&
    [[ $said == "v$VERSION True" ]]; do sleep 1; done
  kubectl uncordon "$NODE"
}

upgrade=(kubeadm upgrade "$COMMAND" --ignore-preflight-errors=SystemVerification)
[[ $COMMAND == node ]] || upgrade+=("v$VERSION" --yes)
part kubeadm-package new_kubeadm
part kubeadm-upgrade "${upgrade[@]}"
part drain kubectl drain "$NODE" --ignore-daemonsets
part kubelet new_kubelet
part ready is_back
