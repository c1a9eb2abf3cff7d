#!/bin/bash
# Gives this control plane certificates that end as soon as the ConfigMap kubeadm-config says, all that kubeadm makes. What runs here still
# has the old ones: restart-static-pods.sh.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf
KUBELET=/var/lib/kubelet/pki/kubelet-client-current.pem

# kubeadm falls back to its defaults when it cannot read the ConfigMap.
said=$(kubeadm certs renew all 2>&1)
if [[ $said == *'Falling back to default configuration'* ]]; then echo "$said" >&2 && exit 1; fi

# The first kubelet has its certificate from kubeadm, for a year; those of the others come from the controller manager and end soon.
if openssl x509 -in "$KUBELET" -noout -checkend 600 >/dev/null; then
  kubectl -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}' >/run/cluster-configuration.yaml
  mv /etc/kubernetes/kubelet.conf /run/kubelet.conf
  kubeadm init phase kubeconfig kubelet --config /run/cluster-configuration.yaml >&2
  for member in certificate key; do
    sed -n "s/^ *client-$member-data: //p" /etc/kubernetes/kubelet.conf | base64 -d
  done >"${KUBELET%/*}/kubelet-client-short.pem"
  mv /run/kubelet.conf /etc/kubernetes/kubelet.conf
  ln -sf kubelet-client-short.pem "$KUBELET"
  systemctl restart kubelet
fi
