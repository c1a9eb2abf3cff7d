#!/usr/bin/env bats
# The steps that remove a node: what they refuse, in which order they do it, and what a second run finds.
load helpers
load upgrade-node
load remove-node

@test "reset-node: the member leaves etcd before anything is deleted; nothing of the cluster is left; again: nothing to do" {
  make_leaving control-plane
  mkdir -p "$NODE_ROOT/etc/kubernetes/kubeadm-autopilot/patches" && echo '{}' >"$NODE_ROOT/etc/kubernetes/kubeadm-autopilot/patches/etcd.yaml"
  reset_machine
  expect "status $RESULT" "$status" 0
  keeps_contract resetNode
  expect result "$(ask '[r.node, r.changed, r.warnings]')" '["cp-1",true,[]]'
  expect members "$(cut -d, -f3 "$FACTS/members" | tr -d '\n')" ' cp-2 cp-3'
  expect order "$(grep -oE 'move-leader 2a|member remove 1a|^kubeadm reset|disable --now kubelet' "$NODE_ROOT/calls.log" | tr '\n' ' ')" 'move-leader 2a member remove 1a kubeadm reset disable --now kubelet '
  expect_match 'asked of the others' "$(grep 'member remove' "$NODE_ROOT/calls.log")" '*--endpoints=https://10.0.0.2:2379,https://10.0.0.3:2379 *'
  expect_match kubeadm "$(grep '^kubeadm reset' "$NODE_ROOT/calls.log")" \
    'kubeadm reset --force --skip-phases=remove-etcd-member --cert-dir=/etc/kubernetes/pki --cri-socket=unix:///run/crio.sock'
  expect files "$(find "$NODE_ROOT"/etc/kubernetes "$NODE_ROOT"/etc/cni/net.d "$NODE_ROOT"/var/lib/etcd "$NODE_ROOT"/var/lib/kubelet ! -type d)" ''
  expect 'the plugin is put aside' "$(ls "$STATE/reset" "$STATE/reset/cni" | tr '\n' ' ')" "$STATE/reset: cni finished  $STATE/reset/cni: 10-plugin.conflist "
  expect 'rules of others' "$(cat "$FACTS/iptables")" "$(printf '%s\n' '*filter' ':INPUT ACCEPT [1:2]' ':MINE - [0:0]' '[5:6] -A INPUT -m comment --comment "KUBE-LIKE, not Kubernetes" -j MINE' COMMIT)"
  expect 'no ip6tables' "$(calls 'ip6tables-restore')" 0
  reset_machine
  expect again "$status $(ask r.changed)" '0 false'
  expect 'kubeadm resets' "$(calls '^kubeadm reset')" 1
  run_step preflight SSM_Endpoint=none SSM_EtcdEndpoints=none SSM_EtcdFiles=none SSM_ControlPlanes=none SSM_Workers=none
  expect preflight "$(ask r.cluster)" '{"state":"none"}'
}

@test "reset-node: a worker; tables of nftables, virtual servers and bridges go" {
  make_leaving worker
  printf '%s\n' 'ip kube-proxy' 'ip6 kube-proxy' 'inet mine' >"$FACTS/nft"
  mkdir -p "$NODE_ROOT"/sys/class/net/{kube-ipvs0,cni0,eth0}
  echo '{}' >"$NODE_ROOT/root/.kube/config"
  reset_machine SSM_LeaveEtcd=no
  expect "status $RESULT" "$status $(calls 'etcdctl')" '0 0'
  expect tables "$(cat "$FACTS/nft")" 'inet mine'
  expect links "$(ls "$NODE_ROOT/sys/class/net") $(calls 'ipvsadm --clear')" 'eth0 1'
  expect_match warning "$(ask 'r.warnings[0]')" '/root/.kube/config is left on the machine: delete it*'
}

