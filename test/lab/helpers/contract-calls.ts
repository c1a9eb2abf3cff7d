/**
 * The calls whose answers a simulated and a real node have to share: those that scripts/ makes, and what goes wrong with them. A row is
 * shell text and how its answer is compared (contract-compare.ts). To add one, write a line under the state in which it is made.
 */
import type { Reading } from './contract-compare';

export type Row = [call: string, reading: Reading];

/** Before each call: the same shell functions and variables on both nodes. */
export const PRELUDE = `#!/bin/bash
R=\${NODE_ROOT:-}
export KUBECONFIG=$R/etc/kubernetes/admin.conf
container() { crictl ps --label io.kubernetes.pod.namespace=kube-system --name "^$1\\$" --state Running -q; }
sandbox() { crictl pods --namespace kube-system --name "^$1-" --label "component=$1" -q; }
E=(--endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key)
LEASES='jsonpath={range .items[*]}{.metadata.name} {.spec.renewTime}{"\\n"}{end}'
LEASE='jsonpath={.spec.holderIdentity} {.spec.leaseDurationSeconds} {.spec.renewTime}'
held_by() { printf '[{"op":"test","path":"/spec/holderIdentity","value":"%s"},%s{"op":"replace","path":"/spec/holderIdentity","value":""}]' "$1" "\${2-}"; }
renewed_at() { printf '{"op":"test","path":"/spec/renewTime","value":"%s"},' "$1"; }
holder() { kubectl -n kube-system get lease "$1" -o "$LEASE" | cut -d ' ' -f 1; }
secret() {
  printf '{"apiVersion":"v1","kind":"Secret","type":"bootstrap.kubernetes.io/token","metadata":{"name":"bootstrap-token-%s","namespace":"kube-system","labels":{"contract":"test"}},"stringData":{"token-id":"%s","token-secret":"0123456789abcdef"}}\\n' "$1" "$1"
}
etcdctl() { crictl exec "$(container etcd)" etcdctl "\${E[@]}" "$@"; }
`;

const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/**
 * crictl on a lab node is written over the CRI itself, because the real one cannot be had. Its words and exit codes, and so those here,
 * are those of kubernetes-sigs/cri-tools, cmd/crictl/{sandbox,container,exec}.go at b7c2770.
 */
