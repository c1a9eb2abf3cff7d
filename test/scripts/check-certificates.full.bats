#!/usr/bin/env bats
# check-certificates.sh on simulated nodes, what is rarer: kubeadm's ways to fail, other layouts of a node, external etcd.
load helpers
load check-certificates

@test "kubeadm too old, hanging, talking nonsense or against the disk: openssl alone, and why" {
  sed -i.bak 's/^KUBERNETES_VERSION=.*/KUBERNETES_VERSION=v1.28.3/' "$NODE_ROOT/etc/simulated-node"
  run_step check-certificates
  expect_match reason "$(ask '[r.source, r.kubeadm, r.sourceReason].join(" ")')" 'openssl v1.28.3 kubeadm v1.28.3 does not tell*'
  restore_node

  fault kubeadm 'certs*' hang
  run_step check-certificates
  expect reason "$(ask '[r.source, r.sourceReason]')" '["openssl","kubeadm did not answer within 10 s"]'
  restore_node

  fault kubeadm 'certs*' 0 - - '{"certificates":[{"name":"apiserver"'
  run_step check-certificates
  expect_match reason "$(ask '[r.source, r.sourceReason].join(" ")')" 'openssl *holds no certificates'
  restore_node

  fault kubeadm 'certs*' 0 - - '{"certificates":[{"name":"apiserver","expirationDate":"2000-01-01T00:00:00Z"}]}'
  run_step check-certificates
  expect_match reason "$(ask '[r.source, r.sourceReason].join(" ")')" 'openssl kubeadm says apiserver ends 2000-*'
  expect rows "$(ask 'r.certificates.length')" 16
}

@test "what only kubeadm knows is laid over: a certificate of a newer release, one that is missing, an external CA" {
  rm "$NODE_ROOT/etc/kubernetes/super-admin.conf" "$NODE_ROOT/etc/kubernetes/pki/front-proxy-ca.key"
  run_step check-certificates
  expect source "$(ask r.source)" kubeadm
  expect missing "$(row super-admin.conf .missing)" true
  expect external "$(ask 'r.certificates.filter((row) => row.external).map((row) => row.name).sort().join(" ")')" 'front-proxy-ca front-proxy-client'
  fault kubeadm 'certs*' 0 - - '{"certificates":[{"name":"brand-new \\"$(id)\\"","expirationDate":"2031-01-01T00:00:00Z","missing":false}]}'
  run_step check-certificates
  expect new "$(ask 'r.certificates.find((row) => row.name.startsWith("brand-new")).notAfter')" 2031-01-01T00:00:00Z
}

