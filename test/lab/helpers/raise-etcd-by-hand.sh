#!/bin/bash
# Gives this node's etcd another image, as kubeadm before the next minor would have to: waits until it runs.
#
# IMAGE  of etcd
set -euo pipefail
sed -i "s,^\( *image: \).*etcd:.*,\1$IMAGE," /etc/kubernetes/manifests/etcd.yaml
until [[ $(crictl ps --name '^etcd$' -o json | grep -c "\"$IMAGE\"") -gt 0 ]] && curl -fsk https://127.0.0.1:6443/readyz >/dev/null; do sleep 1; done
