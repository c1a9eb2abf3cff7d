#!/usr/bin/env bats
# The life of a node step (scripts/lib/core/step.sh): small steps of our own around it.
load helpers

setup() {
  export NODE_ROOT=$BATS_TEST_TMPDIR/node
  mkdir -p "$NODE_ROOT"
}

# a_step BODY: an executable step with the usual beginning
a_step() {
  {
    printf '#!/bin/bash\n'
    for name in core/step core/json kubernetes/paths; do printf '. "%s/lib/%s.sh"\n' "$SCRIPTS" "$name"; done
    printf 'step_begin\n%s\n' "$1"
  } >"$BATS_TEST_TMPDIR/a-step.sh"
  chmod +x "$BATS_TEST_TMPDIR/a-step.sh"
  STEP_FILE=$BATS_TEST_TMPDIR/a-step.sh
}

log_files() { ls "$NODE_ROOT/var/lib/kubeadm-autopilot/logs"; }

@test "done: the result line, exit 0; what tools print goes to the log file, not to stdout" {
  a_step 'step look; echo chatter; echo complaint >&2; result "{\"a\":1}"'
  run_script "$STEP_FILE"
  expect status "$status" 0
  expect stdout "$OUT" "${MARKER}{\"a\":1}"
  expect_match stderr "$ERR" '*[[]look[]] begins*'
  grep -q chatter "$NODE_ROOT"/var/lib/kubeadm-autopilot/logs/a-step-*.log
  grep -q complaint "$NODE_ROOT"/var/lib/kubeadm-autopilot/logs/a-step-*.log
  [[ $ERR != *complaint* ]]
  # What a tool prints is for root alone.
  cd "$NODE_ROOT/var/lib/kubeadm-autopilot"
  expect modes "$(ls -ld . logs logs/a-step-*.log | cut -c1-10 | tr '\n' ' ')" 'drwx------ drwx------ -rw------- '
}

@test "HOME and KUBECONFIG are set, as the agent sets neither" {
  a_step 'OBJECT=""; put home "$HOME"; put kubeconfig "$KUBECONFIG"; put_close; result "$REPLY"'
  status=0
  env -i PATH="$PATH" NODE_ROOT="$NODE_ROOT" "$STEP_FILE" >"$BATS_TEST_TMPDIR/out" 2>/dev/null
  take_result
  expect home "$(ask r.home)" "$NODE_ROOT/root"
  expect kubeconfig "$(ask r.kubeconfig)" "$NODE_ROOT/etc/kubernetes/admin.conf"
}

@test "fail, refuse and busy: exit 1, 20 and 21, with step, message and the end of the log" {
  local row
  for row in 'fail 1 failed' 'refuse 20 refused' 'busy 21 busy'; do
    set -- $row
    a_step "step 'one two'; echo last words; $1 'because \"so\"'"
    run_script "$STEP_FILE"
    expect status "$status" "$2"
    expect error "$(ask r.error)" "$3"
    expect step "$(ask r.step)" 'one two'
    expect message "$(ask r.message)" 'because "so"'
    expect_match logTail "$(ask r.logTail)" '*last words*'
  done
}

@test "a command that fails unexpectedly ends as failed with exit 1, whatever its own code (194 would mean reboot)" {
  a_step 'step compute; inner() { (exit 194); }; inner; result "{}"'
  run_script "$STEP_FILE"
  expect status "$status" 1
  expect error "$(ask r.error)" failed
  expect step "$(ask r.step)" compute
  expect_match message "$(ask r.message)" 'Unexpected failure: *194*'
}

@test "an unset variable ends as failed with a result line" {
  a_step 'step compute; echo "$NOT_THERE"'
  run_script "$STEP_FILE"
  expect status "$status" 1
  expect error "$(ask r.error)" failed
}

@test "a log of any bytes still gives correct JSON" {
  a_step 'step noise; for i in 1 2 3 4 5 6 7 8 11 12 14 27 31 127; do printf "\\$(printf %03o $i)"; done; printf "\"\\\\ \$(id) \t\r\n\303\244 \n"; fail x'
  run_script "$STEP_FILE"
  expect status "$status" 1
  expect_match logTail "$(ask r.logTail)" *$'\001'*$'\037'*'"\\ $(id)'*$'\t'*'ä'*
}

