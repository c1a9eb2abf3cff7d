#!/usr/bin/env bats
# The steps of an upgrade, what is rarer: other nodes than usual, each way of kubeadm, apt and dpkg to fail.
load helpers
load upgrade-node

@test "stage-upgrade: a worker pulls none of the control plane's images; a deb822 source with an armored key; CRI-O's stays" {
  make_node worker
  rm "$NODE_ROOT/etc/apt/sources.list.d/kubernetes.list"
  printf '%s\n' 'Types: deb' 'URIs: https://pkgs.k8s.io/core:/stable:/v1.36/deb/' 'Suites: /' 'Signed-By: /etc/apt/keyrings/k8s.asc' >"$NODE_ROOT/etc/apt/sources.list.d/k8s.sources"
  echo 'deb https://download.test/isv:/cri-o:/stable:/v1.36/deb/ /' >"$NODE_ROOT/etc/apt/sources.list.d/crio.list"
  stage
  expect "status $RESULT" "$status $(ask 'r.images.map((i) => i.split(/[/:]/).at(-2)).sort()')" '0 ["coredns","kube-proxy","pause"]'
  expect_match repository "$(cat "$NODE_ROOT/etc/apt/sources.list.d/k8s.sources")" '*/v1.37/deb/*'
  expect_match "CRI-O" "$(cat "$NODE_ROOT/etc/apt/sources.list.d/crio.list")" '*/v1.36/deb/*'
  expect key "$(head -n 1 "$NODE_ROOT/etc/apt/keyrings/k8s.asc")" '-----BEGIN PGP PUBLIC KEY BLOCK-----'
}

@test "stage-upgrade: a feature gate that the new API server does not know is found in what kubeadm will write, not in what it will replace" {
  make_node control-plane
  sed -i 's/--etcd-servers/--feature-gates=SidecarContainers=true\n    - &/' "$NODE_ROOT/etc/kubernetes/manifests/kube-apiserver.yaml"
  stage
  expect_match manifest "$status $(ask r.message)" "1 kube-apiserver of 1.37.2 would not start with this cluster's arguments: unrecognized feature gate: SidecarContainers. Remove that from the ConfigMap*"
  printf '%s\n' '--- a' '+++ b' '   - command:' '     - kube-apiserver' '-    - --feature-gates=SidecarContainers=true' '     - --etcd-servers=https://127.0.0.1:2379' '+    image: new' >"$FACTS/diff"
  stage
  expect 'put right in kubeadm-config' "$status" 0
}

@test "raise-etcd: a member that does not come up gets its old image back" {
  make_node control-plane
  printf 'registry.k8s.io/etcd:3.6.8-0' >"$FACTS/runs-etcd"
  raise $SOON
  expect_match told "$status $(ask r.message)" '1 etcd was not raised to registry.k8s.io/etcd:3.6.12-0: etcd does not run registry.k8s.io/etcd:3.6.12-0 yet.*'
  expect manifest "$(grep -c 'etcd:3.6.8-0' "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml")" 1
  expect server "$(server)" https://10.0.0.1:6443
}

@test "upgrade-kubeadm: kubeadm is given the patches of this node, where it has any" {
  make_node control-plane
  mkdir -p "$NODE_ROOT/etc/kubernetes/kubeadm-autopilot/patches"
  upgrade
  expect none "$status $(grep -c 'kubeadm upgrade.*--patches' "$NODE_ROOT/calls.log")" '0 0'
  echo '{}' >"$NODE_ROOT/etc/kubernetes/kubeadm-autopilot/patches/etcd.yaml"
  upgrade SSM_SkipPhases=addon/coredns
  expect_match "status $RESULT" "$status $(grep '^kubeadm upgrade' "$NODE_ROOT/calls.log" | tail -n 1)" "0 * --patches=$NODE_ROOT/etc/kubernetes/kubeadm-autopilot/patches"
}

@test "upgrade-kubeadm: a worker, and a control plane whose etcd is newer than kubeadm's" {
  make_node worker
  upgrade SSM_Command=node
  expect "status $RESULT" "$status $(ask '[r.changed, r.images]')" '0 [true,{}]'
  expect_match kubeadm "$(grep '^kubeadm upgrade' "$NODE_ROOT/calls.log")" 'kubeadm upgrade node --kubeconfig=*/kubelet.conf'
  upgrade SSM_Command=apply
  expect_match apply "$status $(ask r.message)" '20 Command is apply, but this node is no control plane*'
  make_node control-plane
  upgrade
  sed -i 's/3.7.0-0/3.7.1-0/' "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml"
  upgrade
  expect 'newer etcd' "$status $(ask r.changed)" '0 false'
  sed -i 's/3.7.1-0/3.6.12-0/' "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml"
  upgrade
  expect 'older etcd' "$status $(ask r.changed)" '0 true'
}

