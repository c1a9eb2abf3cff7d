#!/usr/bin/env bats
# The steps that make a cluster: what the lab does not have. containerd's formats, systemd's driver, swap, an image with another version. Whether
# real machines become a cluster is seen in test/lab/create.lab.ts.
load helpers
load upgrade-node
load create-node

prepare() {
  run_step prepare-node SSM_Version=1.37.2 SSM_Packages=https://pkgs.k8s.io/core:/stable:/ SSM_CgroupDriver=systemd SSM_Swap=off SSM_Runtime=containerd \
    SSM_RuntimePackages=https://crio.test/stable:/ "$@"
}

look() { run_step preflight SSM_Endpoint=none SSM_EtcdEndpoints=none SSM_EtcdFiles=none SSM_ControlPlanes=none SSM_Workers=none "$@"; }

@test "prepare-node: a bare machine gets all of it; again: nothing changed" {
  make_machine
  prepare
  expect "status $RESULT" "$status" 0
  keeps_contract preparedNode
  expect result "$(ask '[r.changed, r.version, r.runtime, r.runtimeVersion, r.warnings]')" '[true,"1.37.2","containerd","2.2.1",[]]'
  expect repository "$(cat "$NODE_ROOT/etc/apt/sources.list.d/kubernetes.list")" \
    'deb [signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg] https://pkgs.k8s.io/core:/stable:/v1.37/deb/ /'
  expect key "$(cat "$NODE_ROOT/etc/apt/keyrings/kubernetes-apt-keyring.gpg")" 'new key'
  expect packages "$(cat "$FACTS"/packages/{kubeadm,kubelet,kubectl} | sort -u) $(held)" '1.37.2 kubeadm kubectl kubelet '
  expect modules "$(cat "$NODE_ROOT/etc/modules-load.d/kubernetes.conf")" $'overlay\nbr_netfilter'
  expect settings "$(cat "$NODE_ROOT"/proc/sys/net/ipv4/ip_forward "$NODE_ROOT"/proc/sys/net/bridge/bridge-nf-call-iptables)" $'1\n1'
  expect readable "$(stat -c %a "$NODE_ROOT/etc/sysctl.d/99-kubernetes.conf" "$NODE_ROOT/etc/containerd/config.toml" | sort -u)" 644
  expect restarts "$(calls 'systemctl restart containerd')" 1
  prepare
  expect again "$status $(ask '[r.changed, r.warnings]')" '0 [false,[]]'
  expect 'restarts then' "$(calls 'systemctl restart containerd')" 1
}

@test "prepare-node: an image with a newer version gets the cluster's own; its repository stays where it is" {
  make_machine
  for tool in kubeadm kubelet kubectl; do echo 1.38.1 >"$FACTS/packages/$tool"; done
  printf '%s\n' kubelet kubeadm kubectl >"$FACTS/held"
  echo 'deb [signed-by=/etc/apt/keyrings/k8s.gpg] https://mirror.test/core:/stable:/v1.38/deb/ /' >"$NODE_ROOT/etc/apt/sources.list.d/k8s.list"
  prepare
  expect "status $RESULT" "$status $(cat "$FACTS"/packages/{kubeadm,kubelet,kubectl} | sort -u)" '0 1.37.2'
  expect repositories "$(cat "$NODE_ROOT"/etc/apt/sources.list.d/*)" 'deb [signed-by=/etc/apt/keyrings/k8s.gpg] https://mirror.test/core:/stable:/v1.37/deb/ /'
  expect 'apt may downgrade' "$(cat "$STATE/create/apt.conf")" 'APT::Get::Allow-Downgrades "true";'
}

