#!/bin/bash
# Makes this node's etcd member the leader, and ends when it is.
set -euo pipefail
PKI=/etc/kubernetes/pki/etcd

etcdctl() {
  crictl exec "$(crictl ps --label io.kubernetes.pod.namespace=kube-system --name '^etcd$' --state Running -q)" \
    etcdctl --cacert=$PKI/ca.crt --cert=$PKI/server.crt --key=$PKI/server.key "$@"
}

leads() {
  etcdctl --endpoints=https://127.0.0.1:2379 endpoint status -w fields |
    awk -F ' : ' '/^"MemberID"/ { own = $2 } /^"Leader"/ { leader = $2 } END { exit own != leader }'
}

# ID, state, NAME, PEER URL, CLIENT URL, learner
members=$(etcdctl --endpoints=https://127.0.0.1:2379 member list)
own=$(awk -F ', ' -v name="$(hostname)" '$3 == name { print $1 }' <<<"$members")
all=$(awk -F ', ' '{ print $5 }' <<<"$members" | paste -sd ,)
until leads; do
  etcdctl --endpoints="$all" move-leader "$own" || sleep 0.5
done
