#!/usr/bin/env bats
# renew-certificates.sh on simulated control planes, what takes minutes: who leads hands over; each failure of a restart, and the run after it.
load helpers
load renewal
load renewal-setup

# leads_another COMPONENT LEADER: somebody else does now
leads_another() { is_led "$1" && [[ $(leads "$1") != "$2" ]]; }

# once_more: without the faults of before; what is called from now on is counted
once_more() {
  manifests_untouched
  rm -rf "$NODE_ROOT/faults"
  : >"$NODE_ROOT/calls.log"
}

# component_fault COMPONENT FAULT: for the next time that the kubelet starts it
component_fault() {
  mkdir -p "$NODE_ROOT/faults"
  printf '%s\t%s\n' "$1" "$2" >"$NODE_ROOT/faults/components"
}

# fresh_sandbox COMPONENT: what an operator would do about a container that is not well
fresh_sandbox() { tool crictl rmp -f $(tool crictl pods --label "component=$1" -q) >/dev/null; }

@test "whoever led before its turn hands over: etcd before it is killed, the others by their lease; another node's is left alone" {
  start_cluster three --control-planes 3 --days-left 12
  local component node leader
  for node in cp_1 cp_2; do
    on "$node"
    : >"$NODE_ROOT/calls.log"
    for component in kube-controller-manager kube-scheduler; do until_true is_led "$component"; done
    leads kube-controller-manager >"$BATS_TEST_TMPDIR/kube-controller-manager"
    leads kube-scheduler >"$BATS_TEST_TMPDIR/kube-scheduler"
    renew
    expect "status on $node" "$status" 0
    # etcd's first member leads at first, and the second one after the first has handed over.
    refresh # which ends the renewal: a forced one would go on with it
    expect "etcd's leader after $node" "$(cat "$STATE"/logs/renew-certificates-* | sed -n 's/.*move-leader to \(.*\): Leadership transferred .*/\1/p')" "$([[ $node == cp_2 ]] || echo cp-2)$([[ $node == cp_1 ]] || echo cp-1)"
    for component in kube-controller-manager kube-scheduler; do
      leader=$(cat "$BATS_TEST_TMPDIR/$component")
      if [[ $leader == "${node/_/-}"_* ]]; then
        expect "given back on $node" "$(calls "^kubectl .* patch lease $component .*\"$leader\"")" 1
        until_true leads_another "$component" "$leader"
      else
        expect "left alone on $node" "$(calls "^kubectl .* patch lease $component")" 0
        expect "still leads" "$(leads "$component")" "$leader"
      fi
    done
  done

  # cp-1 leads again. What has been restarted without that, as a repair does, need not hand over afterwards.
  on cp_1
  : >"$NODE_ROOT/calls.log"
  renew SSM_Force=yes SSM_Until=etcd
  expect "status $RESULT" "$status" 0
  renew
  expect "status $RESULT" "$status" 0
  expect 'handed over' "$(calls '^etcdctl .* move-leader')" 0

  # So cp-2 leads, and has no other choice than cp-3.
  component_fault etcd never-starts
  fresh_sandbox etcd
  on cp_2
  : >"$NODE_ROOT/calls.log"
  renew SSM_Force=yes
  expect "status $RESULT" "$status" 0
  expect 'asked to lead' "$(calls '^etcdctl .* move-leader')" 1
  expect_match 'to whom' "$ERR" '*not to cp-1, which is not healthy*move-leader to cp-3: Leadership transferred from * to *'
}

@test "a lease that has lapsed is given back once there is an API server, one that is renewed is not" {
  local holder scheduler
  until_true is_led kube-controller-manager
  until_true is_led kube-scheduler
  holder=$(leads kube-controller-manager) scheduler=$(leads kube-scheduler)
  component_fault kube-controller-manager never-starts
  fresh_sandbox kube-controller-manager
  renew SSM_Until=files
  expect "status $RESULT" "$status" 0
  sleep 16 # as long as a lease is valid
  renew SSM_Until=kube-apiserver
  expect "status $RESULT" "$status" 0
  expect 'given back' "$(calls "^kubectl .* patch lease kube-controller-manager .*\"$holder\"")" 1
  expect 'leads now' "$(leads kube-controller-manager)" ''
  expect 'of the scheduler' "$(calls '^kubectl .* patch lease kube-scheduler') $(leads kube-scheduler)" "0 $scheduler"
  rm -r "$NODE_ROOT/faults"
  renew
  expect "status $RESULT" "$status" 0
  expect_match 'leads in the end' "$(leads kube-controller-manager)" 'cp-1_*'
}

