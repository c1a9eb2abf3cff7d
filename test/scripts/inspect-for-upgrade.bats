#!/usr/bin/env bats
# inspect-for-upgrade.sh: what an upgrade has to know, as facts; what cannot be told is a fact too. What kubectl prints for real is seen in the lab.
load helpers

setup_file() {
  start_cluster main --control-planes 1 --workers 1 --days-left 200
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  cluster_answers
}
teardown() { rm -rf "$NODE_ROOT/faults"; }

# says PATTERN TEXT [CALL]: kubectl's answer to such a call
says() { fault kubectl "*$1*" 0 - "${3:--}" "$2"; }

# cluster_answers: those of a cluster of one control plane and two workers that is well
cluster_answers() {
  says '-o jsonpath={.apiVersion}|' 'kubeadm.k8s.io/v1beta4|v1.36.3|api.demo:6443|registry.k8s.io|||||8760h0m0s|'
  says 'annotate --local*range .apiServer.extraArgs' 'kube-apiserver --feature-gates=SidecarContainers=true\netcd --experimental-x=1'
  says 'annotate --local*{.failCgroupV1}' 'false|{"NodeSwap":true}'
  says 'annotate --local*{.mode}' 'ipvs|'
  says 'get configmap kubeadm-config' 'kind: ClusterConfiguration'
  says 'get configmap kubelet-config' 'kind: KubeletConfiguration'
  says 'get configmap kube-proxy' 'kind: KubeProxyConfiguration'
  says 'get configmap coredns*Corefile' '.:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    template IN A\n}'
  says 'get configmap coredns -o yaml' 'apiVersion: v1\ndata:\n  Corefile: |\n    .:53 {\n  zone.db: x\nkind: ConfigMap'
  says 'get daemonset kube-proxy' 'registry.k8s.io/kube-proxy:v1.36.3|3|3'
  says 'get deployments -l k8s-app=kube-dns' 'coredns|registry.k8s.io/coredns/coredns:v1.14.2|2|2'
  says ' version*--server' 'Client Version: v1.36.3\nServer Version: v1.36.3'
  says '--server*version' 'Client Version: v1.36.3\nServer Version: v1.36.3'
  says 'get leases -A' 'kube-node-lease/cp-1 1\nkube-node-lease/worker-1 1\nkube-node-lease/worker-2 1\nkube-system/kube-scheduler 1\nkube-system/kube-controller-manager 1' 1
  says 'get leases -A' 'kube-node-lease/cp-1 2\nkube-node-lease/worker-1 2\nkube-node-lease/worker-2 2'
  says 'get lease kube-' 2
  says 'get nodes' 'cp-1|v1.36.3|True||\nworker-1|v1.36.3|True|true|drain-node\nworker-2|v1.35.4|False||'
  says 'get pods -l component' 'etcd-cp-1|Running|x|cp-1|etcd\netcd-backup-1|Succeeded||worker-1|etcd\nkube-apiserver-cp-1|Running|x|cp-1|kube-apiserver'
  says 'create --dry-run=server' 'pod/upgrade-health-check created (server dry run)'
  says 'get daemonsets,deployments,statefulsets' 'DaemonSet kube-system/kured lock\nimage ghcr.io/kubereboot/kured:1.17.0\nDaemonSet kube-system/cilium \nimage quay.io/cilium/cilium:v1.18.1@sha256:aa\nimage x/csi-node-driver-registrar:v2.14.0\nimage x/aws-ebs-csi-driver:v1.48.0'
  says 'get poddisruptionbudgets' '1|shop|web|{"app":"web"}|tier In ["a","b"];\n0|shop|db|{"app":"db"}|'
  says '-n shop get pods -l app=web,tier in (a,b)' 'Running worker-1\nRunning worker-1\nPending worker-2'
  says '-n shop get pods -l app=db' 'Running worker-2'
  says 'get pods -A' 'shop/web-1|worker-1|Running||ReplicaSet|web|{}\nshop/web-2|worker-1|Running||ReplicaSet|web|\ndefault/lone|worker-1|Running||||\nkube-system/etcd-cp-1|cp-1|Running|x|Node|cp-1|\nkube-system/cilium-1|cp-1|Running||DaemonSet|cilium|\njobs/done|worker-1|Succeeded||Job|done|'
  fault kubectl '*shop/pods/web-1/eviction*' 1 'error: admission webhook denied it'
  says '/eviction' ''
}