@test "hostile names: in a certificate's subject, in the manifest, in the kubelet's configuration" {
  tool systemctl stop kubelet
  local pki=$NODE_ROOT/etc/kubernetes/pki evil='system:node:a"b$(touch pwned)`id`\, c'
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out "$NODE_ROOT/evil.pem" -subj "/CN=$evil" -days 3 2>/dev/null
  mv "$NODE_ROOT/evil.pem" "$NODE_ROOT/var/lib/kubelet/pki/\$(touch pwned) '\".pem"
  printf 'contexts:\n- {name: c, context: {user: u}}\ncurrent-context: c\nusers:\n- name: u\n  user:\n    client-certificate: /var/lib/kubelet/pki/$(touch pwned) '"'"'".pem\n' >"$NODE_ROOT/etc/kubernetes/kubelet.conf"
  sed -i.bak 's|--secure-port=6443|--secure-port=6443;touch pwned|; s|--bind-address=127.0.0.1|--bind-address=$(touch pwned)|' "$NODE_ROOT"/etc/kubernetes/manifests/*.yaml
  rm "$NODE_ROOT"/etc/kubernetes/manifests/*.bak
  cd "$BATS_TEST_TMPDIR"
  run_step check-certificates
  expect status "$status" 0
  keeps_contract certificateInventory
  expect ca "$(row kubelet-client .ca)" self
  expect path "$(row kubelet-client .path)" "/var/lib/kubelet/pki/\$(touch pwned) '\".pem"
  [[ -z $(find "$BATS_TEST_TMPDIR" "$NODE_ROOT" "$PROJECT/scripts" -name pwned) ]]
}

@test "a kubelet.conf in flow style, relative paths, with a user before its own" {
  local expected
  run_step check-certificates
  expected=$(row kubelet-client .serial)
  printf '{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: "https://10.0.1.11:6443"}}], contexts: [{name: c, context: {cluster: c, user: me}}], current-context: c, users: [{name: a, user: {client-certificate: /no/where.crt}}, {name: me, user: {client-certificate: ../../var/lib/kubelet/pki/kubelet-client-current.pem, client-key: x}}]}\n' >"$NODE_ROOT/etc/kubernetes/kubelet.conf"
  run_step check-certificates
  expect serial "$(row kubelet-client .serial)" "$expected"
  expect node "$(ask r.node)" cp-1
}

@test "another certificatesDir is found by the API server's manifest" {
  tool systemctl stop kubelet
  mv "$NODE_ROOT/etc/kubernetes/pki" "$NODE_ROOT/etc/k8s pki"
  mv "$NODE_ROOT/etc/k8s pki" "$NODE_ROOT/etc/k8s-pki"
  sed -i.bak 's|/etc/kubernetes/pki|/etc/k8s-pki|' "$NODE_ROOT"/etc/kubernetes/manifests/*.yaml
  rm "$NODE_ROOT"/etc/kubernetes/manifests/*.bak
  run_step check-certificates
  expect path "$(row apiserver .path)" /etc/k8s-pki/apiserver.crt
  expect etcd "$(row etcd-peer .path)" /etc/k8s-pki/etcd/peer.crt
  expect read "$(ask 'r.certificates.filter((row) => row.serial).length')" 16
  rm -rf "$NODE_ROOT/etc/k8s-pki"
}

@test "a full disk: the answer comes without log and without the saved ClusterConfiguration" {
  printf 'no folder' >"$STATE"
  run_step check-certificates
  expect status "$status" 0
  expect rows "$(ask 'r.certificates.length')" 16
  rm "$STATE"
}

@test "everything expired: read, asked and told as ever" {
  start_cluster expired --control-planes 1 --days-left 0
  on cp_1
  run_step check-certificates
  expect status "$status" 0
  expect expired "$(ask 'r.certificates.filter((row) => !row.isCa && row.ca !== "self" && new Date(row.notAfter) <= new Date(r.checkedAt)).length >= 12')" true
  expect source "$(ask r.source)" kubeadm
}

@test "external etcd: its client certificate on the control plane; on the etcd node its own certificates and ports" {
  start_cluster external --control-planes 1 --etcd-nodes 1
  on cp_1
  run_step check-certificates
  keeps_contract certificateInventory
  expect client "$(ask 'r.certificates.find((row) => row.name === "external-etcd-client").path')" /etc/kubernetes/pki/external-etcd/client.crt
  expect ports "$(ask 'r.served.map((row) => row.port).sort().join(" ")')" '10250 10257 10259 6443'
  expect none "$(ask 'r.certificates.filter((row) => row.missing).map((row) => row.name).join(" ")')" ''
  on etcd_1
  run_step check-certificates
  keeps_contract certificateInventory
  expect node "$(ask r.node)" etcd-1
  expect names "$(ask 'r.certificates.map((row) => row.name).join(" ")')" 'etcd-ca etcd-server etcd-peer etcd-healthcheck-client kubelet-serving'
  expect served "$(ask 'r.served.filter((row) => row.serial).map((row) => row.port)')" '[2379,2380,10250]'
  mkdir -p "$NODE_ROOT/etc/etcd"
  mv "$NODE_ROOT/etc/kubernetes/pki/etcd" "$NODE_ROOT/etc/etcd/pki"
  mv "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml" "$NODE_ROOT/etcd.yaml"
  run_step check-certificates
  expect moved "$(ask 'r.certificates.filter((row) => row.serial).map((row) => row.path)[1]')" /etc/etcd/pki/server.crt
}