export const HEALTHY: Row[] = [
  ...COMPONENTS.flatMap((component): Row[] => [
    [`container ${component}`, 'text'],
    [`sandbox ${component}`, 'text'],
    [`crictl pods --namespace kube-system --name "^${component}-" -q`, 'text'],
    [`crictl inspect "$(container ${component})"`, 'json'],
    [`crictl inspectp "$(sandbox ${component})"`, 'json'],
  ]),
  ['crictl ps -q >/dev/null', 'text'],
  ['crictl ps -a --pod "$(sandbox kube-scheduler)" --state Running -q', 'text'],
  ['crictl ps -a --pod nothing -q', 'text'],
  ['crictl ps', 'static pods'],
  ['crictl pods', 'static pods'],
  ['crictl ps --name "^nothing$" -q', 'text'],
  ['crictl ps --label io.kubernetes.pod.namespace=nothing -q', 'text'],
  ['crictl pods --namespace nothing -q', 'text'],
  ['crictl pods --name "^etcd-" --label component=nothing -q', 'text'],
  ['crictl ps --name "^etcd$" --state Exited -q', 'text'],
  ['crictl ps --name "^etcd$" --state nothing -q', 'text'],
  ['crictl pods --state nothing -q', 'text'],
  ...['rmp', 'rmp -f', 'stopp', 'stop', 'rm', 'inspect', 'inspectp'].map((verb): Row => [
    `crictl ${verb} nothing`,
    'text',
  ]),
  ['crictl logs nothing', 'class'],
  ['crictl exec nothing etcdctl version', 'class'],
  ['crictl exec "$(container etcd)" nothing', 'class'],
  ['crictl rmp "$(sandbox kube-scheduler)"', 'text'],
  ['crictl rm "$(container kube-scheduler)"', 'text'],
  ['crictl nothing', 'exit code'],
  ['crictl ps --nothing', 'exit code'],
  ['crictl ps --name', 'exit code'],

  ['etcdctl endpoint health', 'text'],
  ['etcdctl endpoint health --cluster', 'text'],
  ['etcdctl endpoint health -w json', 'text'],
  ['etcdctl endpoint status', 'text'],
  ['etcdctl endpoint status -w fields', 'text'],
  ['etcdctl endpoint status -w json', 'json'],
  ['etcdctl member list', 'text'],
  ['etcdctl member list -w fields', 'text'],
  ['etcdctl member list -w json', 'json'],
  [
    `etcdctl endpoint status -w fields | sed -n 's/^"MemberID" : //p; s/^"Leader" : //p' | uniq | wc -l | tr -d ' '`,
    'text',
  ],
  [`etcdctl move-leader "$(etcdctl member list | cut -d , -f 1)"`, 'text'],
  ['etcdctl move-leader abc', 'text'],
  ['etcdctl version', 'text'],
  ['etcdctl nothing', 'class'],
  ['etcdctl endpoint health --nothing', 'class'],
  ['etcdctl member list -w nothing', 'text'],
  ['E[1]=--cacert=/etc/kubernetes/pki/etcd/nothing; etcdctl member list', 'text'],
  ['E[0]=--endpoints=https://127.0.0.1:1; etcdctl endpoint health --command-timeout=1s', 'text'],
  ['E[0]=--endpoints=https://127.0.0.1:1; etcdctl endpoint status -w fields --command-timeout=1s', 'text'],
  ['E[0]=--endpoints=https://127.0.0.1:1; etcdctl member list --command-timeout=1s', 'text'],
  ['E=(); etcdctl endpoint health --command-timeout=1s', 'text'],

  ['kubectl get --raw /readyz', 'text'],
  ["kubectl get --raw '/readyz?verbose'", 'health'],
  ['secret abcdef | kubectl replace -f -', 'text'],
  ['secret abcdef | kubectl create -f -', 'text'],
  ['secret abcdef | kubectl create -f -', 'text'],
  ['secret abcdef | kubectl replace -f -', 'text'],
  [`secret abcdef | sed 's/"Secret"/"Nothing"/' | kubectl create -f -`, 'exit code'],
  ['kubectl -n kube-system delete secrets -l contract=other --ignore-not-found', 'text'],
  ['kubectl -n kube-system delete secrets -l contract=test --ignore-not-found', 'text'],
  ['kubectl -n kube-system delete secrets -l contract=test --ignore-not-found', 'text'],
  ['kubectl get csr --no-headers 2>/dev/null | grep -c " Pending$"', 'text'],
  ['kubectl -n kube-node-lease get leases -o "$LEASES"', 'text'],
  ['kubectl -n kube-system get lease kube-controller-manager -o "$LEASE"', 'text'],
  ['kubectl -n kube-system get lease kube-scheduler -o "$LEASE"', 'text'],
  ['kubectl -n kube-system get lease nothing -o "$LEASE"', 'text'],
  ['kubectl -n kube-system patch lease nothing --type=json -p "$(held_by nobody)"', 'text'],
  ['kubectl -n kube-system patch lease kube-scheduler --type=json -p "$(held_by nobody)"', 'text'],
  [
    'kubectl -n kube-system patch lease kube-scheduler --type=json -p "$(held_by "$(holder kube-scheduler)" "$(renewed_at 2020-01-01T00:00:00.000000Z)")"',
    'text',
  ],
  ['kubectl -n kube-system patch lease kube-scheduler --type=json -p "$(held_by "$(holder kube-scheduler)")"', 'text'],
  ['until [ -n "$(holder kube-scheduler)" ]; do sleep 0.2; done; holder kube-scheduler', 'text'],
  [
    // Its holder renews it every other second.
    `until L=$(kubectl -n kube-system get lease kube-scheduler -o "$LEASE") &&
      kubectl -n kube-system patch lease kube-scheduler --type=json -p "$(held_by "\${L%% *}" "$(renewed_at "\${L##* }")")" 2>/dev/null; do :; done`,
    'text',
  ],
  ['until [ -n "$(holder kube-scheduler)" ]; do sleep 0.2; done; holder kube-scheduler', 'text'],
  ['uname -n', 'text'],
  [
    "kubectl --request-timeout=5s --server=https://127.0.0.1:6443 --tls-server-name=kubernetes get --raw '/readyz?verbose'",
    'health',
  ],
  ['kubectl get --raw /nothing', 'text'],
  ["kubectl -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}'", 'configuration'],
  ['kubectl get nodes', 'table'],
  ['kubectl get nodes --no-headers', 'table'],
  ['kubectl get nodes -o name', 'text'],
  ['kubectl version --client', 'text'],
  ...[
    // The two clusters have names of their own.
    'cat $R/etc/kubernetes/scheduler.conf | sed -E "s/-data: .*/-data: QUFB/; s/demo|one-control-plane/c/g"',
    `printf '%s' '{"current-context":"c","contexts":[{"name":"c","context":{"user":"b"}}],"users":[{"name":"b","user":{"client-key-data":"QUFB"}},{"name":"a"}]}'`,
    `printf 'users: [&a {"name": b, user: {token: "x: y"}}]\\r\\ncurrent-context: "a b" # c\\r\\n'`,
    'printf ""',
  ].map((kubeconfig): Row => [`${kubeconfig} | kubectl config view --raw --kubeconfig=/dev/stdin -o yaml`, 'text']),
  ...[
    'garbage\\n',
    'users: [\\n',
    'kind: Pod\\napiVersion: v1\\n',
    'current-context: 5\\n',
    'users:\\n- name: a\\n- name: a\\n',
    'users:\\n- name: a\\n  user: {client-key-data: "n!"}\\n',
  ].map((kubeconfig): Row => [
    `printf '${kubeconfig}' | kubectl config view --raw --kubeconfig=/dev/stdin -o yaml 2>&1 | grep -o 'error loading config file'`,
    'text',
  ]),
  ['kubectl --kubeconfig=/nothing get nodes', 'text'],
  ['kubectl --kubeconfig= get nodes -o name', 'text'],
  ['kubectl get nodes --nothing', 'text'],
  ['kubectl --server=https://127.0.0.1:6443 --tls-server-name=nothing get --raw /readyz', 'class'],
  ['kubectl --server=https://127.0.0.1:1 get --raw /readyz', 'text'],
  [
    'kubectl --kubeconfig=$R/etc/kubernetes/scheduler.conf -n kube-system get configmap kubeadm-config -o jsonpath={.data.ClusterConfiguration}',
    'class',
  ],
  ['kubectl --kubeconfig=$R/etc/kubernetes/scheduler.conf get --raw /logs', 'text'],

  ...['kubelet', 'containerd', 'nothing'].flatMap((unit): Row[] =>
    ['is-active', 'is-active -q', 'is-enabled'].map((verb) => [`systemctl ${verb} ${unit}`, 'text']),
  ),
  ['systemctl status kubelet', 'unit'],
  ['systemctl status containerd', 'unit'],
  ['systemctl status nothing', 'text'],
  ...['start', 'stop', 'restart'].map((verb): Row => [`systemctl ${verb} nothing`, 'text']),
  ['systemctl daemon-reload', 'text'],
  ['systemctl reset-failed kubelet', 'text'],
  ['systemctl nothing kubelet', 'class'],

  ...['6443/readyz?verbose', '10257/healthz', '10259/healthz', '10250/healthz', '1/healthz'].map((address): Row => [
    `curl -sk --max-time 5 -w '\\n%{http_code}' 'https://127.0.0.1:${address}'`,
    'health',
  ]),
  ["curl -sk --max-time 5 -o /dev/null -w '%{http_code}' https://127.0.0.1:6443/api/v1/nodes", 'text'],
  ...[6443, 2379, 10250, 10257, 10259, 1].map((port): Row => [
    `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>&1 | openssl x509 -noout -subject -issuer 2>/dev/null`,
    'text',
  ]),
  ['openssl s_client -connect 127.0.0.1:1 </dev/null 2>&1 | grep -c efused', 'exit code'],

  ['kubeadm version -o short', 'text'],
  ['kubeadm certs check-expiration', 'text'],
];

