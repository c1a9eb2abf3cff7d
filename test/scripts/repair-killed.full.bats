#!/usr/bin/env bats
# The parts of renew-certificates.sh (Until): each killed and run again, each begun without the one before it.
load helpers
load renewal
load repair

teardown() {
  [[ ! -e $BATS_FILE_TMPDIR/clusters ]] || stop_clusters
  rm -f "$BATS_FILE_TMPDIR/clusters"
}

@test "the parts of the renewal, each killed and run again: every certificate and every static pod once" {
  start_parameter_store
  start_cluster killed --control-planes 1 --dead
  on cp_1
  local before old
  before=$(serials)
  old=$(containers)
  kill_renewal files '^kubeadm certs renew'
  kill_renewal files '^kubeadm certs renew' some_are_renewed
  renew_until files
  expect status "$status" 0
  all_new "$before"
  before=$(serials)
  expect containers "$(containers)" "$old"
  rejoin no
  fault crictl 'pods *component=etcd*' kill-group
  kill_renewal etcd '^crictl pods.*component=etcd'
  rm -rf "$NODE_ROOT/faults"
  kill_renewal etcd '^crictl pods.*component=etcd' sleep 0.2
  # Any part goes on where the last one stopped.
  kill_renewal kube-apiserver '^crictl pods.*component=kube-apiserver' sleep 0.2
  renew_until etcd
  expect 'status etcd' "$status $(ask 'r.restarted.map((row) => row.component)')" '0 ["etcd"]'
  renew_until kube-apiserver
  expect 'status kube-apiserver' "$status $(ask 'r.restarted.map((row) => row.component)')" '0 ["etcd","kube-apiserver"]'
  expect 'the others still run' "$(containers | tail -n 2)" "$(printf '%s\n' "$old" | tail -n 2)"
  kill_renewal all '^crictl pods.*component=kube-scheduler' sleep 0.1
  renew_until all
  expect status "$status" 0
  expect restarted "$(ask 'r.restarted.map((row) => `${row.component} ${row.oldContainer}`).join("\n")')" "$old"
  expect 'renewed once' "$(serials)" "$before"
  all_served
}

@test "a step whose predecessors were not done does them; only files needs no kubelet" {
  start_cluster alive --control-planes 1
  on cp_1
  tool systemctl stop kubelet
  renew_until etcd
  expect_match etcd "$status $(ask r.message)" '20 *kubelet is inactive*'
  renew_until files
  expect files "$status $(ask 'r.restarted.length')" '0 0'
  tool systemctl start kubelet
  renew_until etcd
  expect etcd "$status $(ask 'r.restarted.map((row) => row.component)')" '0 ["etcd"]'
  renew_until all SSM_Force=yes
  expect all "$status $(ask 'r.restarted.length')" '0 4'
  renew SSM_Until=everything
  expect_match parameter "$status $(ask r.message)" '20 Parameter Until is*'
}

@test "with an API server, a controller manager that has ended is started at once; a scheduler that runs is left alone" {
  start_cluster ended --control-planes 1
  on cp_1
  local scheduler sandbox
  scheduler=$(containers | grep kube-scheduler)
  mkdir -p "$NODE_ROOT/faults"
  printf 'kube-controller-manager\tcrashes\n' >"$NODE_ROOT/faults/components"
  tool crictl stop "$(containers | sed -n 's/^kube-controller-manager //p')"
  until_true has_ended
  sandbox=$(sandbox_of kube-controller-manager)
  renew_until kube-apiserver
  expect status "$status" 0
  expect 'its sandbox is another one' "$(calls "^crictl rmp -f $sandbox")" 1
  expect "the scheduler's" "$(calls "^crictl rmp -f $(sandbox_of kube-scheduler)")" 0
  expect scheduler "$(containers | grep kube-scheduler)" "$scheduler"
  rm -rf "$NODE_ROOT/faults"
  renew_until all
  expect status "$status" 0
}

sandbox_of() { tool crictl pods --namespace kube-system --name "^$1-" -q; }
has_ended() { [[ -z $(containers | sed -n 's/^kube-controller-manager //p') && -n $(tool crictl ps -a --name '^kube-controller-manager$' --state Exited -q) ]]; }