@test "prepare-node: swap goes, in fstab too, of which a copy stays; keep keeps it" {
  make_machine
  printf '%s\n' 'Filename Type Size Used Priority' '/swapfile file 1 0 -2' >"$NODE_ROOT/proc/swaps"
  printf '%s\n' '# swap is on its own disk' 'UUID=1 / ext4 defaults 0 1' '/swapfile none swap sw 0 0' >"$NODE_ROOT/etc/fstab"
  prepare SSM_Swap=keep
  expect kept "$status $(wc -l <"$NODE_ROOT/proc/swaps" | tr -d ' ') $(grep -c '^/swapfile' "$NODE_ROOT/etc/fstab")" '0 2 1'
  prepare
  expect "status $RESULT" "$status $(ask r.changed) $(wc -l <"$NODE_ROOT/proc/swaps" | tr -d ' ')" '0 true 1'
  expect fstab "$(cat "$NODE_ROOT/etc/fstab")" $'# swap is on its own disk\nUUID=1 / ext4 defaults 0 1\n# kubeadm-autopilot: /swapfile none swap sw 0 0'
  expect 'a copy' "$(grep -c '^/swapfile' "$NODE_ROOT/etc/fstab.before-kubeadm-autopilot")" 1
}

# containerd_becomes WHAT BEFORE AFTER
containerd_becomes() {
  make_machine
  [[ -z $2 ]] || printf '%s\n' "$2" >"$NODE_ROOT/etc/containerd/config.toml"
  prepare
  expect "$1: $RESULT" "$status" 0
  expect "$1" "$(cat "$NODE_ROOT/etc/containerd/config.toml")" "$3"
}

@test "prepare-node: containerd gets the cgroup driver in the format of its version, and keeps the rest" {
  containerd_becomes 'version 2, its table' \
    $'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  BinaryName = "x"\n  SystemdCgroup = false\n[debug]\n  level = "info"' \
    $'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  BinaryName = "x"\n  SystemdCgroup = true\n[debug]\n  level = "info"'
  containerd_becomes 'version 2, its table without the driver' \
    $'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  BinaryName = "x"\n[debug]\n  level = "info"' \
    $'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  BinaryName = "x"\n  SystemdCgroup = true\n[debug]\n  level = "info"'
  containerd_becomes 'version 2, no table' $'version = 2\n[debug]\n  level = "info"' \
    $'version = 2\n[debug]\n  level = "info"\n\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  SystemdCgroup = true'
  containerd_becomes 'version 3, with other quotes' \
    $'version = 3\n[plugins.\'io.containerd.cri.v1.runtime\'.containerd.runtimes.runc.options]\n  SystemdCgroup = false' \
    $'version = 3\n[plugins.\'io.containerd.cri.v1.runtime\'.containerd.runtimes.runc.options]\n  SystemdCgroup = true'
  containerd_becomes "another runtime's driver is its own business" \
    $'version = 3\n[plugins.\'io.containerd.cri.v1.runtime\'.containerd.runtimes.other.options]\n  SystemdCgroup = false' \
    $'version = 3\n[plugins.\'io.containerd.cri.v1.runtime\'.containerd.runtimes.other.options]\n  SystemdCgroup = false\n\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]\n  SystemdCgroup = true'
  containerd_becomes 'no file' '' $'version = 3\n[plugins.\'io.containerd.cri.v1.runtime\'.containerd.runtimes.runc.options]\n  SystemdCgroup = true'
  containerd_becomes "Docker's package switches the CRI plugin off" 'disabled_plugins = ["cri"]' \
    $'version = 3\n[plugins.\'io.containerd.cri.v1.runtime\'.containerd.runtimes.runc.options]\n  SystemdCgroup = true'
  expect 'a copy' "$(cat "$NODE_ROOT/etc/containerd/config.toml.before-kubeadm-autopilot")" 'disabled_plugins = ["cri"]'
}