@test "upgrade-kubeadm: exit 0 is no proof: a component that does not run, an old image, a configuration that was not written" {
  make_node control-plane
  : >"$FACTS/down-kube-apiserver"
  upgrade "$SOON"
  expect_match 'not running' "$status $(ask r.message)" '1 kubeadm ended well, but kube-apiserver is not running; its log ends with: *unrecognized feature gate: SidecarContainers*run this again: it goes on.'
  expect unfinished "$(unfinished) $(held)" '1 kubeadm kubectl kubelet '
  rm "$FACTS/down-kube-apiserver"
  echo registry.k8s.io/etcd:3.6.8-0 >"$FACTS/runs-etcd"
  upgrade "$SOON"
  expect_match 'old image' "$status $(ask r.message)" '1 kubeadm ended well, but etcd does not run registry.k8s.io/etcd:3.7.0-0 yet*'
  rm "$FACTS/runs-etcd"
  fault kubeadm 'upgrade *' 0
  upgrade
  expect_match 'no configuration' "$status $(ask r.message)" '1 kubeadm ended well, but did not write /var/lib/kubelet/config.yaml*'
  rm "$NODE_ROOT"/faults/*
  upgrade
  expect "goes on $RESULT" "$status $(unfinished)" '0 0'
}

@test "upgrade-kubeadm: the race of etcd's files is run once more, and only that" {
  make_node control-plane
  fault kubeadm 'upgrade *' 'once 1' "failed to back up etcd data: cp: cannot stat '/var/lib/etcd/member/wal/1.tmp'"
  upgrade
  expect "status $RESULT" "$status $(calls '^kubeadm upgrade')" '0 2'
  make_node control-plane
  fault kubeadm 'upgrade *' 'once 1' 'error: something else'
  upgrade
  expect other "$status $(calls '^kubeadm upgrade')" '1 1'
}

@test "upgrade-kubeadm: a kubelet that reads its manifests elsewhere: refused, because kubeadm does not write there" {
  make_node control-plane
  mkdir -p "$NODE_ROOT/var/lib/kubelet"
  mv "$NODE_ROOT/etc/kubernetes/manifests" "$NODE_ROOT/etc/pods"
  printf 'staticPodPath: /etc/pods\n' >>"$NODE_ROOT/var/lib/kubelet/config.yaml"
  upgrade
  expect_match "refused $RESULT" "$status $(ask r.message)" '20 The kubelet of this node runs what is in /etc/pods (staticPodPath), and kubeadm upgrades manifests in /etc/kubernetes/manifests alone*'
  # One folder by two paths is one.
  ln -s ../pods "$NODE_ROOT/etc/kubernetes/manifests"
  upgrade
  expect "link $RESULT" "$status" 0
}

@test "packages: held again after a failure and after a kill; what dpkg and apt say is passed on; a skipped minor" {
  make_node worker
  fault apt-get '*install --yes --no-remove*' 100 'E: Sub-process /usr/bin/dpkg returned an error code (1)'
  upgrade SSM_Command=node
  expect_match install "$status $(ask r.message)" '1 apt-get install ended with 100: E: Sub-process*'
  expect 'held after a failure' "$(held) $(ls "$STATE/upgrade" | tr '\n' ' ')" 'kubeadm kubectl kubelet  packages '
  rm "$NODE_ROOT"/faults/*
  printf 'kubelet\n' >"$FACTS/held"
  printf 'kubeadm\nkubectl\n' >"$STATE/upgrade/unheld"
  fault dpkg --audit 0 'The following packages are only half configured:' ' kubeadm'
  upgrade SSM_Command=node
  expect_match interrupted "$status $(ask r.message)" "20 dpkg was interrupted on this node: kubeadm. Run 'dpkg --configure -a'*"
  expect 'held after a kill' "$(held)" 'kubeadm kubectl kubelet '
  rm "$NODE_ROOT"/faults/*
  fault apt-get '* check' 100 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (unattended-upgr)'
  upgrade SSM_Command=node
  expect_match lock "$status $(ask r.message)" '20 apt-get check fails: E: Could not get lock*4711*'
  rm "$NODE_ROOT"/faults/*
  run_step upgrade-kubeadm SSM_Version=1.38.0 SSM_Command=node SSM_KubeletServer=own SSM_IgnoreErrors=none SSM_RenewCertificates=yes SSM_SkipPhases=none
  expect_match skipped "$status $(ask r.message)" '20 kubeadm 1.36.3 is installed: upgrade to 1.37 before 1.38.0.'
  upgrade SSM_Command=node SSM_IgnoreErrors=CreateJob,All
  expect_match all "$status $(ask r.message)" '20 Parameter IgnoreErrors is*never all of them.'
  echo inactive >"$FACTS/kubelet"
  upgrade SSM_Command=node
  expect_match kubelet "$status $(ask r.message)" '20 The kubelet restarts what kubeadm upgrades, but kubelet is inactive*'
}

@test "upgrade-kubeadm: kubeadm is killed before it has said anything of an error: the message says that" {
  make_node worker
  fault kubeadm 'upgrade *' 137 'E1130 20:14:44 remote_runtime.go:1359] "RuntimeConfig from runtime service failed" err="unknown method RuntimeConfig"'
  upgrade SSM_Command=node
  expect_match killed "$status $(ask r.message)" '1 kubeadm upgrade node was killed (SIGKILL;*). See *run this again: it goes on.'
}
