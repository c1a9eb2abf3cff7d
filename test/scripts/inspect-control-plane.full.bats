#!/usr/bin/env bats
# inspect-control-plane.sh, what is rarer: each state that a renewal leaves, validity, external etcd.
load helpers
load inspection

@test "exactly one of three says that it leads etcd" {
  local name leaders=''
  for name in cp_1 cp_2 cp_3; do
    on "$name"
    run_step inspect-control-plane SSM_Inventory=no
    leaders="$leaders$(ask r.etcd.leader) "
  done
  expect leaders "$(printf '%s\n' $leaders | sort | tr '\n' ' ')" 'false false true '
}

@test "the container runtime does not answer: etcd is not known to be healthy" {
  tool systemctl stop containerd
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 0
  expect etcd "$(ask r.etcd.healthy)" false
  expect api "$(ask r.health.apiServer.ok)" true
}

@test "anonymous requests not allowed: readyz is asked as the administrator" {
  fault curl '*6443*' 0 - - '{"kind":"Status","code":401}\n401'
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 0
  expect asked "$(calls '^kubectl .*--server=https://127.0.0.1:6443 --tls-server-name=kubernetes get --raw /readyz')" 1
}

@test "an external CA: its key is not among the keys" {
  rm "$NODE_ROOT/etc/kubernetes/pki/ca.key"
  run_step inspect-control-plane SSM_Inventory=no
  expect keys "$(ask r.caKeys)" '["etcd-ca","front-proxy-ca"]'
}

@test "how long new certificates are valid, where that is not the year of kubeadm" {
  local text
  mkdir -p "$STATE"
  # Without it nobody is asked, and what was saved stays.
  rm "$NODE_ROOT/etc/kubernetes/admin.conf"
  for text in 720h0m0s '"87600h"' 8760h0m0s "soon # é"; do
    printf 'caCertificateValidityPeriod: 1h\ncertificateValidityPeriod: %s\n' "$text" >"$STATE/cluster-configuration.yaml"
    run_step inspect-control-plane SSM_Inventory=yes
    keeps_contract controlPlaneFacts
    expect validity "$(ask 'r.inventory.certificateValidity ?? "a year"')" "$(sed 's/^8760h0m0s$/a year/; s/"//g; s/ #.*//' <<<"$text")"
  done
}

@test "what the last renewal left: finished, unfinished; one that began more than a day ago is begun anew, so it is none" {
  mkdir -p "$STATE/renewal/unfinished"
  echo backup >"$STATE/renewal/unfinished/backup"
  echo 'apiserver|1|2026-11-22T12:33:20Z' >"$STATE/renewal/unfinished/before"
  date +%s >"$STATE/renewal/unfinished/began"
  printf '1795370000 2026-11-22T12:33:20Z\nca|1\n' >"$STATE/renewal/finished"
  run_step inspect-control-plane SSM_Inventory=no
  expect renewal "$(ask r.renewal)" '{"finishedAt":"2026-11-22T12:33:20Z","unfinished":true}'
  # etcd runs in another container by now, the API server in the same.
  printf 'etcd|gone\nkube-apiserver|%s\n' "$(tool crictl ps --name '^kube-apiserver$' -q)" >"$STATE/renewal/unfinished/containers"
  run_step inspect-control-plane SSM_Inventory=no
  keeps_contract controlPlaneFacts
  expect 'to restart' "$(ask r.renewal.toRestart)" '["kube-apiserver"]'
  printf 'etcd|gone\nkube-apiserver|gone\n' >"$STATE/renewal/unfinished/containers"
  run_step inspect-control-plane SSM_Inventory=no
  expect 'nothing to restart' "$(ask r.renewal.toRestart)" '[]'
  fault crictl 'ps *' 1
  run_step inspect-control-plane SSM_Inventory=no
  expect 'runtime unknown' "$(ask r.renewal.toRestart)" '["etcd","kube-apiserver"]'
  rm -rf "$NODE_ROOT/faults"
  echo "$(($(date +%s) - 90000))" >"$STATE/renewal/unfinished/began"
  run_step inspect-control-plane SSM_Inventory=no
  expect renewal "$(ask r.renewal)" '{"finishedAt":"2026-11-22T12:33:20Z","unfinished":false}'
}

@test "external etcd: topology, and health as the API server sees it" {
  start_cluster external --control-planes 1 --etcd-nodes 1
  on cp_1
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 0
  keeps_contract controlPlaneFacts
  expect etcd "$(ask r.etcd)" '{"topology":"external","healthy":true,"members":[]}'
}
