#!/usr/bin/env bats
# A cluster whose certificates have all expired, repaired step by step as the state machine does it: on all control planes at once.
load helpers
load renewal
load repair

teardown() {
  [[ ! -e $BATS_FILE_TMPDIR/clusters ]] || stop_clusters
  rm -f "$BATS_FILE_TMPDIR/clusters"
}

# at_once NODE... -- COMMAND...: on all nodes at the same time; each has to end with 0 and to keep the contract
at_once() {
  local nodes='' node jobs=''
  while [[ $1 != -- ]]; do nodes="$nodes $1" && shift; done
  shift
  for node in $nodes; do
    (
      BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/$node
      mkdir -p "$BATS_TEST_TMPDIR"
      rm -f "$BATS_TEST_TMPDIR/result"
      on "$node"
      "$@" >"$BATS_TEST_TMPDIR/said" 2>&1 && [[ $status == 0 ]] && printf '%s' "$RESULT" >"$BATS_TEST_TMPDIR/result"
    ) 3>&- &
    jobs="$jobs $!"
  done
  local job
  for job in $jobs; do wait "$job" || true; done
  for node in $nodes; do
    [[ -s $BATS_TEST_TMPDIR/$node/result ]] || { echo "$node: $(cat "$BATS_TEST_TMPDIR/$node/said" "$BATS_TEST_TMPDIR/$node/out" "$BATS_TEST_TMPDIR/$node/err")" && return 1; }
  done
}

# of NODE EXPRESSION: what its result of the last step says
of() { RESULT=$(cat "$BATS_TEST_TMPDIR/$1/result") ask "$2"; }

@test "a dead cluster: files, kubelets, etcd, API servers, the others, a token, every kubelet, every node Ready" {
  start_parameter_store
  start_cluster dead --control-planes 3 --workers 2 --dead
  local node all='cp_1 cp_2 cp_3 worker_1 worker_2'
  for node in $all; do on "$node"; done
  on cp_1
  expect kubelet "$(kubelet_state)" active
  expect certificate "$(client_end)" expired
  expect api "$(tool kubectl --kubeconfig "$NODE_ROOT/etc/kubernetes/admin.conf" get nodes 2>&1 | grep -c expired)" 1
  on cp_3
  expect 'the stopped one' "$(kubelet_state)" inactive

  # What is asked of a dead cluster is answered at once, and tells that it is dead.
  on cp_2
  rm "$STATE/cluster-configuration.yaml" # never checked before
  run_step inspect-control-plane SSM_Inventory=yes
  expect status "$status" 0
  keeps_contract controlPlaneFacts
  expect_match etcd "$(ask 'r.etcd.healthy + " " + r.etcd.reason')" 'false *cannot be asked: /etc/kubernetes/pki/etcd/server.crt ended at 20*'
  expect expired "$(ask 'r.inventory.certificates.filter((c) => !c.isCa && c.name !== "kubelet-serving" && c.notAfter > r.inventory.checkedAt).length')" 0
  # kubectl reads kubeconfigs offline.
  expect 'nobody to ask' "$(calls '^kubectl [^c]\|^crictl exec')" 0
  expect 'nobody for kubeadm' "$(calls '^kubeadm certs check-expiration .*--kubeconfig /dev/null')" 1

  at_once cp_1 cp_2 cp_3 -- renew_until files
  for node in cp_1 cp_2 cp_3; do
    expect "renewed on $node" "$(of "$node" 'r.renewed.length >= 10')" true
    expect "restarted on $node" "$(of "$node" r.restarted)" '[]'
  done
  expect 'nobody for kubeadm' "$(calls '^kubeadm certs renew all .*--kubeconfig /dev/null')" 1
  at_once cp_1 cp_2 cp_3 -- rejoin no
  for node in cp_1 cp_2 cp_3; do expect "kubelet of $node" "$(of "$node" '[r.changed, r.kubelet, !!r.before, r.after]')" '[true,"active",true,null]'; done
  at_once cp_1 cp_2 cp_3 -- renew_until etcd
  at_once cp_1 cp_2 cp_3 -- renew_until kube-apiserver
  for node in cp_1 cp_2 cp_3; do
    expect "restarted on $node" "$(of "$node" 'r.restarted.map((row) => row.component)')" '["etcd","kube-apiserver"]'
  done
  # A worker's kubelet without credentials ends as soon as an API server tells it so.
  on worker_1
  until_true kubelet_is activating
  at_once cp_1 cp_2 cp_3 -- renew_until all
  for node in cp_1 cp_2 cp_3; do
    on "$node"
    expect "restarted on $node" "$(of "$node" 'r.restarted.length')" 4
    expect "backups on $node" "$(ls -A "$STATE/backups" | wc -l | tr -d ' ')" 1
    [[ -s $STATE/renewal/unfinished/proven ]]
  done
  at_once cp_1 -- token create
  at_once $all -- rejoin yes
  for node in $all; do
    on "$node"
    expect "certificate of $node" "$(client_end)" valid
    expect "result of $node" "$(of "$node" '[r.changed, r.kubelet, r.after.serial].join()')" "true,active,$(disk_serial /var/lib/kubelet/pki/kubelet-client-current.pem)"
    expect "left on $node" "$(bootstrap_files)" ''
  done
  at_once cp_1 -- run_step wait-for-nodes SSM_Nodes=all SSM_Absent=0
  expect nodes "$(of cp_1 '[r.nodes, r.notReady]')" '[5,[]]'
  at_once cp_1 -- token delete
  expect deleted "$(of cp_1 r.changed)" true
  # Again: nothing to do, and nobody asks for the secret.
  : >"$BATS_FILE_TMPDIR/asked"
  at_once $all -- rejoin yes
  for node in $all; do expect "again on $node" "$(of "$node" r.changed)" false; done
  expect asked "$(cat "$BATS_FILE_TMPDIR/asked")" ''
  at_once cp_1 cp_2 cp_3 -- refresh
  at_once cp_1 cp_2 cp_3 -- renew_until files
  expect again "$(of cp_1 r.changed)" false
}
