#!/usr/bin/env bats
# rejoin-kubelet.sh killed with SIGKILL at each call that changes something, and run again.
load helpers
load repair

setup_file() {
  load helpers
  load repair
  start_with_expired_worker
}
teardown_file() { stop_clusters; }
setup() { begin_on_worker; }

# kill_rejoin TOOL CALL: the step's process group gets SIGKILL at that call of the tool
kill_rejoin() {
  rm -rf "$NODE_ROOT/faults"
  fault "$1" '*' kill-group - "$2"
  setsid env -i PATH="$NODE_PATH" NODE_ROOT="$NODE_ROOT" LANG=C.UTF-8 "SSM_Secret=$SECRET_NAME" SSM_Wait=yes "$(store)" "$(metadata)" NODE_STEP_FOREIGN_SECONDS=1 \
    "$SCRIPTS/rejoin-kubelet.sh" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- || true
  rm -rf "$NODE_ROOT/faults"
}

@test "killed at each call that changes something, and run again: one certificate, no token left, theirs back in its place" {
  with_token
  local place killed=0
  for place in curl:1 mv:1 mv:2 systemctl:1 systemctl:2 systemctl:4 systemctl:6 systemctl:7 systemctl:8 rm:2 rm:3 mv:3; do
    fresh_worker
    sed '/client-key/d; s/client-certificate: .*/token: abcdef.aaaaaaaaaaaaaaaa/' "$NODE_ROOT/etc/kubernetes/kubelet.conf" >"$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf"
    kill_rejoin "${place%:*}" "${place#*:}"
    [[ $(grep -c "$MARKER" "$BATS_TEST_TMPDIR/out") != 0 ]] || killed=$((killed + 1))
    rejoin yes NODE_STEP_FOREIGN_SECONDS=1
    rejoined 'bootstrap-kubelet.conf ' || { echo "killed at $place" && return 1; }
    expect "theirs after $place" "$(grep -c 'token: abcdef' "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf")" 1
  done
  # Otherwise nothing was tried.
  expect 'most kills hit' "$((killed >= 9))" 1
}
