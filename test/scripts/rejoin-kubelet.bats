#!/usr/bin/env bats
# rejoin-kubelet.sh on a worker of a cluster that is alive: each branch, each refusal, each way not to get a certificate.
load helpers
load repair

setup_file() {
  load helpers
  load repair
  start_with_expired_worker
}
teardown_file() { stop_clusters; }
setup() { begin_on_worker; }

@test "well: left alone, and nobody asks for the secret; stopped with a valid certificate: started" {
  on cp_1
  : >"$BATS_FILE_TMPDIR/asked"
  local before
  before=$(cd "$NODE_ROOT" && ls -lR etc/kubernetes var/lib/kubelet)
  rejoin yes
  expect status "$status" 0
  keeps_contract rejoinResult
  expect_match result "$(ask '[r.changed, r.reason].join()')" 'false,The kubelet is active, and its certificate is valid until 20*'
  expect files "$(cd "$NODE_ROOT" && ls -lR etc/kubernetes var/lib/kubelet)" "$before"
  expect 'restarts' "$(calls '^systemctl restart')" 0
  tool systemctl stop kubelet
  rejoin no
  expect started "$(ask '[r.changed, r.kubelet]')" '[true,"active"]'
  expect 'state' "$(kubelet_state)" active
  expect asked "$(cat "$BATS_FILE_TMPDIR/asked")" ''
}

@test "expired, in two steps: first the kubelet runs with the token, then it has its certificate and the token is gone" {
  without_token
  expect certificate "$(client_end)" expired
  rejoin no
  expect status "$status" 0
  keeps_contract rejoinResult
  expect result "$(ask '[r.changed, r.kubelet, r.after, r.before.notAfter]')" "[true,\"active\",null,\"$(disk_end "$KUBELET")\"]"
  expect file "$(bootstrap_files)" 'bootstrap-kubelet.conf '
  expect mode "$(ls -l "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf" | cut -c1-10)" -rw-------
  expect asked "$(grep -c "GetParameter .*$SECRET_NAME.*WithDecryption" "$BATS_FILE_TMPDIR/asked" | awk '{ print ($1 > 0) }')" 1
  # The kubelet itself has kubelet.conf lead to the certificate that it is going to get.
  expect conf "$(grep -c "client-certificate: $KUBELET" "$NODE_ROOT/etc/kubernetes/kubelet.conf")" 1
  with_token
  rejoin yes
  rejoined
  expect server "$(grep server: "$NODE_ROOT/etc/kubernetes/kubelet.conf")" "$(grep server: "$NODE_ROOT.pristine/etc/kubernetes/kubelet.conf")"
  on cp_1
  until_true tool bash -c 'kubectl --kubeconfig "$NODE_ROOT/etc/kubernetes/admin.conf" get nodes | grep "^worker-1 *Ready"'
  run_step wait-for-nodes SSM_Nodes=all SSM_Absent=0
  keeps_contract nodesReady
  expect nodes "$(ask '[r.nodes, r.notReady]')" '[2,[]]'
}

@test "it does not get a certificate: what the kubelet's log tells; the next run finishes" {
  without_token
  rejoin yes NODE_STEP_PATIENCE=3
  expect_match 'no such token' "$status $(ask r.step): $(ask r.message)" '1 wait for the certificate: The kubelet has no new certificate after 3 s: the API server refuses the bootstrap token*Unauthorized*'
  fresh_worker
  # Nobody signs.
  on cp_1
  mkdir -p "$NODE_ROOT/faults"
  printf 'kube-controller-manager\tnot-ready\n' >"$NODE_ROOT/faults/components"
  tool crictl rmp -f $(tool crictl pods --label component=kube-controller-manager -q) >/dev/null
  with_token
  rejoin yes NODE_STEP_PATIENCE=3
  expect_match 'not signed' "$status $(ask r.message)" '1 *nobody signed what it asked for*kube-controller-manager*'
  on cp_1
  expect pending "$(tool kubectl --kubeconfig "$NODE_ROOT/etc/kubernetes/admin.conf" get csr --no-headers | grep -c Pending)" 1
  rm -rf "$NODE_ROOT/faults"
  # No API server.
  tool systemctl stop kubelet
  tool crictl rmp -f $(tool crictl pods --label component=kube-apiserver -q) $(tool crictl pods --label component=kube-controller-manager -q) >/dev/null
  on worker_1
  rejoin yes NODE_STEP_PATIENCE=3
  expect_match 'not reachable' "$status $(ask r.message)" '1 *the API server at https://api.demo.internal:6443 does not answer it*'
  on cp_1
  tool systemctl start kubelet
  until_true tool curl -skf https://127.0.0.1:6443/readyz
  on worker_1
  rejoin yes
  rejoined
}

@test "the secret cannot be read, or is no token; a kubelet that does not start; one that never joined; wrong parameters" {
  : >"$BATS_FILE_TMPDIR/secret"
  rejoin yes
  expect_match 'no parameter' "$status $(ask r.message)" "1 The bootstrap token cannot be read from the parameter $SECRET_NAME: *"
  printf 'hunter2-is-no-token\n' >"$BATS_FILE_TMPDIR/secret"
  rejoin yes
  expect_match 'no token' "$status $(ask r.message)" '1 The parameter * holds no bootstrap token*'
  expect 'not told' "$(grep -c hunter2 "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" | tr '\n' ' ' | grep -c ':[1-9]')" 0
  expect files "$(bootstrap_files)" ''
  printf '%s\n' "$TOKEN_ID.$TOKEN_SECRET" >"$BATS_FILE_TMPDIR/secret"
  fault systemctl 'restart kubelet' 1
  rejoin no
  expect_match 'no start' "$status $(ask r.message)" '1 systemctl restart kubelet ended with 1*'
  rm -rf "$NODE_ROOT/faults"
  fault systemctl 'is-active kubelet' 3 - - activating
  rejoin no NODE_STEP_PATIENCE=2
  expect_match 'does not stay' "$status $(ask r.message)" '1 The kubelet does not stay active: *'
  rm -rf "$NODE_ROOT/faults"
  mv "$NODE_ROOT/etc/kubernetes/kubelet.conf" "$BATS_TEST_TMPDIR/conf"
  rm "$NODE_ROOT"/etc/kubernetes/bootstrap-kubelet.conf
  rejoin yes
  expect_match 'no server' "$status $(ask r.message)" '1 /etc/kubernetes/kubelet.conf names no API server*'
  rm -f "$NODE_ROOT$KUBELET"
  rejoin yes
  expect_match 'never joined' "$status $(ask r.message)" "20 This node's kubelet has never joined a cluster*"
  keeps_contract scriptFailure
  local name
  for name in "$TOKEN_ID.$TOKEN_SECRET" /kubeadm-autopilot/secrets/demo '/kubeadm-autopilot/secrets/demo/a;id' /other/demo/name /kubeadm-autopilot/secrets/demo/a/b; do
    run_step rejoin-kubelet "SSM_Secret=$name" SSM_Wait=no
    expect_match "secret $name" "$status $(ask r.message)" '20 Parameter Secret has * characters*'
    no_secret
  done
  run_step rejoin-kubelet "SSM_Secret=$SECRET_NAME" SSM_Wait=perhaps
  expect status "$status" 20
}
