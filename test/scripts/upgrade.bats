#!/usr/bin/env bats
# The steps of an upgrade: what they refuse, what they do in which order, and what they leave when something fails.
load helpers
load upgrade-node

@test "stage-upgrade: repository of the new minor with its key, packages, images, and nothing installed; again: nothing changed" {
  make_node control-plane
  stage
  expect "status $RESULT" "$status" 0
  keeps_contract stagedUpgrade
  expect result "$(ask '[r.node, r.changed, r.version, r.images.length]')" '["cp-1",true,"1.37.2",7]'
  expect repository "$(cat "$NODE_ROOT/etc/apt/sources.list.d/kubernetes.list")" 'deb [signed-by=/etc/apt/keyrings/k8s.gpg] https://mirror.test/core:/stable:/v1.37/deb/ /'
  expect key "$(cat "$NODE_ROOT/etc/apt/keyrings/k8s.gpg")" 'new key'
  expect 'still installed' "$(cat "$FACTS/packages/kubeadm") $(held)" '1.36.3 kubeadm kubectl kubelet '
  expect pulled "$(grep -c . "$FACTS/images")" 7
  expect 'left behind' "$(ls "$STATE/upgrade")" packages
  stage
  expect again "$status $(ask r.changed)" '0 false'
}

@test "stage-upgrade: what keeps a node from being staged is one sentence, and the repository stays as it was" {
  make_node worker
  fault curl '*Release.key' 22
  fault apt-get '*update*' 100 "E: The repository 'https://mirror.test/core:/stable:/v1.37/deb InRelease' is not signed."
  stage
  expect_match update "$status $(ask r.message)" '1 The package repository https://mirror.test/core:/stable:/v1.37/deb/ cannot be used: E: The repository*kubernetes.list is as it was*'
  expect_match repository "$(cat "$NODE_ROOT/etc/apt/sources.list.d/kubernetes.list")" '*/v1.36/deb/*'
  expect key "$(cat "$NODE_ROOT/etc/apt/keyrings/k8s.gpg")" 'old key'
  rm "$NODE_ROOT"/faults/*
  fault apt-get '*--download-only*' 100 "E: Version '1.37.2-*' for 'kubeadm' was not found"
  stage
  expect_match 'no such version' "$status $(ask r.message)" "1 The packages of Kubernetes 1.37.2 cannot be downloaded: E: Version '1.37.2-\*' for 'kubeadm' was not found*"
  rm "$NODE_ROOT"/faults/*
  fault crictl 'pull *' 1 'rpc error: not found'
  stage
  expect_match image "$status $(ask r.message)" '1 The image registry.k8s.io/kube-proxy:v1.37.2 cannot be pulled: rpc error: not found'
  rm "$NODE_ROOT"/faults/*
  printf '/usr/bin/kubelet\0--containerd=/run/containerd.sock\0' >"$NODE_ROOT/proc/7/cmdline"
  stage
  expect_match flag "$status $(ask r.message)" "1 The kubelet of 1.37.2 would not start with this node's arguments: *unknown flag: --containerd*"
  stage 1.36.2
  expect_match downgrade "$status $(ask r.message)" '20 kubeadm 1.36.3 is installed, newer than 1.36.2: Kubernetes is never downgraded*'
  stage latest
  expect_match version "$status $(ask r.message)" "20 Parameter Version is 'latest', expected a release of Kubernetes such as 1.37.2."
  rm "$NODE_ROOT/etc/apt/sources.list.d/kubernetes.list"
  stage
  expect_match repository "$status $(ask r.message)" '20 apt knows no repository of Kubernetes packages on this node*'
}

@test "raise-etcd: the image in the manifest alone changes, the leader hands over first, the kubelet leads elsewhere meanwhile; again it changes nothing" {
  make_node control-plane
  cp "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml" "$FACTS/etcd-before"
  raise
  expect "status $RESULT" "$status" 0
  keeps_contract raisedEtcd
  expect result "$(ask '[r.node, r.changed, r.image]')" '["cp-1",true,"registry.k8s.io/etcd:3.6.12-0"]'
  expect manifest "$(diff "$FACTS/etcd-before" "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml")" "$(printf '%s\n' 6c6 '<     image: registry.k8s.io/etcd:3.6.8-0' --- '>     image: registry.k8s.io/etcd:3.6.12-0')"
  expect folder "$(ls "$NODE_ROOT/etc/kubernetes" | tr '\n' ' ')" 'admin.conf kubelet.conf manifests '
  expect 'handed over' "$(calls 'move-leader 9af')" 1
  expect pulled "$(calls '^crictl pull registry.k8s.io/etcd:3.6.12-0')" 1
  expect server "$(server)" https://10.0.0.1:6443
  raise
  expect again "$status $(ask r.changed) $(calls 'move-leader')" '0 false 1'
  raise SSM_ImageTag=3.6.9-0
  expect older "$status $(ask '[r.changed, r.image]')" '0 [false,"registry.k8s.io/etcd:3.6.12-0"]'
}

@test "raise-etcd: refused before the first change: a worker, another minor, a member that is not healthy, a bad tag" {
  make_node control-plane
  raise SSM_ImageTag=3.7.0-0
  expect_match minor "$status $(ask r.message)" '20 etcd has the tag 3.6.8-0, which 3.7.0-0 does not follow within one minor*'
  fault crictl 'exec *endpoint health --cluster' 0 'https://10.0.0.1:2379 is healthy: yes' 'https://10.0.0.2:2379 is unhealthy: no'
  raise
  expect_match ill "$status $(ask r.message)" '20 Every etcd member has to be healthy before one is restarted, but the etcd member cp-2 is not healthy.'
  rm "$NODE_ROOT/faults/crictl"
  raise 'SSM_ImageTag=3.6.12;id'
  expect_match tag "$status $(ask r.message)" "20 Parameter ImageTag is '3.6.12;id'*"
  expect 'nothing changed' "$(grep -c 3.6.8-0 "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml") $(calls '^systemctl restart')" '1 0'
  make_node worker
  raise
  expect_match worker "$status $(ask r.message)" '20 This node has no etcd member of its own*'
}

@test "upgrade-kubeadm: kubeadm is unheld, installed and held, the kubelet leads elsewhere meanwhile, what runs is proven, leftovers go" {
  make_node control-plane
  upgrade
  expect "status $RESULT" "$status" 0
  keeps_contract upgradedKubeadm
  expect result "$(ask '[r.node, r.changed, r.version, Object.keys(r.seconds).sort(), r.images.etcd]')" \
    '["cp-1",true,"1.37.2",["etcd","kube-apiserver","kube-controller-manager","kube-scheduler","kubeadm"],"registry.k8s.io/etcd:3.7.0-0"]'
  expect packages "$(cat "$FACTS/packages/kubeadm") $(cat "$FACTS/packages/kubelet") $(held)" '1.37.2 1.36.3 kubeadm kubectl kubelet '
  expect_match kubeadm "$(grep '^kubeadm upgrade' "$NODE_ROOT/calls.log")" 'kubeadm upgrade apply v1.37.2 --yes --kubeconfig=*/admin.conf'
  expect server "$(server)" https://10.0.0.1:6443
  expect 'kubelet restarts' "$(calls '^systemctl restart kubelet')" 1
  expect tmp "$(ls "$NODE_ROOT/etc/kubernetes/tmp")" kubeadm-backup-manifests-2026
  expect 'left behind' "$(ls "$STATE/upgrade" | tr '\n' ' ')" 'kubeadm-finished packages '
  upgrade
  expect again "$status $(ask '[r.changed, r.reason]') $(calls '^kubeadm upgrade')" '0 [false,"kubeadm has upgraded this node already, and it runs what it should."] 1'
  upgrade SSM_SkipPhases=addon/coredns SSM_IgnoreErrors=SystemVerification,CreateJob SSM_RenewCertificates=no
  expect_match 'other options' "$status $(grep '^kubeadm upgrade' "$NODE_ROOT/calls.log" | tail -n 1)" \
    '0 *--certificate-renewal=false --ignore-preflight-errors=SystemVerification,CreateJob --skip-phases=addon/coredns'
}

