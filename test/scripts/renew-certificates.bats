#!/usr/bin/env bats
# renew-certificates.sh on a simulated control plane: renewal, order, proof; twice in a row; refusals; kubeadm that fails.
load helpers
load renewal

setup_file() {
  start_cluster main --control-planes 1 --days-left 12 --expired scheduler.conf
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  remember_manifests
  BEFORE=$(serials)
}
teardown() {
  rm -rf "$NODE_ROOT/faults"
  tool systemctl start containerd
  tool systemctl start kubelet
}

@test "renews, restarts in order, proves; then there is nothing to do; with Force again" {
  local old stamp
  old=$(containers)
  for stamp in 1 2 3 4 5 6 7; do mkdir -p "$STATE/backups/2020010${stamp}T000000Z/pki"; done
  mkdir -p "$STATE/backups/.part-20200101T000000Z" "$NODE_ROOT/etc/kubernetes/tmp/kubeadm-backup-etcd"
  renew
  expect status "$status" 0
  keeps_contract renewalResult
  expect changed "$(ask r.changed)" true
  all_new "$BEFORE"
  all_served
  manifests_untouched
  # The result says what openssl says.
  expect renewed "$(ask 'r.renewed.map((row) => row.name).sort().join(" ")')" "$RENEWED"
  expect before "$(ask 'r.renewed.map((row) => `${row.name} ${row.before.serial}`).sort().join("\n")')" "$BEFORE"
  expect after "$(ask 'r.renewed.map((row) => `${row.name} ${row.after.serial}`).sort().join("\n")')" "$(serials)"
  expect ends "$(ask 'r.renewed.every((row) => row.after.notAfter > row.before.notAfter)')" true
  # Restarted one by one, in this order, each a new container.
  expect order "$(ask 'r.restarted.map((row) => row.component).join(" ")')" 'etcd kube-apiserver kube-controller-manager kube-scheduler'
  expect old "$(ask 'r.restarted.map((row) => `${row.component} ${row.oldContainer}`).join("\n")')" "$old"
  expect new "$(ask 'r.restarted.map((row) => `${row.component} ${row.newContainer}`).join("\n")')" "$(containers)"
  expect kubelet "$(grep -c 'is-active kubelet' "$NODE_ROOT/calls.log" | awk '{ print ($1 >= 5) }')" 1
  expect 'nobody to hand over to' "$(calls move-leader)" 0
  # What kubeadm renews is not all: the kubelet's own certificates stay as they are.
  diff -r "$NODE_ROOT.pristine/var/lib/kubelet" "$NODE_ROOT/var/lib/kubelet"
  expect configuration "$(calls '^kubeadm certs renew all --config .*/cluster-configuration.yaml')" 1
  # The backup is what was there, without kubeadm's own leftovers; five are kept, and no half one.
  local backup
  backup=$(ask r.backup)
  diff -r "$NODE_ROOT.pristine/etc/kubernetes" "$NODE_ROOT$backup/etc/kubernetes"
  expect mode "$(ls -ld "$NODE_ROOT$backup" | cut -c1-10)" drwx------
  expect backups "$(ls -A "$STATE/backups" | wc -l | tr -d ' ')" 5
  [[ -d $STATE/backups/20200107T000000Z && ! -e $STATE/backups/20200103T000000Z ]]
  # The next step refreshes the copies of admin.conf, and with that the renewal ends.
  [[ -s $STATE/renewal/finished && -s $STATE/renewal/unfinished/proven ]]
  refresh
  expect status "$status" 0
  [[ ! -e $STATE/renewal/unfinished ]]
  # No process was ever given a key, the new one of admin.conf for example.
  local key
  key=$(sed -n 's/.*client-key-data: //p' "$NODE_ROOT/etc/kubernetes/admin.conf")
  [[ ${#key} -gt 100 ]]
  expect 'keys in arguments' "$(grep -cF -e "$key" -e 'PRIVATE KEY' "$NODE_ROOT/calls.log")" 0

  local after
  after=$(serials)
  : >"$NODE_ROOT/calls.log"
  renew
  expect status "$status" 0
  keeps_contract renewalResult
  expect changed "$(ask r.changed)" false
  expect_match reason "$(ask r.reason)" 'All certificates were renewed at 20*within the last hour*'
  expect serials "$(serials)" "$after"
  expect 'renewals and restarts' "$(calls '^kubeadm certs renew\|^crictl rmp')" 0

  renew SSM_Force=yes
  expect status "$status" 0
  expect changed "$(ask r.changed)" true
  all_new "$after"
  all_served
  manifests_untouched
}

@test "renewed within the hour, but not what is on disk any more, or not served: renewed" {
  mkdir -p "$STATE/renewal"
  { date -u '+%s %Y-%m-%dT%H:%M:%SZ' && serials | tr ' ' '|'; } >"$STATE/renewal/finished"
  # The cluster serves what an earlier test renewed, the disk has what was there at first.
  renew
  expect changed "$(ask r.changed)" true
  refresh
  # Neither does a record with another serial, of the future, or of long ago. (That it goes on to the backup shows it.)
  fault cp '*' 1
  local edit
  for edit in 's/^apiserver|.*/apiserver|00/' '1s/.*/99999999999 5138-11-16T09:46:39Z/' "1s/.*/$(($(date +%s) - 3700)) long-ago/"; do
    sed "$edit" "$STATE/renewal/finished" >"$BATS_TEST_TMPDIR/finished"
    cp "$STATE/renewal/finished" "$BATS_TEST_TMPDIR/good"
    cp "$BATS_TEST_TMPDIR/finished" "$STATE/renewal/finished"
    renew
    expect "step after $edit" "$(ask r.step)" 'back up /etc/kubernetes'
    cp "$BATS_TEST_TMPDIR/good" "$STATE/renewal/finished"
  done
}

@test "refused before anything changes: CA keys, CA, manifests, certificates" {
  local pki=$NODE_ROOT/etc/kubernetes/pki ca
  for ca in ca front-proxy-ca etcd/ca; do
    mv "$pki/$ca.key" "$BATS_TEST_TMPDIR/key"
    renew
    expect "status without $ca.key" "$status" 20
    expect_match message "$(ask r.message)" "External CA: /etc/kubernetes/pki/$ca.key is not on this node*"
    mv "$BATS_TEST_TMPDIR/key" "$pki/$ca.key"
  done
  keeps_contract scriptFailure
  cp "$pki/ca.key" "$BATS_TEST_TMPDIR/key"
  cat "$pki/etcd/ca.key" >"$pki/ca.key"
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" '/etc/kubernetes/pki/ca.key does not belong to*'
  cp "$BATS_TEST_TMPDIR/key" "$pki/ca.key"
  cp "$pki/front-proxy-client.crt" "$BATS_TEST_TMPDIR/crt"
  echo garbage >"$pki/front-proxy-client.crt"
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" '/etc/kubernetes/pki/front-proxy-client.crt (front-proxy-client) cannot be renewed: not a PEM*'
  cp "$BATS_TEST_TMPDIR/crt" "$pki/front-proxy-client.crt"
  nothing_changed
  tool systemctl stop kubelet
  mv "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml" "$BATS_TEST_TMPDIR/"
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" '/etc/kubernetes/manifests/etcd.yaml is not there*'
  mv "$BATS_TEST_TMPDIR/etcd.yaml" "$NODE_ROOT/etc/kubernetes/manifests/"
  nothing_changed
}

@test "refused before anything changes: an expired CA" {
  local pki=$NODE_ROOT/etc/kubernetes/pki
  openssl req -new -key "$pki/front-proxy-ca.key" -subj /CN=front-proxy-ca -out "$BATS_TEST_TMPDIR/csr"
  openssl x509 -req -in "$BATS_TEST_TMPDIR/csr" -signkey "$pki/front-proxy-ca.key" -days -1 -out "$pki/front-proxy-ca.crt" 2>/dev/null
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'front-proxy-ca itself ended at 20*'
  expect restarts "$(calls '^crictl rmp')" 0
}

@test "refused before anything changes: kubelet, container runtime, kubeadm, disk space" {
  tool systemctl stop kubelet
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" '*kubelet is inactive*start it*'
  tool systemctl start kubelet
  tool systemctl stop containerd
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'crictl does not answer*'
  tool systemctl start containerd
  fault kubeadm 'version*' 1
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'kubeadm does not tell its version*'
  rm -rf "$NODE_ROOT/faults"
  fault df '*' 0 - - 'Filesystem 1024-blocks Used Available Capacity Mounted\n/dev/x 100 99 17 99% /'
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'Disk space: 17 KiB are free*'
  nothing_changed
}

@test "refused before anything changes: parameters with shell metacharacters, and none at all" {
  cd "$BATS_TEST_TMPDIR"
  renew 'SSM_Force=yes$(touch pwned)'
  expect status "$status" 20
  run_step renew-certificates SSM_Force=no
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'Parameter Until did not reach*'
  [[ ! -e pwned ]]
  nothing_changed
}

@test "busy while another changing step holds the lock" {
  mkdir -p "$STATE"
  exec 8>>"$STATE/lock"
  flock 8
  renew
  expect status "$status" 21
  expect error "$(ask r.error)" busy
  exec 8>&-
  nothing_changed
}

@test "the backup fails half-way: nothing is left of it, nothing changed" {
  fault cp '*manifests*' 1 'cp: No space left on device'
  renew
  expect status "$status" 1
  expect_match message "$(ask r.message)" 'The backup of /etc/kubernetes failed at manifests*disk full*'
  nothing_changed
}

@test "kubeadm renews and fails afterwards: what counts is the disk; without API server no --config, and the log says so" {
  fault kubeadm 'certs renew*' after:1 'error: afterwards'
  fault kubectl '*' 1
  renew
  expect status "$status" 0
  all_new "$BEFORE"
  expect_match log "$ERR" '*no saved ClusterConfiguration*'
  expect_match log "$ERR" '*kubeadm ended with 1, but every certificate is new*'
  expect configuration "$(calls '^kubeadm certs renew.*--config')" 0
}

@test "another user in admin.conf whose name is before the administrator's: the administrator's certificate is renewed, and proven" {
  local data
  data=$(openssl x509 -in "$NODE_ROOT/etc/kubernetes/pki/ca.crt" | base64 | tr -d '\n')
  sed -i.bak "s|^users:|&\n- name: a-robot\n  user:\n    client-certificate-data: $data|" "$NODE_ROOT/etc/kubernetes/admin.conf" && rm "$NODE_ROOT/etc/kubernetes/admin.conf.bak"
  renew SSM_Until=files
  expect "status $RESULT" "$status" 0
  expect renewed "$(ask 'r.renewed.map((row) => row.name).sort().join(" ")')" "$RENEWED"
  expect 'all in one call' "$(calls '^kubeadm certs renew all ')" 1
}

@test "files cut off by a kill inside kubeadm are put back and renewed; what was renewed is not renewed again" {
  fault kubeadm 'certs renew*' 1
  renew
  rm -rf "$NODE_ROOT/faults"
  tool kubeadm certs renew etcd-peer >/dev/null
  local peer
  peer=$(disk_serial "$(path_of etcd-peer)")
  # Its backup was made before backups had their layout of now.
  local backup
  backup=$NODE_ROOT$(cat "$STATE/renewal/unfinished/backup")
  mv "$backup"/etc/kubernetes/* "$backup/" && rm -r "$backup/etc"
  : >"$NODE_ROOT/etc/kubernetes/pki/apiserver.crt"
  head -c 4000 "$NODE_ROOT/etc/kubernetes/admin.conf" >"$BATS_TEST_TMPDIR/cut"
  cat "$BATS_TEST_TMPDIR/cut" >"$NODE_ROOT/etc/kubernetes/admin.conf"
  sed -i.bak '/client-key-data/d' "$NODE_ROOT/etc/kubernetes/scheduler.conf" && rm "$NODE_ROOT/etc/kubernetes/scheduler.conf.bak"
  : >"$NODE_ROOT/calls.log"
  renew
  expect status "$status" 0
  all_new "$BEFORE"
  expect peer "$(disk_serial "$(path_of etcd-peer)")" "$peer"
  expect 'renewals of all' "$(calls '^kubeadm certs renew all')" 0
  expect 'renewals by name' "$(calls '^kubeadm certs renew ')" 10
}