@test "a control plane tells of the machine, its static pods and the cluster" {
  fault crio '--version' 0 - - 'crio version 1.36.2\nGitCommit: 1'
  run_step inspect-for-upgrade SSM_Version=none
  expect status "$status" 0
  keeps_contract upgradeFacts
  expect 'node, CRI-O' "$(ask '[r.node, r.machine.crio]')" '["cp-1","1.36.2"]'
  expect components "$(ask 'r.controlPlane.components.map(({ name, healthy }) => [name, healthy.ok])')" '[["etcd",true],["kube-apiserver",true],["kube-controller-manager",true],["kube-scheduler",true]]'
  expect etcd "$(ask '[r.controlPlane.etcd.healthy, r.controlPlane.etcd.members.length, r.controlPlane.etcd.alarms]')" '[true,1,[]]'
  expect certificates "$(ask 'r.controlPlane.certificates.some(({ name, notAfter, serial, foreign }) => name === "apiserver" && notAfter > "2026" && /^[0-9A-F]+$/.test(serial) && !foreign)')" true
  expect version "$(ask r.cluster.version)" 1.36.3
  expect configuration "$(ask r.cluster.configuration)" '{"kubernetesVersion":"1.36.3","controlPlaneEndpoint":"api.demo:6443","imageRepository":"registry.k8s.io","certificateValidity":"8760h0m0s","arguments":{"etcd":{"flags":["experimental-x"],"gates":[]},"kube-apiserver":{"flags":["feature-gates"],"gates":["SidecarContainers"]}}}'
  expect kubelet "$(ask r.cluster.kubeletConfig)" '{"found":true,"failCgroupV1":false,"gates":["NodeSwap"]}'
  expect proxy "$(ask r.cluster.kubeProxy)" '{"daemonSet":true,"version":"1.36.3","desired":3,"ready":3,"configMap":true,"mode":"ipvs","gates":[]}'
  expect dns "$(ask r.cluster.coreDns)" '{"deployments":[{"name":"coredns","image":"registry.k8s.io/coredns/coredns:v1.14.2","desired":2,"ready":2}],"plugins":["errors","health","template"],"keys":["Corefile","zone.db"]}'
  expect leases "$(ask r.cluster.leases)" '{"controllerManager":0,"scheduler":0}'
  expect stray "$(ask '[r.cluster.strayPods, r.cluster.apiServers]')" '[["kube-system/etcd-backup-1 (Succeeded)"],{"cp-1":1}]'
  expect maintenance "$(ask r.cluster.maintenance)" '["DaemonSet kube-system/kured lock"]'
  expect addons "$(ask 'r.cluster.addons.map(({ name, version }) => `${name} ${version}`)')" '["cilium 1.18.1","aws-ebs-csi-driver 1.48.0"]'

  # Nodes by what they have in common, those that are not well first.
  expect nodes "$(ask 'r.cluster.nodes')" '[{"kubelet":"1.35.4","ready":false,"fresh":true,"names":["worker-2"]},{"kubelet":"1.36.3","ready":true,"fresh":true,"cordoned":"us","names":["worker-1"]},{"kubelet":"1.36.3","ready":true,"fresh":true,"names":["cp-1"]}]'
  expect left "$(ask r.cluster.nodesLeftOut)" 0

  # What a drain will meet: budgets with their pods by node, pods without a controller, evictions that are refused.
  expect budgets "$(ask r.cluster.budgets)" '[{"name":"shop/db","allowed":0,"pods":{"worker-2":1}},{"name":"shop/web","allowed":1,"pods":{"worker-1":2}}]'
  expect drains "$(ask r.cluster.drains)" '{"pods":3,"emptyDir":1,"unmanaged":["default/lone"],"unmanagedCount":1,"asked":2,"refused":["shop/web-1: error: admission webhook denied it"]}'
}

