#!/usr/bin/env bats
# inspect-control-plane.sh: what is not well is a fact with a reason, never a failed script.
load helpers

setup_file() {
  start_cluster main --control-planes 3 --workers 1 --days-left 12
}
teardown_file() { stop_clusters; }

setup() {
  on cp_2
  restore_node
}
teardown() {
  rm -rf "$NODE_ROOT/faults"
  tool systemctl start containerd
  tool systemctl start kubelet
}

# down COMPONENT: and it stays down, because the kubelet does not run either
down() {
  tool systemctl stop kubelet
  tool crictl rmp -f $(tool crictl pods --label "component=$1" -q) >/dev/null
}

# back: all components run again
back() {
  tool systemctl start kubelet
  until tool curl -skf https://127.0.0.1:6443/readyz >/dev/null; do sleep 0.1; done
}

@test "a healthy control plane of three: health, etcd members by their ids, CA keys, disk" {
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 0
  keeps_contract controlPlaneFacts
  expect node "$(ask r.node)" cp-2
  expect health "$(ask r.health)" '{"kubelet":{"ok":true},"apiServer":{"ok":true},"controllerManager":{"ok":true},"scheduler":{"ok":true}}'
  expect members "$(ask 'r.etcd.members.map((m) => [m.name, m.healthy])')" '[["cp-1",true],["cp-2",true],["cp-3",true]]'
  expect own "$(ask 'r.etcd.members.find((m) => m.id === r.etcd.memberId).name')" cp-2
  expect keys "$(ask r.caKeys)" '["ca","etcd-ca","front-proxy-ca"]'
  expect renewal "$(ask r.renewal)" '{"unfinished":false}'
  expect disk "$(ask 'r.disk.freeKiB > r.disk.neededKiB && r.disk.neededKiB > 10240')" true
  expect inventory "$(ask r.inventory)" undefined
}

@test "a step that changes this node still runs: told, and no longer when it has ended" {
  mkdir -p "$NODE_ROOT/var/lib/kubeadm-autopilot"
  exec 8>>"$NODE_ROOT/var/lib/kubeadm-autopilot/lock"
  flock 8
  run_step inspect-control-plane SSM_Inventory=no
  exec 8>&-
  expect status "$status" 0
  keeps_contract controlPlaneFacts
  expect running "$(ask r.renewal.running)" true
  run_step inspect-control-plane SSM_Inventory=no
  expect running "$(ask r.renewal.running)" undefined
}

@test "exactly one of three says that it leads etcd" {
  local name leaders=''
  for name in cp_1 cp_2 cp_3; do
    on "$name"
    run_step inspect-control-plane SSM_Inventory=no
    leaders="$leaders$(ask r.etcd.leader) "
  done
  expect leaders "$(printf '%s\n' $leaders | sort | tr '\n' ' ')" 'false false true '
}

@test "with the inventory: the same as check-certificates answers" {
  run_step check-certificates
  local inventory
  # Which versions run is asked by the check alone.
  inventory=$(ask '({...r, checkedAt: 0, kubernetes: undefined})')
  run_step inspect-control-plane SSM_Inventory=yes
  keeps_contract controlPlaneFacts
  expect inventory "$(ask '({...r.inventory, checkedAt: 0})')" "$inventory"
}

@test "kubelet stopped, API server down: said with the reason" {
  down kube-apiserver
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 0
  keeps_contract controlPlaneFacts
  expect_match kubelet "$(ask 'r.health.kubelet.ok + " " + r.health.kubelet.reason')" 'false kubelet is inactive*'
  expect_match apiServer "$(ask 'r.health.apiServer.ok + " " + r.health.apiServer.reason')" 'false no answer from https://127.0.0.1:6443/readyz*'
  expect others "$(ask '[r.health.controllerManager.ok, r.health.scheduler.ok, r.etcd.healthy]')" '[true,true,true]'
  back
}

@test "this node's etcd down: its member is not healthy; the API server says what fails" {
  down etcd
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 0
  keeps_contract controlPlaneFacts
  expect_match etcd "$(ask 'r.etcd.healthy + " " + r.etcd.reason')" 'false the etcd member of this node is not healthy: no etcd container is running'
  expect_match apiServer "$(ask 'r.health.apiServer.reason')" '*answers 500, failing: etcd etcd-readiness'
  on cp_1
  run_step inspect-control-plane SSM_Inventory=no
  expect others "$(ask 'r.etcd.members.map((m) => [m.name, m.healthy])')" '[["cp-1",true],["cp-2",false],["cp-3",true]]'
  on cp_2
  back
}

@test "the container runtime does not answer: etcd is not known to be healthy" {
  tool systemctl stop containerd
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 0
  expect etcd "$(ask r.etcd.healthy)" false
  expect api "$(ask r.health.apiServer.ok)" true
}

@test "tools that hang or fail are facts too: curl, crictl exec, systemctl, kubectl, df" {
  fault curl '*10257*' 7
  fault crictl 'exec*status*' 1 'rpc error: "quoted"'
  fault systemctl '*' 1
  fault kubectl '*' 1
  fault df '*' 1
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 0
  keeps_contract controlPlaneFacts
  expect kubelet "$(ask r.health.kubelet.ok)" false
  expect controllerManager "$(ask r.health.controllerManager.ok)" false
  expect member "$(ask '[r.etcd.memberId, r.etcd.leader, r.etcd.healthy]')" '[null,null,true]'
  expect disk "$(ask r.disk.freeKiB)" 0
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

@test "a worker is refused; so are a wrong parameter and one that did not arrive" {
  on worker_1
  run_step inspect-control-plane SSM_Inventory=no
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'This node is no control plane*'
  keeps_contract scriptFailure
  run_step inspect-control-plane 'SSM_Inventory=yes; touch pwned'
  expect status "$status" 20
  run_step inspect-control-plane
  expect status "$status" 20
  expect_match message "$(ask r.message)" '*agent*too old*'
}
