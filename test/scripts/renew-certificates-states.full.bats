#!/usr/bin/env bats
# renew-certificates.sh on nodes in other states than usual: what an earlier run left, what refuses, what kubeadm leaves half done.
load helpers
load renewal
load renewal-setup

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
