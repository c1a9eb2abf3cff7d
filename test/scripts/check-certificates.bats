#!/usr/bin/env bats
# check-certificates.sh on simulated nodes, compared with what openssl itself says about the same files and ports.
load helpers

setup_file() {
  start_cluster main --control-planes 1 --workers 1 --days-left 12 --expired scheduler.conf
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
}
teardown() {
  rm -rf "$NODE_ROOT/faults"
  tool systemctl start kubelet
}

row() { ask "r.certificates.find((row) => row.name === '$1')${2:-}"; }
served() { ask "r.served.find((row) => row.port === $1)${2:-}"; }

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

@test "one openssl call a certificate and one for who signed it, five for names, two a port, three for the CA's public key and for each CA's key" {
  run_step check-certificates
  expect calls "$(calls '^openssl ')" $((16 + 12 + 5 + 2 * 6 + 3 + 3 * 3))
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

@test "kubeadm missing, too old, hanging, failing, talking nonsense or against the disk: openssl alone, and why" {
  mv "$NODE_ROOT/usr/bin/kubeadm" "$NODE_ROOT/usr/bin/kubeadm.away"
  run_step check-certificates
  mv "$NODE_ROOT/usr/bin/kubeadm.away" "$NODE_ROOT/usr/bin/kubeadm"
  expect reason "$(ask '[r.source, r.sourceReason]')" '["openssl","kubeadm is not installed"]'
  expect rows "$(ask 'r.certificates.length')" 16

  sed -i.bak 's/^KUBERNETES_VERSION=.*/KUBERNETES_VERSION=v1.28.3/' "$NODE_ROOT/etc/simulated-node"
  run_step check-certificates
  expect_match reason "$(ask '[r.source, r.kubeadm, r.sourceReason].join(" ")')" 'openssl v1.28.3 kubeadm v1.28.3 does not tell*'
  restore_node

  fault kubeadm 'certs*' hang
  run_step check-certificates
  expect reason "$(ask '[r.source, r.sourceReason]')" '["openssl","kubeadm did not answer within 10 s"]'
  restore_node

  fault kubeadm 'certs*' 3 'error: "quoted"'
  run_step check-certificates
  expect_match reason "$(ask '[r.source, r.sourceReason].join(" ")')" 'openssl *failed with exit code 3'
  restore_node

  fault kubeadm 'certs*' 0 - - '{"certificates":[{"name":"apiserver"'
  run_step check-certificates
  expect_match reason "$(ask '[r.source, r.sourceReason].join(" ")')" 'openssl *holds no certificates'
  restore_node

  fault kubeadm 'certs*' 0 - - '{"certificates":[{"name":"apiserver","expirationDate":"2000-01-01T00:00:00Z"}]}'
  run_step check-certificates
  expect_match reason "$(ask '[r.source, r.sourceReason].join(" ")')" 'openssl kubeadm says apiserver ends 2000-*'
  expect rows "$(ask 'r.certificates.length')" 16
}

@test "what only kubeadm knows is laid over: a certificate of a newer release, one that is missing, an external CA" {
  rm "$NODE_ROOT/etc/kubernetes/super-admin.conf" "$NODE_ROOT/etc/kubernetes/pki/front-proxy-ca.key"
  run_step check-certificates
  expect source "$(ask r.source)" kubeadm
  expect missing "$(row super-admin.conf .missing)" true
  expect external "$(ask 'r.certificates.filter((row) => row.external).map((row) => row.name).sort().join(" ")')" 'front-proxy-ca front-proxy-client'
  fault kubeadm 'certs*' 0 - - '{"certificates":[{"name":"brand-new \\"$(id)\\"","expirationDate":"2031-01-01T00:00:00Z","missing":false}]}'
  run_step check-certificates
  expect new "$(ask 'r.certificates.find((row) => row.name.startsWith("brand-new")).notAfter')" 2031-01-01T00:00:00Z
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

@test "hostile names: in a certificate's subject, in the manifest, in the kubelet's configuration" {
  tool systemctl stop kubelet
  local pki=$NODE_ROOT/etc/kubernetes/pki evil='system:node:a"b$(touch pwned)`id`\, c'
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out "$NODE_ROOT/evil.pem" -subj "/CN=$evil" -days 3 2>/dev/null
  mv "$NODE_ROOT/evil.pem" "$NODE_ROOT/var/lib/kubelet/pki/\$(touch pwned) '\".pem"
  printf 'contexts:\n- {name: c, context: {user: u}}\ncurrent-context: c\nusers:\n- name: u\n  user:\n    client-certificate: /var/lib/kubelet/pki/$(touch pwned) '"'"'".pem\n' >"$NODE_ROOT/etc/kubernetes/kubelet.conf"
  sed -i.bak 's|--secure-port=6443|--secure-port=6443;touch pwned|; s|--bind-address=127.0.0.1|--bind-address=$(touch pwned)|' "$NODE_ROOT"/etc/kubernetes/manifests/*.yaml
  rm "$NODE_ROOT"/etc/kubernetes/manifests/*.bak
  cd "$BATS_TEST_TMPDIR"
  run_step check-certificates
  expect status "$status" 0
  keeps_contract certificateInventory
  expect ca "$(row kubelet-client .ca)" self
  expect path "$(row kubelet-client .path)" "/var/lib/kubelet/pki/\$(touch pwned) '\".pem"
  [[ -z $(find "$BATS_TEST_TMPDIR" "$NODE_ROOT" "$PROJECT/scripts" -name pwned) ]]
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

@test "a kubelet.conf in flow style, relative paths, with a user before its own" {
  local expected
  run_step check-certificates
  expected=$(row kubelet-client .serial)
  printf '{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: "https://10.0.1.11:6443"}}], contexts: [{name: c, context: {cluster: c, user: me}}], current-context: c, users: [{name: a, user: {client-certificate: /no/where.crt}}, {name: me, user: {client-certificate: ../../var/lib/kubelet/pki/kubelet-client-current.pem, client-key: x}}]}\n' >"$NODE_ROOT/etc/kubernetes/kubelet.conf"
  run_step check-certificates
  expect serial "$(row kubelet-client .serial)" "$expected"
  expect node "$(ask r.node)" cp-1
}

@test "another certificatesDir is found by the API server's manifest" {
  tool systemctl stop kubelet
  mv "$NODE_ROOT/etc/kubernetes/pki" "$NODE_ROOT/etc/k8s pki"
  mv "$NODE_ROOT/etc/k8s pki" "$NODE_ROOT/etc/k8s-pki"
  sed -i.bak 's|/etc/kubernetes/pki|/etc/k8s-pki|' "$NODE_ROOT"/etc/kubernetes/manifests/*.yaml
  rm "$NODE_ROOT"/etc/kubernetes/manifests/*.bak
  run_step check-certificates
  expect path "$(row apiserver .path)" /etc/k8s-pki/apiserver.crt
  expect etcd "$(row etcd-peer .path)" /etc/k8s-pki/etcd/peer.crt
  expect read "$(ask 'r.certificates.filter((row) => row.serial).length')" 16
  rm -rf "$NODE_ROOT/etc/k8s-pki"
}

@test "a full disk: the answer comes without log and without the saved ClusterConfiguration" {
  printf 'no folder' >"$STATE"
  run_step check-certificates
  expect status "$status" 0
  expect rows "$(ask 'r.certificates.length')" 16
  rm "$STATE"
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

@test "everything expired: read, asked and told as ever" {
  start_cluster expired --control-planes 1 --days-left 0
  on cp_1
  run_step check-certificates
  expect status "$status" 0
  expect expired "$(ask 'r.certificates.filter((row) => !row.isCa && row.ca !== "self" && new Date(row.notAfter) <= new Date(r.checkedAt)).length >= 12')" true
  expect source "$(ask r.source)" kubeadm
}

@test "external etcd: its client certificate on the control plane; on the etcd node its own certificates and ports" {
  start_cluster external --control-planes 1 --etcd-nodes 1
  on cp_1
  run_step check-certificates
  keeps_contract certificateInventory
  expect client "$(ask 'r.certificates.find((row) => row.name === "external-etcd-client").path')" /etc/kubernetes/pki/external-etcd/client.crt
  expect ports "$(ask 'r.served.map((row) => row.port).sort().join(" ")')" '10250 10257 10259 6443'
  expect none "$(ask 'r.certificates.filter((row) => row.missing).map((row) => row.name).join(" ")')" ''
  on etcd_1
  run_step check-certificates
  keeps_contract certificateInventory
  expect node "$(ask r.node)" etcd-1
  expect names "$(ask 'r.certificates.map((row) => row.name).join(" ")')" 'etcd-ca etcd-server etcd-peer etcd-healthcheck-client kubelet-serving'
  expect served "$(ask 'r.served.filter((row) => row.serial).map((row) => row.port)')" '[2379,2380,10250]'
  mkdir -p "$NODE_ROOT/etc/etcd"
  mv "$NODE_ROOT/etc/kubernetes/pki/etcd" "$NODE_ROOT/etc/etcd/pki"
  mv "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml" "$NODE_ROOT/etcd.yaml"
  run_step check-certificates
  expect moved "$(ask 'r.certificates.filter((row) => row.serial).map((row) => row.path)[1]')" /etc/etcd/pki/server.crt
}