@test "prepare-node: CRI-O of Kubernetes' minor from its own repository, with the kubelet's driver in a drop-in; again: nothing changed" {
  make_machine
  prepare SSM_Runtime=cri-o
  expect "status $RESULT" "$status $(ask '[r.changed, r.runtime, r.runtimeVersion]')" '0 [true,"cri-o","1.37.1"]'
  expect repository "$(cat "$NODE_ROOT/etc/apt/sources.list.d/cri-o.list")" 'deb [signed-by=/etc/apt/keyrings/cri-o-apt-keyring.gpg] https://crio.test/stable:/v1.37/deb/ /'
  expect key "$(cat "$NODE_ROOT/etc/apt/keyrings/cri-o-apt-keyring.gpg")" 'new key'
  expect configuration "$(cat "$NODE_ROOT/etc/crio/crio.conf.d/20-kubeadm-autopilot.conf")" $'[crio.runtime]\ncgroup_manager = "systemd"\n\n[crio.image]\npause_image = "registry.k8s.io/pause:3.10.2"'
  expect crictl "$(cat "$NODE_ROOT/etc/crictl.yaml")" 'runtime-endpoint: unix:///run/crio/crio.sock'
  expect 'restarts, held' "$(calls 'systemctl restart crio') $(held)" '1 cri-o kubeadm kubectl kubelet '
  expect containerd "$(ls "$NODE_ROOT/etc/containerd")" ''
  prepare SSM_Runtime=cri-o
  expect again "$status $(ask r.changed) $(calls 'systemctl restart crio')" '0 false 1'
  prepare SSM_Runtime=cri-o SSM_CgroupDriver=cgroupfs
  expect cgroupfs "$status $(head -n 3 "$NODE_ROOT/etc/crio/crio.conf.d/20-kubeadm-autopilot.conf")" $'0 [crio.runtime]\ncgroup_manager = "cgroupfs"\nconmon_cgroup = "pod"'
}

@test "prepare-node: CRI-O of another minor is replaced; a later file that says otherwise is told" {
  make_machine
  echo 1.36.4 >"$FACTS/packages/cri-o"
  prepare SSM_Runtime=cri-o
  expect "status $RESULT" "$status $(ask r.runtimeVersion)" '0 1.37.1'
  echo 'cgroup_manager = "cgroupfs"' >"$NODE_ROOT/etc/crio/crio.conf.d/90-mine.conf"
  prepare SSM_Runtime=cri-o
  expect_match later "$status $(ask r.message)" '1 CRI-O has the cgroup driver cgroupfs, expected systemd as /etc/crio/crio.conf.d/20-kubeadm-autopilot.conf says*'
}

@test "prepare-node: Docker behind cri-dockerd, which has no repository; a daemon.json that somebody wrote stays" {
  make_machine
  fault apt-get '* install * cri-dockerd' 'once 100' 'E: Unable to locate package cri-dockerd'
  prepare SSM_Runtime=cri-dockerd
  expect_match 'not there' "$status $(ask r.message)" '20 cri-dockerd is not on this machine, and apt does not find it: E: Unable to locate package cri-dockerd*'
  prepare SSM_Runtime=cri-dockerd
  expect "status $RESULT" "$status $(ask '[r.changed, r.runtime, r.runtimeVersion]')" '0 [true,"cri-dockerd","0.3.21"]'
  expect docker "$(cat "$NODE_ROOT/etc/docker/daemon.json")" '{"exec-opts":["native.cgroupdriver=systemd"]}'
  expect unit "$(cat "$NODE_ROOT/etc/systemd/system/cri-docker.service.d/10-kubeadm-autopilot.conf")" \
    $'[Service]\nExecStart=\nExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --network-plugin=cni --pod-infra-container-image=registry.k8s.io/pause:3.10.2'
  expect crictl "$(cat "$NODE_ROOT/etc/crictl.yaml") $(calls 'systemctl enable --now cri-docker.socket')" 'runtime-endpoint: unix:///run/cri-dockerd.sock 1'
  prepare SSM_Runtime=cri-dockerd
  expect again "$status $(ask r.changed)" '0 false'
  echo '{"exec-opts":["native.cgroupdriver=cgroupfs"]}' >"$NODE_ROOT/etc/docker/daemon.json"
  prepare SSM_Runtime=cri-dockerd
  expect_match theirs "$status $(ask r.message)" '20 Docker has the cgroup driver cgroupfs, expected systemd: add "exec-opts": *'
}