@test "the time limit: SIGTERM below it, exit 30, the step named, and no process left" {
  a_step 'step "wait for ever"; limited 97 sleep 97.531; result "{}"'
  run_script "$STEP_FILE" NODE_STEP_TIME_LIMIT=1
  expect status "$status" 30
  expect error "$(ask r.error)" timed-out
  expect step "$(ask r.step)" 'wait for ever'
  expect_match message "$(ask r.message)" '*limit of 1 s*'
  ! pgrep -f 'sleep 97.531'
}

@test "stopped by somebody else's SIGTERM: failed, and says by what" {
  a_step 'step "wait"; touch "$ROOT/waits"; sleep 2.468; result "{}"'
  "$STEP_FILE" >"$BATS_TEST_TMPDIR/out" 2>/dev/null &
  until_true test -e "$NODE_ROOT/waits"
  kill -TERM $!
  status=0
  wait $! || status=$?
  take_result
  expect status "$status" 1
  expect_match message "$(ask r.message)" 'Stopped by SIGTERM*'
}

not_running() { ! pgrep -f "$1"; }

@test "SIGKILL to the process group of the script, as the agent does: nothing is left" {
  a_step 'step "wait"; limited 60 sleep 86.42; result "{}"'
  # The shell that the agent starts is the group's leader; the script is its child.
  setsid sh -c "$STEP_FILE; :" >/dev/null 2>&1 &
  local leader=$!
  until pgrep -f 'sleep 86.42' >/dev/null; do sleep 0.05; done
  kill -KILL -- "-$leader"
  until_true not_running 'sleep 86.42'
}

@test "an unset parameter: refused, the agent is too old; nothing of the step has run" {
  a_step 'parameter_yes_no Force; touch "$ROOT/ran"; result "{}"'
  run_script "$STEP_FILE"
  expect status "$status" 20
  expect error "$(ask r.error)" refused
  expect_match message "$(ask r.message)" 'Parameter Force did not reach the script*too old*3.3.2746.0*'
  [[ ! -e $NODE_ROOT/ran ]]
}

@test "parameters with shell metacharacters are words, never commands" {
  a_step 'parameter_yes_no Force; result "{}"'
  local value
  for value in '$(touch pwned)' '`touch pwned`' 'yes; touch pwned' $'yes\ntouch pwned' "';touch pwned;'" '-n' '' 'YES'; do
    cd "$BATS_TEST_TMPDIR"
    run_script "$STEP_FILE" "SSM_Force=$value"
    expect status "$status" 20
    expect_match message "$(ask r.message)" 'Parameter Force is *expected yes or no.'
    [[ ! -e $BATS_TEST_TMPDIR/pwned ]]
  done
}

@test "one changing step at a time: the second is busy, and free again when the first was killed" {
  a_step 'step_lock; [[ -z ${HOLD:-} ]] || { touch "$ROOT/held"; sleep 30; }; result "{}"'
  HOLD=yes setsid "$STEP_FILE" >/dev/null 2>&1 &
  local leader=$!
  until [[ -e $NODE_ROOT/held ]]; do sleep 0.05; done
  run_script "$STEP_FILE"
  expect status "$status" 21
  expect error "$(ask r.error)" busy
  kill -KILL -- "-$leader"
  sleep 0.2
  run_script "$STEP_FILE"
  expect status "$status" 0
}

@test "no writable disk: the step runs without a log file" {
  printf 'a file' >"$NODE_ROOT/var"
  a_step 'step look; result "{\"a\":1}"'
  run_script "$STEP_FILE"
  expect status "$status" 0
  a_step 'step look; step_lock; result "{}"'
  run_script "$STEP_FILE"
  expect status "$status" 1
  expect_match message "$(ask r.message)" '*/var/lib/kubeadm-autopilot*disk*'
}

@test "the last 20 logs of a step are kept" {
  mkdir -p "$NODE_ROOT/var/lib/kubeadm-autopilot/logs"
  for i in $(seq 10 35); do : >"$NODE_ROOT/var/lib/kubeadm-autopilot/logs/a-step-202001${i}T000000Z-1.log"; done
  : >"$NODE_ROOT/var/lib/kubeadm-autopilot/logs/other-20200101T000000Z-1.log"
  a_step 'result "{}"'
  run_script "$STEP_FILE"
  expect logs "$(log_files | grep -c '^a-step-')" 20
  expect other "$(log_files | grep -c '^other-')" 1
  log_files | grep -q "^a-step-$(date -u +%Y)"
}