@test "reset-node: cut off in kubeadm reset, the next run goes on, and asks etcd no more; whoever lets the machine join finds it unfinished" {
  make_leaving control-plane
  fault kubeadm 'reset *' 'once 1' 'error: unmounting /var/lib/kubelet/pods failed'
  reset_machine
  expect_match "status $RESULT" "$status $(ask r.message)" '1 kubeadm reset ended with 1: *unmounting*'
  run_step preflight SSM_Endpoint=none SSM_EtcdEndpoints=none SSM_EtcdFiles=none SSM_ControlPlanes=none SSM_Workers=none
  expect preflight "$(ask 'r.cluster.state')" unfinished
  # As kubeadm may have left it.
  rm -rf "$NODE_ROOT"/etc/kubernetes/*.conf "$NODE_ROOT"/etc/kubernetes/manifests/* "$NODE_ROOT"/var/lib/kubelet/*
  reset_machine SSM_Node=cp-9
  expect_match 'another name' "$status $(ask r.message)" '20 This machine was being removed as the node cp-1, expected cp-9*'
  reset_machine
  expect "status $RESULT" "$status $(ask r.changed)" '0 true'
  expect_match 'the runtime of before' "$(grep '^kubeadm reset' "$NODE_ROOT/calls.log" | tail -n 1)" '*--cri-socket=unix:///run/crio.sock'
  expect 'asked to leave' "$(calls 'member remove')" 1
  expect data "$(ls "$NODE_ROOT/var/lib/etcd")" ''
}

@test "reset-node: nothing is changed on another machine than the one that is meant, nor by the last member" {
  make_leaving control-plane
  members cp-1
  reset_machine
  expect_match 'last member' "$status $(ask r.message)" '20 The etcd member of this node is the only one that votes*'
  echo '4a, started, cp-4, https://10.0.0.4:2380, https://10.0.0.4:2379, true' >>"$FACTS/members"
  reset_machine
  expect_match 'beside a learner' "$status $(ask r.message)" '20 The etcd member of this node is the only one that votes*'
  run_step preflight SSM_Endpoint=none SSM_EtcdEndpoints=none SSM_EtcdFiles=none SSM_ControlPlanes=none SSM_Workers=none
  expect preflight "$(ask 'r.cluster.state')" joined
  members cp-1 cp-2 cp-3
  fault crictl '*member list' 1 'Error: context deadline exceeded'
  reset_machine $SOON
  expect_match 'etcd does not answer' "$status $(ask r.message)" '1 The etcd member of this node does not tell the members within 1 s, so it cannot leave: Error: context deadline exceeded*'
  rm "$NODE_ROOT/faults/crictl"
  fault crictl '*member remove*' 1 'Error: etcdserver: unhealthy cluster'
  reset_machine $SOON
  expect_match 'etcd refuses' "$status $(ask r.message)" '1 etcd does not let the member of this node go: Error: etcdserver: unhealthy cluster*'
  expect 'kubeadm resets' "$(calls '^kubeadm reset')" 0
  reset_machine SSM_LeaveEtcd=maybe
  expect_match parameter "$status $(ask r.message)" "20 Parameter LeaveEtcd is 'maybe', expected yes or no."
  reset_machine SSM_Node='cp-1;reboot'
  expect_match parameter "$status $(ask r.message)" "20 Parameter Node is 'cp-1;reboot', expected the name of a node*"
}

@test "reset-node: a machine that is no node and was none of ours" {
  make_leaving worker
  rm "$NODE_ROOT/etc/kubernetes/kubelet.conf" && rm -r "$NODE_ROOT/var/lib/etcd/member"
  reset_machine
  expect_match "status $RESULT" "$status $(ask r.message)" '20 This machine is no node of a cluster, and was none that kubeadm-autopilot removed*'
}

@test "forget-node: member, Node and lease go; again: nothing changed" {
  make_leaving control-plane
  printf '%s\n' node/cp-2 lease/cp-2 node/cp-3 >"$FACTS/objects"
  forget
  expect "status $RESULT" "$status" 0
  keeps_contract forgottenNode
  expect result "$RESULT" '{"node":"cp-1","target":"cp-2","changed":true,"etcdMembers":2}'
  expect members "$(cut -d, -f3 "$FACTS/members" | tr -d '\n')" ' cp-1 cp-3'
  expect objects "$(grep . "$FACTS/objects")" node/cp-3
  forget
  expect again "$status $(ask r.changed)" '0 false'
  expect removals "$(calls 'member remove')" 1
}

@test "forget-node: a worker has no member; etcd that is not whole in the end is told" {
  make_leaving control-plane
  printf '%s\n' node/cp-2 >"$FACTS/objects"
  fault crictl '*endpoint health --cluster' 1 'https://10.0.0.1:2379 is healthy: successfully committed proposal'
  forget SSM_Member=none $SOON
  expect "status $RESULT" "$status $(ask '[r.changed, r.etcdMembers, r.etcdReason]')" '0 [true,3,"the etcd member cp-2 is not healthy"]'
  expect removals "$(calls 'member remove')" 0
}

@test "forget-node: what it refuses, and what does not go" {
  make_leaving control-plane
  printf '%s\n' node/cp-2 >"$FACTS/objects"
  forget SSM_Member=1a
  expect_match 'its own member' "$status $(ask r.message)" '20 The etcd member 1a is that of this control plane itself*'
  forget SSM_Member=../1
  expect_match parameter "$status $(ask r.message)" "20 Parameter Member is '../1', expected the id of an etcd member*"
  fault crictl '*member remove*' 1 'Error: etcdserver: re-configuration failed due to not enough started members'
  forget $SOON
  expect_match quorum "$status $(ask r.message)" '1 etcd does not let the member 2a go: Error: etcdserver: re-configuration failed*'
  rm "$NODE_ROOT/faults/crictl"
  fault kubectl '* delete *' 1 'error: timed out waiting for the condition on nodes/cp-2'
  forget
  expect_match finalizer "$status $(ask r.message)" '1 node/cp-2 cannot be deleted: error: timed out waiting*See its finalizers*'
  make_leaving worker
  forget
  expect_match worker "$status $(ask r.message)" '20 This node is no control plane with /etc/kubernetes/admin.conf*'
}