@test "prepare-node: what cannot be prepared is refused in a sentence" {
  make_machine
  prepare SSM_CgroupDriver=other
  expect_match driver "$status $(ask r.message)" "20 Parameter CgroupDriver is 'other', expected systemd or cgroupfs."
  prepare SSM_Runtime=podman
  expect_match runtime "$status $(ask r.message)" "20 Parameter Runtime is 'podman', expected containerd, cri-o or cri-dockerd."
  touch "$NODE_ROOT/etc/kubernetes/admin.conf"
  prepare
  expect_match remains "$status $(ask r.message)" "20 This machine has remains of a cluster (/etc/kubernetes/admin.conf): run 'kubeadm reset'*"
  touch "$NODE_ROOT/etc/kubernetes/kubelet.conf"
  prepare
  expect_match joined "$status $(ask r.message)" '20 This machine is a node of a cluster already*'
  rm "$NODE_ROOT"/etc/kubernetes/*.conf
  echo 'nodev	tmpfs' >"$NODE_ROOT/proc/filesystems"
  prepare
  expect_match overlay "$status $(ask r.message)" '1 The kernel has no overlay file system*'
}

@test "prepare-node: a kernel without br_netfilter is told, not refused" {
  make_machine
  rm -r "$NODE_ROOT/proc/sys/net/bridge"
  prepare
  expect_match warning "$status $(ask 'r.warnings[0]')" '0 The kernel module br_netfilter is not loaded*'
}

@test "preflight: what a machine is, and of which cluster it is a node" {
  make_machine
  look
  expect "status $RESULT" "$status" 0
  keeps_contract preflightFacts
  expect facts "$(ask '[r.system.id, r.memoryMiB, r.swap, r.cgroup, r.runtime.containerd, r.packages, r.portsInUse, r.macs, r.cluster]')" \
    '["debian",3906,false,"v1","2.2.1",{"manager":"apt"},[6443,10250],["0a:00:00:00:00:01"],{"state":"none"}]'
  mkdir -p "$STATE/create" && echo init >"$STATE/create/unfinished"
  look
  expect unfinished "$(ask r.cluster)" '{"state":"unfinished","step":"init"}'
  rm "$STATE/create/unfinished" && touch "$STATE/create/unproven" "$NODE_ROOT/etc/kubernetes/kubelet.conf"
  look
  expect joined "$(ask r.cluster)" '{"state":"joined","unproven":true}'
}

@test "preflight: who refuses is reached, and from whom nothing comes back is not" {
  make_machine
  # A control plane, whose own address is that of the loopback; nothing is sent to a broadcast address.
  look SSM_ControlPlanes=127.0.0.1,127.0.0.2,255.255.255.255 SSM_Workers=127.0.0.3
  keeps_contract preflightFacts
  expect 'control plane' "$(ask r.unreached)" '["255.255.255.255:10250","255.255.255.255:2379","255.255.255.255:2380","255.255.255.255:6443"]'
  look SSM_ControlPlanes=127.0.0.2,255.255.255.255 SSM_Workers=127.0.0.1,255.255.255.255
  expect worker "$(ask r.unreached)" '["255.255.255.255:6443"]'
  look SSM_ControlPlanes=127.0.0.1,127.0.0.2,255.255.255.255 SSM_EtcdEndpoints=https://10.0.0.9:2379 SSM_EtcdFiles=/a,/b,/c
  expect 'external etcd' "$(ask r.unreached)" '["255.255.255.255:10250","255.255.255.255:6443"]'
  look SSM_Workers='$(id)'
  expect_match refused "$status $(ask r.message)" '20 Parameter Workers is *, expected addresses with a comma between them, or none.'
}

@test "preflight: an external etcd, by the files that kubeadm is going to be told of" {
  local etcd=(SSM_EtcdEndpoints=https://10.0.0.9:2379,https://etcd-2.test:2379 SSM_EtcdFiles=/etc/etcd/ca.crt,/etc/etcd/client.crt,/etc/etcd/client.key)
  make_machine
  mkdir "$NODE_ROOT/etc/etcd" && echo certificate | tee "$NODE_ROOT/etc/etcd/ca.crt" >"$NODE_ROOT/etc/etcd/client.crt"
  look "${etcd[@]}"
  expect missing "$(ask r.externalEtcd)" '{"missing":["/etc/etcd/client.key"],"silent":[]}'
  expect 'nobody is asked' "$(calls '/health')" 0
  echo key >"$NODE_ROOT/etc/etcd/client.key"
  look "${etcd[@]}"
  expect silent "$(ask r.externalEtcd)" '{"missing":[],"silent":["https://etcd-2.test:2379 (curl: (7) Failed to connect)"]}'
  keeps_contract preflightFacts
  expect_match asked "$(grep '/health' "$NODE_ROOT/calls.log" | head -n 1)" "curl *--cacert $NODE_ROOT/etc/etcd/ca.crt --cert $NODE_ROOT/etc/etcd/client.crt --key $NODE_ROOT/etc/etcd/client.key https://10.0.0.9:2379/health"
  look SSM_EtcdFiles='/etc/$(id)' SSM_EtcdEndpoints=https://10.0.0.9:2379
  expect_match refused "$status $(ask r.message)" '20 Parameter EtcdFiles is *, expected three absolute paths*'
}

@test "kubeadm reset, which undoes what was cut off, is told the runtime and the folder of certificates of the configuration" {
  limited() { shift && "$@"; }
  log() { :; }
  kubeadm() { echo "kubeadm $*" >>"$BATS_TEST_TMPDIR/asked"; }
  ROOT=$BATS_TEST_TMPDIR CONFIGURATION=''
  . "$PROJECT/scripts/lib/create/kubeadm-run.sh"
  kubeadm_undo >/dev/null
  CONFIGURATION='{"kind":"JoinConfiguration","nodeRegistration":{"criSocket":"unix:///run/crio/crio.sock"}}'
  kubeadm_undo >/dev/null
  CONFIGURATION=$'kind: InitConfiguration\nnodeRegistration:\n  criSocket: unix:///run/cri-dockerd.sock\n  name: cp-1'
  kubeadm_undo >/dev/null
  expect sockets "$(sed 's/.*--cri-socket=//' "$BATS_TEST_TMPDIR/asked")" $'unix:///run/containerd/containerd.sock\nunix:///run/crio/crio.sock\nunix:///run/cri-dockerd.sock'
  : >"$BATS_TEST_TMPDIR/asked"
  CONFIGURATION='{"kind":"ClusterConfiguration","certificatesDir":"/etc/kubernetes-pki"}'
  kubeadm_undo >/dev/null
  CONFIGURATION=$'caCertPath: /etc/kubernetes-ssl/ca.crt\nkind: JoinConfiguration'
  kubeadm_undo >/dev/null
  CONFIGURATION='{"kind":"JoinConfiguration"}'
  kubeadm_undo >/dev/null
  expect folders "$(sed 's/.*containerd.sock *//' "$BATS_TEST_TMPDIR/asked")" $'--cert-dir=/etc/kubernetes-pki\n--cert-dir=/etc/kubernetes-ssl'
  expect 'without one' "$(tail -n 1 "$BATS_TEST_TMPDIR/asked")" 'kubeadm reset --force --cri-socket=unix:///run/containerd/containerd.sock'
}

@test "what kubeadm says of an error is told, the last of it, without secrets" {
  limited() { shift && "$@"; }
  log() { :; }
  kubeadm() { printf '%s\n' 'all is well' "error: token $SECRET is not known" "$MORE" && return 3; }
  ROOT=$BATS_TEST_TMPDIR SECRET=abcdef.0123456789abcdef MORE=''
  . "$PROJECT/scripts/lib/create/kubeadm-run.sh"
  HIDDEN=("$SECRET")
  kubeadm_run 10 join >/dev/null
  expect short "$KUBEADM_CODE $KUBEADM_SAID" '3 error: token *** is not known '
  MORE=$(printf 'error %.0s' {1..200})
  kubeadm_run 10 join >/dev/null
  expect long "${#KUBEADM_SAID} ${KUBEADM_SAID: -7}" '500 error  '
}
