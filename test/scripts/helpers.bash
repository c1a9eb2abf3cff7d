# Shared by the .bats files: running a node step as the SSM agent would, and asking its one result line with a real JSON parser.
PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
SCRIPTS=$PROJECT/scripts
MARKER='KUBEADM_AUTOPILOT_RESULT '

# run_script FILE [NAME=VALUE...]: sets status, RESULT (the JSON, checked to be there exactly once), OUT and ERR.
run_script() {
  local file=$1
  shift
  status=0
  env "$@" "$file" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
  OUT=$(cat "$BATS_TEST_TMPDIR/out")
  ERR=$(cat "$BATS_TEST_TMPDIR/err")
  take_result
}

take_result() {
  [[ $(grep -c "^$MARKER" "$BATS_TEST_TMPDIR/out") == 1 ]] || {
    echo "expected one result line, got: $OUT"
    echo "stderr: $ERR"
    return 1
  }
  RESULT=$(sed -n "s/^$MARKER//p" "$BATS_TEST_TMPDIR/out")
}

# ask EXPRESSION: JavaScript over the result `r`; strings as they are, the rest as JSON.
ask() {
  RESULT=$RESULT node -e 'const r = JSON.parse(process.env.RESULT); const a = eval(process.argv[1]); process.stdout.write(typeof a === "string" ? a : String(JSON.stringify(a)))' "$1"
}

# expect WHAT GOT WANTED
expect() {
  [[ $2 == "$3" ]] || {
    printf '%s\n  got:      %s\n  expected: %s\n' "$1" "$2" "$3"
    return 1
  }
}

# expect_match WHAT GOT PATTERN: a shell pattern
expect_match() {
  # shellcheck disable=SC2053 # the pattern is one
  [[ $2 == $3 ]] || {
    printf '%s\n  got:      %s\n  expected: %s\n' "$1" "$2" "$3"
    return 1
  }
}