@test "upgrade-kubeadm: kubeadm fails: its words, the kubelet back at its own API server if that answers, and otherwise kept away from it" {
  make_node control-plane
  fault kubeadm 'upgrade *' 1 '[upgrade] FATAL: static Pod hash did not change after 5m0s: context deadline exceeded'
  upgrade
  expect_match failed "$status $(ask r.message)" '1 kubeadm upgrade apply ended with 1: *static Pod hash did not change*manifests from before: /var/lib/kubeadm-autopilot/upgrade/manifests-before*'
  expect 'own API server' "$(server)" https://10.0.0.1:6443
  fault curl '*readyz*' 7
  upgrade "$SOON"
  expect 'dead API server' "$status $(server) $(cat "$STATE/upgrade/kubelet-server")" '1 https://api:6443 https://10.0.0.1:6443'
  rm "$NODE_ROOT"/faults/*
  upgrade
  expect 'the next run' "$status $(server) $(ls "$STATE/upgrade" | tr '\n' ' ')" '0 https://10.0.0.1:6443 kubeadm-finished packages '
}

@test "upgrade-kubeadm: a manifest that went in a run that was cut off comes back, one that is simply missing is refused" {
  make_node control-plane
  mv "$NODE_ROOT/etc/kubernetes/manifests/kube-scheduler.yaml" "$BATS_TEST_TMPDIR/"
  upgrade
  expect_match missing "$status $(ask r.message)" '20 /etc/kubernetes/manifests/kube-scheduler.yaml is not there or names no image: put it back*'
  mkdir -p "$STATE/upgrade/manifests-before"
  mv "$BATS_TEST_TMPDIR/kube-scheduler.yaml" "$STATE/upgrade/manifests-before/"
  echo 1.37.2 >"$STATE/upgrade/kubeadm-unfinished"
  upgrade
  expect 'cut off' "$status $(ask 'r.images["kube-scheduler"]')" '0 registry.k8s.io/kube-scheduler:v1.37.2'
}

@test "upgrade-kubelet: after kubeadm only; installed, restarted, again: nothing changed; one that does not start says why" {
  make_node control-plane
  kubelet
  expect_match 'before kubeadm' "$status $(ask r.message)" '20 kubeadm 1.36.3, expected 1.37.2: the kubelet is upgraded after kubeadm*'
  upgrade
  kubelet
  expect "status $RESULT" "$status" 0
  keeps_contract upgradedKubelet
  expect installed "$(ask r.changed) $(cat "$FACTS/packages/kubelet") $(cat "$FACTS/packages/kubectl") $(held)" 'true 1.37.2 1.37.2 kubeadm kubectl kubelet '
  expect restarted "$(calls '^systemctl daemon-reload') $(calls '^systemctl restart kubelet')" '1 2'
  kubelet
  expect again "$status $(ask r.changed)" '0 false'
  echo 1.37.2 >"$STATE/upgrade/kubelet-unfinished"
  : >"$FACTS/down-etcd"
  kubelet "$SOON"
  expect_match 'etcd does not come back' "$status $(ask r.message)" '1 The kubelet of 1.37.2 runs, but etcd is not running*'
  rm "$FACTS/down-etcd"
  fault systemctl 'is-active kubelet' 3 activating
  kubelet "$SOON"
  expect_match 'does not start' "$status $(ask r.message)" '1 The kubelet of 1.37.2 does not stay active: kubelet is activating*unknown flag: --containerd*'
  rm "$NODE_ROOT"/faults/*
  kubelet
  expect 'goes on' "$status $(ask r.changed) $(unfinished)" '0 true 0'
}

@test "drain-node: cordoned with our mark, pods gone; who is held up by which budget; a node that was cordoned before" {
  make_node control-plane
  printf '%s\n' 'evicting pod default/web-1' 'pod/web-1 evicted' 'pod/coredns-x evicted' 'node/worker-1 drained' >"$FACTS/drain"
  drain
  expect "status $RESULT" "$status" 0
  keeps_contract drainedNode
  expect drained "$(ask '[r.node, r.target, r.drained, r.cordonedBefore, r.evicted, r.blockedBy]')" '["cp-1","worker-1",true,false,2,[]]'
  expect node "$(cat "$FACTS/node")" '111|true|drain-node|True|v1.36.3|'
  drain
  expect again "$(ask '[r.drained, r.cordonedBefore]')" '[true,false]'

  fault kubectl '* drain *' 1 'pod/web-1 evicted' \
    'error when evicting pods/"web-2" -n "default" (will retry after 5s): Cannot evict pod as it would violate the pod'"'"'s disruption budget.' \
    'error when waiting for pod "slow-1" in namespace "default" to terminate: global timeout reached: 1s' \
    'There are pending pods in node "worker-1" when an error occurred: error when evicting pods/"web-2" -n "default": global timeout reached: 1s' \
    'error when evicting pods/"web-2" -n "default": global timeout reached: 1s'
  drain SSM_TimeoutSeconds=2
  expect 'held up' "$status $(ask '[r.drained, r.evicted > 0, r.blockedBy]')" \
    '0 [false,true,[{"pod":"default/web-2","budget":"web","reason":"The disruption budget web needs 2 healthy pods and has 2 currently"},{"pod":"default/slow-1","reason":"it has been told to end and does not"}]]'
  keeps_contract drainedNode
  expect_match 'on the log' "$ERR" '*default/web-2 does not leave, because of the PodDisruptionBudget web: *'

  fault kubectl '* drain *' 1 'error: unable to drain node "worker-1" due to error: cannot delete cannot delete Pods that declare no controller (use --force to override): default/lone, default/other, continuing command...'
  drain SSM_TimeoutSeconds=600
  expect unmanaged "$status $(ask '[r.drained, r.blockedBy.map((b) => b.pod)]')" '0 [false,["default/lone","default/other"]]'
  rm "$NODE_ROOT"/faults/*
  drain SSM_Force=yes
  expect_match force "$(grep -c 'drain worker-1 .*--force --disable-eviction' "$NODE_ROOT/calls.log")" 1

  echo '11|true||True|v1.36.3|' >"$FACTS/node"
  drain
  expect 'cordoned before' "$status $(ask '[r.drained, r.cordonedBefore]') $(cat "$FACTS/node")" '0 [true,true] 11|true||True|v1.36.3|'
}

@test "drain-node and uncordon-node: an unknown node, an API server that does not answer, a Node that changes meanwhile, wrong parameters" {
  make_node control-plane
  fault kubectl '* get node *' 1 'Error from server (NotFound): nodes "worker-1" not found'
  drain
  expect_match unknown "$status $(ask r.message)" '20 The cluster knows no node worker-1: *'
  fault kubectl '* get node *' 1 'Unable to connect to the server: EOF'
  drain "$SOON"
  expect_match 'no answer' "$status $(ask r.message)" '1 The API server of this node did not tell about worker-1 within 1 s: Unable to connect to the server: EOF*'
  fault kubectl '* patch node *' 'once 1' 'Error from server (Conflict): the object has been modified'
  drain
  expect 'changed meanwhile' "$status $(ask r.drained) $(calls ' patch node ')" '0 true 2'
  drain SSM_TimeoutSeconds=4000
  expect_match timeout "$status $(ask r.message)" "20 Parameter TimeoutSeconds is '4000', expected seconds from 1 to 3600."
  uncordon SSM_Node='Worker;1'
  expect_match name "$status $(ask r.message)" "20 Parameter Node is 'Worker;1', expected the name of a node*"
  make_node worker
  drain
  expect_match worker "$status $(ask r.message)" '20 This node is no control plane*'
}

@test "uncordon-node: Ready at the version, then uncordoned; not ready stays cordoned; somebody else's stays cordoned; given up" {
  make_node control-plane
  echo '11|true|drain-node|True|v1.36.3|' >"$FACTS/node"
  uncordon SSM_Version=1.37.2 "$SOON"
  expect 'old version' "$status $(ask '[r.ready, r.uncordoned, r.version, r.reason]')" '0 [false,false,"1.36.3","its kubelet is 1.36.3, expected 1.37.2"]'
  keeps_contract uncordonedNode
  uncordon
  expect ready "$status $(ask '[r.ready, r.uncordoned, r.version]') $(cat "$FACTS/node")" '0 [true,true,"1.36.3"] 111|||True|v1.36.3|'
  keeps_contract uncordonedNode
  uncordon
  expect again "$status $(ask '[r.ready, r.uncordoned]') $(calls ' patch node ')" '0 [true,true] 1'
  echo '11|true||True|v1.36.3|' >"$FACTS/node"
  uncordon
  expect "somebody else's" "$status $(ask '[r.ready, r.uncordoned, r.reason]')" '0 [true,false,"worker-1 was not cordoned by kubeadm-autopilot: it stays cordoned."]'
  echo '11|true|drain-node|False|v1.36.3|' >"$FACTS/node"
  uncordon SSM_Version=none
  expect 'given up' "$status $(ask '[r.ready, r.uncordoned]') $(cat "$FACTS/node")" '0 [false,true] 111|||False|v1.36.3|'
}
