#!/usr/bin/env bats
# inspect-control-plane.sh: what is not well is a fact with a reason, never a failed script.
load helpers
load inspection

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
