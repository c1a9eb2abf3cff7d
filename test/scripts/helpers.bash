# Shared by the .bats files: running a node step as the SSM agent would, and asking its one result line with a real JSON parser.
PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
SCRIPTS=$PROJECT/scripts
MARKER='KUBEADM_AUTOPILOT_RESULT '
# The tests' own openssl need not load the host's bundle of public CAs, which takes most of its time. Nodes have an environment of their own.
export SSL_CERT_FILE=/dev/null

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
ask() { ask_server ask "$1"; }

# keeps_contract NAME: the result has the shape that lambdas/contracts/node-steps.ts gives it.
keeps_contract() { ask_server keeps "$1"; }

# ask_server KIND QUESTION: results-server.ts, which is started at the first question of a file
ask_server() {
  local port=$BATS_FILE_TMPDIR/results-server code answer
  [[ -s $port ]] || start_results_server "$port"
  exec 7<>"/dev/tcp/127.0.0.1/$(<"$port")"
  printf '%s\0%s\0%s\0' "$1" "$2" "$RESULT" >&7
  IFS= read -r code <&7 || true
  IFS= read -r -d '' answer <&7 || true
  exec 7>&-
  if [[ $code == 0 ]]; then printf '%s' "$answer"; else printf '%s\n' "$answer" >&2; fi
  return "$code"
}

start_results_server() { # start_results_server PORT-FILE ; two at once are two servers, of which one is asked from then on
  local program=$1.$BASHPID.js
  "$PROJECT/node_modules/.bin/esbuild" "$PROJECT/test/scripts/results-server.ts" --bundle --platform=node --log-level=error --outfile="$program"
  node "$program" "$1" </dev/null >/dev/null 2>"$program.err" 3>&- 4>&- &
  until [[ -s $1 ]]; do
    kill -0 $! || { cat "$program.err" >&2 && return 1; }
    sleep 0.05
  done
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

# start_cluster NAME OPTION...: simulated nodes with real certificates and TLS ports (see local/nodes/simulated/start-node.ts --help).
# Sets CP_1_ROOT, CP_1_PATH and so on. It ends with stop_cluster, or at the latest with this bats.
start_cluster() {
  local folder=$BATS_FILE_TMPDIR/$1 owner=$$
  shift
  mkdir -p "$folder"
  (cd "$PROJECT" && exec node --import tsx local/nodes/simulated/start-node.ts "$folder" "$@" >"$folder.out" 2>"$folder.err" 3>&-) &
  local cluster=$!
  printf '%s\n' "$cluster" >>"$BATS_FILE_TMPDIR/clusters"
  (while kill -0 "$owner" && kill -0 "$cluster"; do sleep 1; done; kill "$cluster") >/dev/null 2>&1 3>&- &
  until grep -q '^ready$' "$folder.out"; do
    kill -0 "$cluster" || { cat "$folder.err" && return 1; }
    sleep 0.05
  done
  set -a
  eval "$(grep -v '^ready$' "$folder.out")"
  set +a
}

stop_clusters() {
  local cluster
  while read -r cluster; do
    kill "$cluster" 2>/dev/null || true
    wait "$cluster" 2>/dev/null || true
  done <"$BATS_FILE_TMPDIR/clusters"
}

# on NODE (cp_1): what follows is about this node. Keeps its files as they are now for `restore_node`.
on() {
  local name
  name=$(printf '%s' "$1" | tr '[:lower:]' '[:upper:]')
  local root=${name}_ROOT path=${name}_PATH
  NODE_ROOT=${!root} NODE_PATH=${!path}
  STATE=$NODE_ROOT/var/lib/kubeadm-autopilot
  [[ -d $NODE_ROOT.pristine ]] || {
    mkdir -p "$NODE_ROOT.pristine" "$NODE_ROOT/root"
    cp -Rp "$NODE_ROOT/etc" "$NODE_ROOT/var" "$NODE_ROOT/root" "$NODE_ROOT.pristine/"
  }
}

# restore_node: files as they were at the first `on`, no faults, nothing remembered. What runs goes on running: a manifest that is as it
# was is not touched, because the kubelet would restart its pod.
restore_node() {
  local file
  rm -rf "$NODE_ROOT/faults" "$STATE" "$NODE_ROOT/calls.log" "$NODE_ROOT/etc/kubernetes/pki" "$NODE_ROOT/etc/kubernetes/tmp" "$NODE_ROOT/root" "$NODE_ROOT/home" "$NODE_ROOT/var/lib/kubelet"
  rm -f "$NODE_ROOT"/etc/kubernetes/*.conf
  for file in "$NODE_ROOT"/etc/kubernetes/manifests/*; do
    cmp -s "$file" "$NODE_ROOT.pristine${file#"$NODE_ROOT"}" || rm -f "$file"
  done
  for file in "$NODE_ROOT.pristine"/etc/kubernetes/manifests/*; do
    [[ -e $NODE_ROOT${file#"$NODE_ROOT.pristine"} ]] || cp -p "$file" "$NODE_ROOT/etc/kubernetes/manifests/"
  done
  (cd "$NODE_ROOT.pristine" && tar cf - --exclude manifests .) | (cd "$NODE_ROOT" && tar xpf -)
}

# until_true COMMAND...: within 20 s
until_true() {
  local attempt
  for ((attempt = 0; attempt < 200; attempt++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  echo "not within 20 s: $*"
  return 1
}

# tool COMMAND...: on the node
tool() { env -i PATH="$NODE_PATH" NODE_ROOT="$NODE_ROOT" LANG=C.UTF-8 "$@"; }

# run_step STEP [NAME=VALUE...]: as the agent runs it there
run_step() {
  local step=$1
  shift
  run_script "$SCRIPTS/$step.sh" -i PATH="$NODE_PATH" NODE_ROOT="$NODE_ROOT" LANG=C.UTF-8 "$@"
}

# fault TOOL ARGUMENT-PATTERN ACTION [STDERR [CALL [STDOUT]]]: ACTION is an exit code, hang, kill-group or after:N
fault() {
  mkdir -p "$NODE_ROOT/faults"
  [[ -e $NODE_ROOT/usr/bin/$1 ]] || ln -s ../lib/stand-ins/host-tool "$NODE_ROOT/usr/bin/$1"
  printf '%s\t%s\t%s\t%s\t%s\n' "$2" "$3" "${4:--}" "${5:--}" "${6:--}" >>"$NODE_ROOT/faults/$1"
}

# calls PATTERN: how often a tool was called with such words (a basic regular expression)
calls() { cat "$NODE_ROOT/calls.log" 2>/dev/null | grep -c "$1" || true; }

# disk_serial PATH, disk_end PATH: what openssl says about a file of the node, a kubeconfig or a PEM
disk_serial() { disk_pem "$1" | openssl x509 -noout -serial | cut -d= -f2; }
disk_end() {
  local end
  end=$(disk_pem "$1" | openssl x509 -noout -enddate | cut -d= -f2)
  RESULT=\"$end\" ask 'new Date(r).toISOString().replace(".000", "")'
}
disk_pem() {
  case $1 in
    *.conf) sed -n 's/^ *client-certificate-data: //p' "$NODE_ROOT$1" | base64 -d ;;
    *) cat "$NODE_ROOT$1" ;;
  esac
}
