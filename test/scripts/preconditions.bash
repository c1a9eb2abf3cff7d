# Shared by the tests of what a renewal needs.

setup_file() { start_cluster main --control-planes 1 --days-left 12; }
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  rm -f "$NODE_ROOT/etc/crictl.yaml" "$NODE_ROOT"/etc/kubernetes/manifests/*.backup
  BEFORE=$(serials)
}

# obstacle PRECONDITION REASON: a shell pattern
obstacle() {
  local reason
  run_step inspect-control-plane SSM_Inventory=yes
  expect "status of the inspection $RESULT" "$status" 0
  keeps_contract controlPlaneFacts
  expect preconditions "$(ask '(r.renewal.obstacles ?? []).map((row) => row.precondition)')" "[\"$1\"]"
  reason=$(ask 'r.renewal.obstacles[0].reason')
  expect_match reason "$reason" "$2"
  reason="$reason; $(ask 'r.renewal.obstacles[0].whatToDo'), then run this again."
  renew
  expect "status of the renewal $RESULT" "$status" 20
  expect message "$(ask r.message)" "$reason"
  unchanged
}

# unchanged: no certificate is another one, no backup, no record, no restart
unchanged() {
  expect serials "$(serials)" "$BEFORE"
  [[ ! -e $STATE/renewal && -z $(ls -A "$STATE/backups" 2>/dev/null) ]]
  expect restarts "$(calls '^crictl rmp')" 0
}

# no_obstacle: neither told nor in the way of a renewal of the files
no_obstacle() {
  run_step inspect-control-plane SSM_Inventory=yes
  expect "status $RESULT" "$status" 0
  expect obstacles "$(ask 'String(r.renewal.obstacles)')" undefined
  run_step renew-certificates SSM_Force=no SSM_Until=files
  expect "status $RESULT" "$status" 0
}

MANIFESTS=/etc/kubernetes/manifests