@test "a cluster of 200 nodes fits into one answer of Run Command, and says what it left out" {
  local names='' leases='' number
  for ((number = 100; number < 300; number++)); do
    names="${names}ip-10-0-123-$number.eu-central-1.compute.internal|v1.36.3|True||\\n"
    leases="${leases}kube-node-lease/ip-10-0-123-$number.eu-central-1.compute.internal "
  done
  rm "$NODE_ROOT/faults/kubectl"
  says 'get nodes' "$names"
  cluster_answers
  run_step inspect-for-upgrade SSM_Version=none
  expect status "$status" 0
  keeps_contract upgradeFacts
  [[ ${#RESULT} -lt 24000 ]] || { echo "${#RESULT} characters" && return 1; }
  expect all "$(ask 'r.cluster.nodes.flatMap(({ names }) => names).length + r.cluster.nodesLeftOut')" 200
  expect left "$(ask 'r.cluster.nodesLeftOut > 0')" true
}

@test "an API server that does not answer: the machine and the static pods are told all the same" {
  rm "$NODE_ROOT/faults/kubectl"
  fault kubectl '*' 1 'The connection to the server was refused'
  run_step inspect-for-upgrade SSM_Version=none
  expect status "$status" 0
  keeps_contract upgradeFacts
  expect cluster "$(ask r.cluster)" undefined
  expect_match reason "$(ask r.clusterReason)" '*API server of this node does not answer*refused*'
  expect machine "$(ask r.machine.kubeletActive.ok)" true
}

@test "a worker tells of its machine alone" {
  on worker_1
  run_step inspect-for-upgrade SSM_Version=none
  expect status "$status" 0
  keeps_contract upgradeFacts
  expect node "$(ask r.node)" worker-1
  expect parts "$(ask '[r.controlPlane, r.cluster, r.clusterReason]')" '[null,null,null]'
}

@test "packages: each minor up to the target is asked with lists and a key of its own, and apt's own are left alone" {
  on worker_1
  mkdir -p "$NODE_ROOT/etc/apt/sources.list.d"
  printf 'deb [signed-by=/etc/apt/keyrings/k.gpg] https://mirror.example/core:/stable:/v1.34/deb/ /\n' >"$NODE_ROOT/etc/apt/sources.list.d/kubernetes.list"
  fault kubeadm 'version -o short' 0 - - 'v1.36.3'
  fault dpkg '--audit' 0 - - 'The following packages are only half configured:\n kubelet'
  fault apt-get '*check' 100 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12 (apt-get)'
  fault curl '*mirror.example*/v1.36/deb/Release.key' 0
  fault curl '*mirror.example*/v1.37/deb/Release.key' 22 'curl: (22) The requested URL returned error: 403'
  fault apt-get '*v*1.36*sourceparts=-*update*' 0
  fault apt-cache '*madison kubeadm kubelet kubectl' 0 - - '   kubeadm | 1.36.3-1.1 | x\n   kubeadm | 1.36.10-1.1 | x\n   kubelet | 1.36.3-1.1 | x\n   kubelet | 1.36.10-1.1 | x\n   kubectl | 1.36.3-1.1 | x\n   kubectl | 1.36.10-1.1 | x\n   kubectl | 1.36.11-1.1 | x'
  fault gpg '*--show-keys*' 0 - - 'pub:-:2048:1:234654DA9A296436:1661494465:1798502400:::'
  run_step inspect-for-upgrade SSM_Version=1.37.2
  expect status "$status" 0
  keeps_contract upgradeFacts
  expect manager "$(ask '[r.machine.packages.manager, r.machine.packages.locked, r.machine.packages.interrupted]')" '["apt",true,"The following packages are only half configured:  kubelet"]'
  expect own "$(ask 'r.machine.packages.offered[0]')" '{"minor":"1.36","versions":["1.36.10","1.36.3"],"keyEnds":"2026-12-29T00:00:00Z"}'
  expect_match next "$(ask 'r.machine.packages.offered[1].reason')" '*mirror.example/core:/stable:/v1.37/deb/Release.key cannot be fetched:*403*'
  expect left "$(ls "$NODE_ROOT/var/lib/kubeadm-autopilot/inspection" 2>/dev/null)" ''
  [[ $(calls 'Dir::Etc::sourcelist=.*var/lib/kubeadm-autopilot') -gt 0 ]]
}

@test "a target that is no version" {
  run_step inspect-for-upgrade SSM_Version=latest
  expect status "$status" 20
  expect_match message "$(ask r.message)" "Parameter Version is 'latest', expected*"
}

@test "kubeconfigs that name files, the certificate's or the CA's: told, with the end of the file" {
  local folder=$NODE_ROOT/etc/kubernetes wanted
  wanted=$(openssl x509 -in "$folder/pki/front-proxy-client.crt" -noout -serial | cut -d= -f2)
  run_step inspect-for-upgrade SSM_Version=none
  expect 'none of kubeadm' "$(ask 'r.controlPlane.certificates.filter((row) => row.inFiles).length')" 0
  sed -i.bak 's|client-certificate-data:.*|client-certificate: pki/front-proxy-client.crt|; s|client-key-data:.*|client-key: pki/front-proxy-client.key|' "$folder/controller-manager.conf"
  sed -i.bak 's|certificate-authority-data:.*|certificate-authority: /etc/kubernetes/pki/ca.crt|' "$folder/scheduler.conf"
  rm "$folder"/*.bak
  run_step inspect-for-upgrade SSM_Version=none
  keeps_contract upgradeFacts
  expect told "$(ask 'r.controlPlane.certificates.filter((row) => row.inFiles).map((row) => row.name)')" '["controller-manager.conf","scheduler.conf"]'
  expect 'of the file' "$(ask 'r.controlPlane.certificates.find((row) => row.name === "controller-manager.conf").serial')" "$wanted"
  expect 'of the other, which is inside' "$(ask 'r.controlPlane.certificates.every((row) => row.notAfter > "2026")')" true
}
