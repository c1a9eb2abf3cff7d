#!/usr/bin/env bats
# The pods that try the network of pods, and the trial. Whether real pods reach each other is seen in test/lab/create.lab.ts.
load helpers
load upgrade-node

# make_probed NAME ADDRESS: a node of this name; its pod has a process in a network namespace of its own
make_probed() {
  local tool
  make_node control-plane
  mkdir -p "$NODE_ROOT"/usr/bin/base "$NODE_ROOT"/proc/{7,8,21,22}/ns "$NODE_ROOT/var/lib/kubelet/pki"
  mv "$NODE_ROOT/usr/bin/kubectl" "$NODE_ROOT/usr/bin/base/"
  for tool in kubectl nsenter; do ln -s "$PROJECT/test/scripts/pod-network-tools.sh" "$NODE_ROOT/usr/bin/$tool"; done
  ln -s 'net:[1]' "$NODE_ROOT/proc/7/ns/net"
  ln -s 'net:[1]' "$NODE_ROOT/proc/8/ns/net"
  ln -s 'net:[2]' "$NODE_ROOT/proc/21/ns/net"
  ln -s 'net:[3]' "$NODE_ROOT/proc/22/ns/net"
  echo "$2" >"$NODE_ROOT/proc/22/ns/address"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/O=system:nodes/CN=system:node:$1" \
    -keyout "$BATS_TEST_TMPDIR/key" -out "$NODE_ROOT/var/lib/kubelet/pki/kubelet-client-current.pem" 2>/dev/null
  printf '%s\n' cp-1 worker-1 worker-2 >"$FACTS/nodes"
  printf '%s\n' 'cp-1|10.244.0.2|Running  ' 'worker-1|10.244.1.2|Running  ' 'worker-2|10.244.2.2|Running  ' >"$FACTS/pods"
  printf '%s\n' '10.244.0.2 Connection refused' '10.244.1.2 Connection refused' '10.244.2.2 Connection refused' >"$FACTS/way"
}

probe() { run_step probe-pods SSM_Nodes=all SSM_Action=create "$@"; }
check() { run_step check-pod-network SSM_Pods=cp-1=10.244.0.2,worker-1=10.244.1.2,worker-2=10.244.2.2 "$@"; }
job() { RESULT=$(cat "$FACTS/jobs") ask "$1"; }

@test "probe-pods: a pod on each node, from kubeadm's own pause image; they end by themselves, may do nothing, and are deleted" {
  make_probed cp-1 10.244.0.2
  probe
  expect "status $RESULT" "$status" 0
  keeps_contract probePods
  expect pods "$(ask r.pods)" cp-1=10.244.0.2,worker-1=10.244.1.2,worker-2=10.244.2.2
  expect nodes "$(job 'r.items.map((job) => job.spec.template.spec.nodeName)')" '["cp-1","worker-1","worker-2"]'
  expect image "$(job 'r.items[0].spec.template.spec.containers[0].image')" registry.k8s.io/pause:3.10.2
  expect end "$(job '[r.items[0].spec.activeDeadlineSeconds, r.items[0].spec.ttlSecondsAfterFinished]')" '[900,0]'
  expect tolerates "$(job 'r.items[0].spec.template.spec.tolerations')" '[{"operator":"Exists"}]'
  expect account "$(job 'r.items[0].spec.template.spec.automountServiceAccountToken')" false
  probe SSM_Action=delete
  expect "deleted: $RESULT" "$status $(ask r.pods) $(ls "$FACTS/jobs" 2>&1 | grep -c 'No such file')" '0 undefined 1'
}

@test "probe-pods: those that are asked for, and this one; a hundred at most" {
  make_probed cp-1 10.244.0.2
  probe SSM_Nodes=worker-2
  expect "asked $RESULT" "$status $(ask r.pods)" '0 cp-1=10.244.0.2,worker-2=10.244.2.2'
  seq -f node-%g 200 >"$FACTS/nodes"
  sed 's/.*/&|10.0.0.1|Running  /' "$FACTS/nodes" >"$FACTS/pods"
  echo 'cp-1|10.0.0.2|Running  ' >>"$FACTS/pods"
  probe
  expect "many $RESULT" "$status $(ask 'r.pods.split(",").length') $(ask 'r.pods.slice(0, 13)')" '0 100 cp-1=10.0.0.2'
}

@test "probe-pods: a pod without an address is named with its reason, and none is left" {
  make_probed cp-1 10.244.0.2
  sed -i 's/^worker-1.*/worker-1||Failed OutOfpods /' "$FACTS/pods"
  probe NODE_STEP_TIME_LIMIT=43
  expect_match "status $RESULT" "$status $(ask r.message)" '1 The pod that tries the network has no address on worker-1 (Failed OutOfpods) after * s: *'
  expect left "$(ls "$FACTS/jobs" 2>&1 | grep -c 'No such file')" 1
}

@test "probe-pods: a webhook that refuses Jobs is told in its own words" {
  make_probed cp-1 10.244.0.2
  fault kubectl '* create -f -' 1 'Error from server: admission webhook "policy.test" denied the request: no pods here'
  probe
  expect_match "status $RESULT" "$status $(ask r.message)" '1 The pods that try the network cannot be created: *policy.test*denied*'
}

@test "check-pod-network: a refusal has come all the way; so has a connection; a way that is made a moment later is waited for" {
  make_probed worker-1 10.244.1.2
  sed -i -e 's/^10.244.0.2 .*/10.244.0.2 once No route to host\n&/' -e 's/^10.244.2.2 .*/10.244.2.2 open/' "$FACTS/way"
  check
  expect "status $RESULT" "$status $(ask r.reached)" '0 2'
  keeps_contract podNetwork
  expect 'from its own pod' "$(sed -n 's, [^ ]*bash .*/dev/tcp/.*,,p' "$NODE_ROOT/calls.log" | sort -u)" "nsenter --net=$NODE_ROOT/proc/22/ns/net"
}

@test "check-pod-network: who is not reached is named, with the reason" {
  make_probed worker-1 10.244.1.2
  printf '%s\n' '10.244.0.2 silence' '10.244.2.2 No route to host' >"$FACTS/way"
  check "$SOON"
  expect_match "status $RESULT" "$status $(ask r.message)" '1 A pod on worker-1 does not reach a pod on cp-1 (no answer), worker-2 (No route to host): look at the network plugin*'
}

@test "check-pod-network: a node that has no pod, and a list that is none" {
  make_probed worker-9 10.244.9.2
  check
  expect "without $RESULT" "$status $(ask r.reached)" '0 0'
  check SSM_Pods='$(reboot)'
  expect_match refused "$status $(ask r.message)" "20 Parameter Pods is '*', expected node=address with commas between them."
}