export const KUBELET_STOPPED: Row[] = [
  [`journalctl -u kubelet --since "@$(date +%s.%6N)" -n 500 --no-pager -o cat`, 'text'],
  ['systemctl is-active kubelet', 'text'],
  ['systemctl is-active -q kubelet', 'text'],
  ['systemctl status kubelet', 'unit'],
  ['container kube-apiserver', 'text'],
  ['curl -sk -o /dev/null -w "%{http_code}" https://127.0.0.1:10250/healthz', 'text'],
];

/** With the kubelet stopped, so that nothing starts it again. */
export const ETCD_STOPPED: Row[] = [
  ['container etcd', 'text'],
  ['crictl ps -a --name "^etcd$" --state Exited -q', 'text'],
  ['crictl exec "$(crictl ps -a --name "^etcd$" -q)" etcdctl version', 'class'],
  ['crictl inspect "$(crictl ps -a --name "^etcd$" -q)"', 'json'],
  ["curl -sk --max-time 5 -w '\\n%{http_code}' 'https://127.0.0.1:6443/readyz?verbose'", 'failing checks'],
  ['kubectl --request-timeout=3s get nodes', 'exit code'],
  [
    "kubectl --request-timeout=3s -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}'",
    'exit code',
  ],
];

export const API_SERVER_STOPPED: Row[] = [
  ['container kube-apiserver', 'text'],
  ['kubectl --server=https://127.0.0.1:6443 get nodes', 'text'],
  ['kubectl --request-timeout=3s get nodes', 'exit code'],
  ["curl -sk --max-time 5 -w '\\n%{http_code}' 'https://127.0.0.1:6443/readyz?verbose'", 'text'],
  ['openssl s_client -connect 127.0.0.1:6443 </dev/null 2>&1 | grep -c efused', 'exit code'],
  ['kubeadm certs check-expiration', 'text'],
  ['kubeadm certs check-expiration -o json | grep -c expirationDate', 'text'],
];

export const CONTAINERD_STOPPED: Row[] = [
  ['systemctl is-active containerd', 'text'],
  ['systemctl status containerd', 'unit'],
  ['crictl ps -q', 'class'],
  ['crictl pods -q', 'class'],
  ['crictl rmp -f nothing', 'class'],
  ['crictl exec nothing etcdctl version', 'class'],
];

export const CLIENT_CERTIFICATE_EXPIRED: Row[] = [
  ['kubectl get --raw /readyz', 'text'],
  ['kubectl get nodes', 'text'],
  ["kubectl -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}'", 'text'],
  ['kubeadm certs check-expiration', 'text'],
  ['kubeadm certs renew admin.conf', 'text'],
];
