# Shared by the tests of the steps that repair a dead cluster.
TOKEN_ID=k8sfix
TOKEN_SECRET=0123456789abcdef
SECRET_NAME=/kubeadm-autopilot/secrets/demo/bootstrap-token

# start_parameter_store: with the token in it; ends with stop_clusters
start_parameter_store() {
  printf '%s\n' "$TOKEN_ID.$TOKEN_SECRET" >"$BATS_FILE_TMPDIR/secret"
  node "$PROJECT/test/scripts/parameter-store.mjs" "$BATS_FILE_TMPDIR/secret" "$BATS_FILE_TMPDIR/asked" "$BATS_FILE_TMPDIR/port" 3>&- &
  printf '%s\n' "$!" >>"$BATS_FILE_TMPDIR/clusters"
  until [[ -s $BATS_FILE_TMPDIR/port ]]; do sleep 0.05; done
  : >"$BATS_FILE_TMPDIR/asked"
}

metadata() { printf '%s' "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")"; }
store() { printf '%s' "AWS_ENDPOINT_URL=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")"; }
rejoin() { run_step rejoin-kubelet "SSM_Secret=$SECRET_NAME" "SSM_Wait=$1" "$(store)" "$(metadata)" "${@:2}" && no_secret; }
token() { run_step bootstrap-token "SSM_Secret=$SECRET_NAME" "SSM_Action=$1" "$(store)" "$(metadata)" "${@:2}" && no_secret; }

# no_secret: in nothing that anybody sees: calls with their arguments, logs, output, and no file that stayed
no_secret() {
  local found
  found=$(grep -rl "$TOKEN_SECRET" "$NODE_ROOT/calls.log" "$STATE" "$NODE_ROOT/var/log" "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" 2>/dev/null) || true
  expect 'files that tell the secret' "$found" ''
}

client_end() { openssl x509 -in "$NODE_ROOT/var/lib/kubelet/pki/kubelet-client-current.pem" -noout -checkend 0 >/dev/null && echo valid || echo expired; }
kubelet_state() { tool systemctl is-active kubelet || true; }
bootstrap_files() { (cd "$NODE_ROOT/etc/kubernetes" && ls -A | grep bootstrap | tr '\n' ' ') || true; }

KUBELET=/var/lib/kubelet/pki/kubelet-client-current.pem

# start_with_expired_worker: a control plane that is well, and a worker whose kubelet could not start
start_with_expired_worker() {
  start_parameter_store
  start_cluster main --control-planes 1 --workers 1 --expired worker-1:kubelet-client
}

# begin_on_worker: the token is in the store, the control plane is well, and the worker as at first
begin_on_worker() {
  printf '%s\n' "$TOKEN_ID.$TOKEN_SECRET" >"$BATS_FILE_TMPDIR/secret"
  on cp_1
  rm -rf "$NODE_ROOT/faults"
  tool systemctl start kubelet
  until_true tool curl -skf https://127.0.0.1:6443/readyz
  on worker_1
  fresh_worker
  rm -rf "$STATE" "$NODE_ROOT/calls.log" "$NODE_ROOT/var/log/simulated-kubelet.log"
}

# fresh_worker: its kubelet is stopped and its certificate ran out yesterday, as at first
fresh_worker() {
  tool systemctl stop kubelet
  rm -rf "$NODE_ROOT/faults" "$NODE_ROOT/var/lib/kubelet" "$NODE_ROOT/etc/kubernetes"
  cp -Rp "$NODE_ROOT.pristine/var/lib/kubelet" "$NODE_ROOT/var/lib/"
  cp -Rp "$NODE_ROOT.pristine/etc/kubernetes" "$NODE_ROOT/etc/"
}

# with_token: in the cluster as well
with_token() {
  on cp_1
  token create
  expect "token $RESULT" "$status" 0
  on worker_1
}
without_token() {
  on cp_1
  token delete
  expect "token $RESULT" "$status" 0
  on worker_1
}

# rejoined: the end of a run that did its work
rejoined() {
  expect "status $RESULT" "$status" 0
  keeps_contract rejoinResult
  expect certificate "$(client_end)" valid
  expect kubelet "$(kubelet_state)" active
  expect 'bootstrap files' "$(bootstrap_files)" "${1:-}"
  expect serial "$(ask r.after.serial)" "$(disk_serial "$KUBELET")"
  [[ -L $NODE_ROOT$KUBELET ]]
}

kubelet_is() { [[ $(kubelet_state) == "$1" ]]; }
renew_until() {
  renew "SSM_Until=$1" "${@:2}"
  [[ $status != 0 ]] || keeps_contract renewalResult
}