@test "crictl gives up once while the runtime is busy, and once after it has removed the sandbox: the renewal goes on" {
  local action
  for action in 1 after:1; do
    fault crictl 'rmp*' "$action" 'rpc error: code = DeadlineExceeded' 1
    renew SSM_Force=yes
    expect "status $action" "$status" 0
    expect "restarted $action" "$(ask r.restarted.length)" 4
    refresh # which ends the renewal: a forced one would go on with it
    rm -rf "$NODE_ROOT/faults"
  done
}

@test "one failure after the other, each followed by a run that goes on where the last one stopped" {
  local old renewed
  old=$(containers)
  fault kubeadm 'certs renew*' 0
  renew
  expect status "$status" 1
  expect step "$(ask r.step)" 'renew the files'
  expect_match message "$(ask r.message)" 'Not renewed: apiserver apiserver-kubelet-client *kubeadm ended with 0*'
  expect serials "$(serials)" "$BEFORE"
  expect containers "$(containers)" "$old"

  once_more # crictl cannot remove the sandbox
  fault crictl 'rmp*' 1 'rpc error: code = Unavailable'
  renew
  expect_match etcd "$status $(ask r.message)" '1 crictl rmp -f could not remove the sandbox of etcd*'
  expect_match log "$(ask r.logTail)" '*code = Unavailable*'
  expect containers "$(containers)" "$old"
  renewed=$(serials)

  once_more # crictl does not tell the sandboxes
  fault crictl 'pods*' 1
  renew
  expect_match etcd "$status $(ask r.message)" '1 etcd was not restarted: crictl does not answer.*'
  expect containers "$(containers)" "$old"

  once_more # the new container exits at once
  component_fault etcd crashes
  renew NODE_STEP_PATIENCE=3
  expect_match etcd "$status $(ask r.step): $(ask r.message)" '1 restart etcd: *etcd*'
  expect others "$(containers | sed 1d)" "$(printf '%s\n' "$old" | sed 1d)"

  once_more # the kubelet ends between two of them: not one more sandbox is removed
  until [[ -n $(tool crictl ps --name '^etcd$' --state Running -q) ]]; do sleep 0.1; done
  fault systemctl 'is-active kubelet' 3 - 2 inactive
  renew
  expect_match kubelet "$status $(ask r.step): $(ask r.message)" '1 restart kube-apiserver: kube-apiserver was not restarted: kubelet is inactive*'
  expect restarts "$(calls '^crictl rmp')" 0

  once_more # it runs and does not get ready: the later ones are left alone
  component_fault kube-apiserver not-ready
  renew NODE_STEP_PATIENCE=3
  expect_match apiserver "$status $(ask r.step): $(ask r.message)" '1 restart kube-apiserver: *not healthy after 3 s*answers 500*'
  expect later "$(containers | tail -n 2)" "$(printf '%s\n' "$old" | tail -n 2)"

  once_more # the script's own time limit
  fresh_sandbox kube-apiserver
  component_fault kube-controller-manager never-starts
  renew NODE_STEP_TIME_LIMIT=12
  expect limit "$status $(ask r.error): $(ask r.step)" '30 timed-out: restart kube-controller-manager'

  once_more # the kubelet does not start it
  component_fault kube-scheduler never-starts
  renew NODE_STEP_PATIENCE=3
  expect_match scheduler "$status $(ask r.step): $(ask r.message)" '1 restart kube-scheduler: The kubelet has not started*'

  once_more # a port presents something else
  fault openssl 's_client*6443*' 1
  renew NODE_STEP_PATIENCE=3
  expect_match served "$status $(ask r.step): $(ask r.message)" '1 prove what is served: Still not served 3 s after*apiserver:6443*'
  [[ -d $STATE/renewal/unfinished && ! -e $STATE/renewal/finished ]]

  once_more
  renew
  expect status "$status" 0
  expect 'renewals and restarts' "$(calls '^kubeadm certs renew\|^crictl rmp')" 0
  expect 'nothing renewed twice' "$(serials)" "$renewed"
  expect backups "$(ls -A "$STATE/backups" | wc -l | tr -d ' ')" 1
  all_new "$BEFORE"
  all_served
}
