#!/usr/bin/env bats
# check-certificates.sh on simulated nodes, compared with what openssl itself says about the same files and ports.
load helpers
load check-certificates

@test "every certificate on disk, as openssl says; the contract's shape; small" {
  run_step check-certificates
  expect status "$status" 0
  keeps_contract certificateInventory
  expect source "$(ask r.source)" kubeadm
  expect names "$(ask 'r.certificates.map((row) => row.name).sort().join(" ")')" 'admin.conf apiserver apiserver-etcd-client apiserver-kubelet-client ca controller-manager.conf etcd-ca etcd-healthcheck-client etcd-peer etcd-server front-proxy-ca front-proxy-client kubelet-client kubelet-serving scheduler.conf super-admin.conf'
  local path serial end
  while read -r path serial end; do
    expect "serial of $path" "$serial" "$(disk_serial "$path")"
    expect "end of $path" "$end" "$(disk_end "$path")"
  done < <(ask 'r.certificates.map((row) => `${row.path} ${row.serial} ${row.notAfter}`).join("\n") + "\n"')
  expect CAs "$(ask 'r.certificates.filter((row) => row.ca).map((row) => row.ca).sort().join(" ")')" 'ca ca ca ca ca ca ca etcd-ca etcd-ca etcd-ca etcd-ca front-proxy-ca'
  expect 'public key' "$(ask r.caPublicKeys)" "[\"$(openssl x509 -in "$NODE_ROOT/etc/kubernetes/pki/ca.crt" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 | sed 's/.* //')\"]"
  expect node "$(ask r.node)" cp-1
  expect versions "$(ask r.kubernetes)" '{"apiServer":"1.36.3","kubelets":[{"version":"1.36.3","nodes":2,"names":["cp-1","worker-1"]}]}'
  [[ ${#RESULT} -lt 4500 ]]
}

@test "one openssl call a certificate, one for all files that a CA may have signed, one for each kubeconfig, one a port, three for each CA's key" {
  run_step check-certificates
  local read=16 files=3 kubeconfigs=4 names=5 ports=6 in_memory=2 public_key=3 keys=9
  expect calls "$(calls '^openssl ')" $((read + files + kubeconfigs + names + ports + in_memory + public_key + keys))
}

@test "served: the ports of a control plane, each with the serial on disk" {
  run_step check-certificates
  expect ports "$(ask 'r.served.map((row) => row.port).sort().join(" ")')" '10250 10257 10259 2379 2380 6443'
  expect errors "$(ask 'r.served.filter((row) => row.error)')" '[]'
  local name
  while read -r port name; do
    expect "port $port" "$(served "$port" .serial)" "$(row "$name" .serial)"
  done < <(ask 'r.served.filter((row) => row.port < 10257).map((row) => `${row.port} ${row.certificate}`).join("\n") + "\n"')
}

@test "what is served differs from the disk: both serials are told" {
  local before
  before=$(disk_serial /etc/kubernetes/pki/apiserver.crt)
  tool kubeadm certs renew apiserver >/dev/null
  run_step check-certificates
  expect served "$(served 6443 .serial)" "$before"
  [[ $(row apiserver .serial) != "$before" ]]
  # As the cluster served it in the other tests.
  restore_node
}

@test "twice gives the same, and nothing but logs and the saved ClusterConfiguration is written" {
  run_step check-certificates
  local first
  first=$(ask '({...r, checkedAt: 0})')
  run_step check-certificates
  expect again "$(ask '({...r, checkedAt: 0})')" "$first"
  diff -r "$NODE_ROOT.pristine/etc" "$NODE_ROOT/etc"
  expect state "$(cd "$STATE" && ls | tr '\n' ' ')" 'cluster-configuration.yaml logs '
  expect mode "$(ls -l "$STATE/cluster-configuration.yaml" | cut -c1-10)" -rw-------
  grep -q '^kind: ClusterConfiguration$' "$STATE/cluster-configuration.yaml"
}

@test "API server and etcd down: everything on disk, and which ports refuse; the saved ClusterConfiguration stays" {
  run_step check-certificates
  tool systemctl stop kubelet
  tool crictl rmp -f $(tool crictl pods -q) >/dev/null
  run_step check-certificates
  expect status "$status" 0
  expect rows "$(ask 'r.certificates.length')" 16
  expect ports "$(ask 'r.served.filter((row) => row.error === "connection refused").length')" 6
  expect source "$(ask r.source)" kubeadm
  expect versions "$(ask '"kubernetes" in r')" false
  [[ -s $STATE/cluster-configuration.yaml ]]
}

@test "kubeadm missing or failing: openssl alone, and why" {
  mv "$NODE_ROOT/usr/bin/kubeadm" "$NODE_ROOT/usr/bin/kubeadm.away"
  run_step check-certificates
  mv "$NODE_ROOT/usr/bin/kubeadm.away" "$NODE_ROOT/usr/bin/kubeadm"
  expect reason "$(ask '[r.source, r.sourceReason]')" '["openssl","kubeadm is not installed"]'
  expect rows "$(ask 'r.certificates.length')" 16

  fault kubeadm 'certs*' 3 'error: "quoted"'
  run_step check-certificates
  expect_match reason "$(ask '[r.source, r.sourceReason].join(" ")')" 'openssl *failed with exit code 3'
}

@test "broken files are rows of their own: garbage, empty, folder, pipe, dangling link, missing" {
  local pki=$NODE_ROOT/etc/kubernetes/pki
  head -c 2000 /dev/urandom >"$pki/apiserver.crt"
  : >"$pki/front-proxy-client.crt"
  rm "$pki/etcd/server.crt" && mkdir "$pki/etcd/server.crt"
  rm "$pki/etcd/peer.crt" && mkfifo "$pki/etcd/peer.crt"
  rm "$pki/apiserver-etcd-client.crt" && ln -s /no/where "$pki/apiserver-etcd-client.crt"
  rm "$pki/apiserver-kubelet-client.crt"
  printf 'users: [{user: {client-certificate-data: "$(touch %s/pwned)"}}]\n  client-certificate-data: not base64 "x"\n' "$NODE_ROOT" >"$NODE_ROOT/etc/kubernetes/admin.conf"
  printf '\000\001"\\\n' >"$NODE_ROOT/etc/kubernetes/scheduler.conf"
  run_step check-certificates
  expect status "$status" 0
  keeps_contract certificateInventory
  expect unreadable "$(ask 'r.certificates.filter((row) => row.unreadable).map((row) => row.name).sort().join(" ")')" 'admin.conf apiserver apiserver-etcd-client etcd-peer etcd-server front-proxy-client scheduler.conf'
  expect missing "$(row apiserver-kubelet-client .missing)" true
  expect others "$(ask 'r.certificates.filter((row) => row.serial).length')" 8
  [[ ! -e $NODE_ROOT/pwned ]]
  rm -rf "$pki/etcd/server.crt"
}

# with_user NAME DAYS: admin.conf with another user before its own, with a certificate of so many days
with_user() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout user.key -out user.crt -subj /CN=user -days "$2" 2>/dev/null
  sed -i.bak "s|^users:|&\n- name: $1\n  user:\n    client-certificate-data: $(base64 <user.crt | tr -d '\n')\n    client-key-data: $(base64 <user.key | tr -d '\n')|" "$NODE_ROOT/etc/kubernetes/admin.conf"
  rm "$NODE_ROOT/etc/kubernetes/admin.conf.bak"
}

@test "a kubeconfig's certificate is that of its current context's user, the others are listed; without kubectl too" {
  cd "$BATS_TEST_TMPDIR"
  local admin kubectl
  admin=$(disk_serial /etc/kubernetes/admin.conf)
  with_user 'a robot' 3000
  for kubectl in there away; do
    [[ $kubectl == there ]] || fault kubectl '*' 1 'no such command'
    run_step check-certificates
    keeps_contract certificateInventory
    expect "admin, kubectl is $kubectl" "$(row admin.conf .serial)" "$admin"
    expect other "$(row 'admin.conf user a robot' '.serial')" "$(openssl x509 -in user.crt -noout -serial | cut -d= -f2)"
    expect path "$(row 'admin.conf user a robot' '.path')" /etc/kubernetes/admin.conf
    expect unreadable "$(ask 'r.certificates.filter((row) => row.unreadable)')" '[]'
  done
  rm -rf "$NODE_ROOT/faults"
  # A context that leads nowhere: the file cannot be read as kubectl would, its users can.
  sed -i.bak 's/^current-context: .*/current-context: away/' "$NODE_ROOT/etc/kubernetes/admin.conf" && rm "$NODE_ROOT/etc/kubernetes/admin.conf.bak"
  run_step check-certificates
  expect why "$(row admin.conf .unreadable)" "its current context 'away' is not in it"
  expect users "$(ask 'r.certificates.filter((row) => / user /.test(row.name)).map((row) => row.name)')" '["admin.conf user a robot","admin.conf user kubernetes-admin"]'
}

@test "a worker: its kubelet's certificates and the CA, without kubeadm" {
  on worker_1
  run_step check-certificates
  expect status "$status" 0
  keeps_contract certificateInventory
  expect node "$(ask r.node)" worker-1
  expect names "$(ask 'r.certificates.map((row) => row.name).join(" ")')" 'ca kubelet-client kubelet-serving'
  expect served "$(ask 'r.served.map((row) => row.port)')" '[10250]'
  expect calls "$(calls '^kubeadm certs')" 0
}

@test "a machine that is no Kubernetes node is refused" {
  NODE_ROOT=$BATS_TEST_TMPDIR/empty
  mkdir "$NODE_ROOT"
  run_script "$SCRIPTS/check-certificates.sh" NODE_ROOT="$NODE_ROOT"
  expect status "$status" 20
  keeps_contract scriptFailure
  NODE_ROOT=$CP_1_ROOT
}
