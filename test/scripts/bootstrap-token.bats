#!/usr/bin/env bats
# bootstrap-token.sh and wait-for-nodes.sh: what they do, and what they say when the API server does not.
load helpers
load repair

setup_file() {
  load helpers
  load repair
  start_with_expired_worker
}
teardown_file() { stop_clusters; }
setup() { begin_on_worker; }

@test "bootstrap-token: made, its time begun anew, deleted with whatever is left of others; the API server that comes late" {
  on cp_1
  without_token
  on cp_1
  printf 'k8sold.%s\n' "$TOKEN_SECRET" >"$BATS_FILE_TMPDIR/secret"
  token create
  keeps_contract bootstrapTokenResult
  expect result "$status $(ask '[r.node, r.changed]')" '0 ["cp-1",true]'
  printf '%s\n' "$TOKEN_ID.$TOKEN_SECRET" >"$BATS_FILE_TMPDIR/secret"
  token create
  : >"$NODE_ROOT/calls.log"
  token create
  expect again "$status $(ask r.changed) $(calls '^kubectl .* create -f -') $(calls '^kubectl .* replace -f -')" '0 true 1 1'
  # The parameter has gone: its deletion needs it no more.
  : >"$BATS_FILE_TMPDIR/secret"
  token delete
  expect deleted "$status $(ask r.changed)" '0 true'
  token delete
  expect 'deleted before' "$status $(ask r.changed)" '0 false'
  token create
  expect_match 'no parameter' "$status $(ask r.message)" '1 The bootstrap token cannot be read*'

  printf '%s\n' "$TOKEN_ID.$TOKEN_SECRET" >"$BATS_FILE_TMPDIR/secret"
  # The tool repeats what it was given: not told on.
  fault kubectl '*create*' 1 "The connection was refused - $TOKEN_SECRET"
  token create NODE_STEP_PATIENCE=1
  expect_match refused "$status $(ask r.message)" '1 The API server of this node took no bootstrap token within 1 s: The connection was refused - \*\*\**'
  rm -rf "$NODE_ROOT/faults"
  fault kubectl '*create*' 1 'The connection was refused' 1
  token create
  expect late "$status" 0
  rm -rf "$NODE_ROOT/faults"
  fault kubectl '*delete*' 1 'The connection was refused'
  token delete
  expect_match 'not deleted' "$status $(ask r.message)" '1 Bootstrap tokens could not be deleted: *end by themselves within an hour*'
  rm -rf "$NODE_ROOT/faults"
  run_step bootstrap-token "SSM_Secret=$SECRET_NAME" SSM_Action=replace
  expect status "$status" 20
  on worker_1
  token create
  expect_match worker "$status $(ask r.message)" '20 This node is no control plane*'
}

@test "wait-for-nodes: a node that is not Ready is named in the end; an old lease makes Ready a thing of the past" {
  on worker_1
  on cp_1
  run_step wait-for-nodes SSM_Nodes=all SSM_Absent=0 NODE_STEP_PATIENCE=1
  expect status "$status" 0
  keeps_contract nodesReady
  expect 'not Ready' "$(ask '[r.nodes, r.notReady]')" '[2,["worker-1"]]'
  fault kubectl '*get nodes*' 0 - - 'Warning: something\ncp-1 Ready control-plane 1d v1.34.4\nworker-1 Ready,SchedulingDisabled <none> 1d v1.34.4'
  run_step wait-for-nodes SSM_Nodes=all SSM_Absent=0 NODE_STEP_PATIENCE=1
  expect 'no lease' "$(ask '[r.nodes, r.notReady]')" '[2,["worker-1"]]'
  run_step wait-for-nodes SSM_Nodes=cp-1 SSM_Absent=0 NODE_STEP_PATIENCE=1
  expect 'those asked for alone' "$(ask '[r.nodes, r.notReady]')" '[1,[]]'
  run_step wait-for-nodes SSM_Nodes=worker-10,cp-1 SSM_Absent=0 NODE_STEP_PATIENCE=1
  expect 'no Node yet' "$(ask '[r.nodes, r.notReady]')" '[1,["worker-10"]]'
  run_step wait-for-nodes 'SSM_Nodes=cp-1,$(id)' SSM_Absent=0
  expect_match 'no name' "$status $(ask r.message)" "20 Parameter Nodes is 'cp-1,\$(id)', expected names*"
  fault kubectl '*get leases*' 0 - 1 'cp-1 2020-01-01T00:00:00.000000Z\nworker-1 2020-01-01T00:00:00.000000Z'
  fault kubectl '*get leases*' 0 - - 'cp-1 2020-01-01T00:00:07.000000Z\nworker-1 2020-01-01T00:00:00.000000Z'
  run_step wait-for-nodes SSM_Nodes=all SSM_Absent=1
  expect 'a wrong clock renews all the same' "$(ask '[r.nodes, r.notReady]')" '[2,["worker-1"]]'
  rm -rf "$NODE_ROOT/faults"
  fault kubectl '*' 1 'The connection was refused'
  run_step wait-for-nodes SSM_Nodes=all SSM_Absent=0 NODE_STEP_PATIENCE=1
  expect_match 'no answer' "$status $(ask r.message)" '1 The API server of this node did not tell the nodes within 1 s: The connection was refused*'
}
