#!/usr/bin/env bats
# rejoin-kubelet.sh, what is rarer: files that somebody else left, a kubelet.conf with its first certificate.
load helpers
load repair

setup_file() {
  load helpers
  load repair
  start_with_expired_worker
}
teardown_file() { stop_clusters; }
setup() { begin_on_worker; }

@test "a bootstrap file of somebody else: it works and stays, or does not work and is put back in the end" {
  with_token
  rejoin no
  sed -i.bak 1d "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf" && rm "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf.bak"
  cp -p "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf" "$BATS_TEST_TMPDIR/theirs"
  fresh_worker
  cp -p "$BATS_TEST_TMPDIR/theirs" "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf"
  : >"$BATS_FILE_TMPDIR/asked"
  rejoin yes
  rejoined 'bootstrap-kubelet.conf '
  cmp "$BATS_TEST_TMPDIR/theirs" "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf"
  expect asked "$(cat "$BATS_FILE_TMPDIR/asked")" ''

  fresh_worker
  sed 's/token: .*/token: abcdef.aaaaaaaaaaaaaaaa/' "$BATS_TEST_TMPDIR/theirs" >"$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf"
  rejoin no
  expect_match 'not replaced before it is needed' "$(ask r.reason)" 'There is a bootstrap file of somebody else*'
  rejoin yes NODE_STEP_FOREIGN_SECONDS=1
  rejoined 'bootstrap-kubelet.conf '
  expect theirs "$(grep -c 'token: abcdef' "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf")" 1

  # The kubelet cannot even start with it.
  fresh_worker
  printf 'clusters: [\n' >"$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf"
  rejoin no NODE_STEP_FOREIGN_SECONDS=2
  expect replaced "$status $(ask '[r.changed, r.kubelet]') $(bootstrap_files)" '0 [true,"active"] bootstrap-kubelet.conf bootstrap-kubelet.conf.kept-by-kubeadm-autopilot '
  rejoin yes
  rejoined 'bootstrap-kubelet.conf '
  expect theirs "$(cat "$NODE_ROOT/etc/kubernetes/bootstrap-kubelet.conf")" 'clusters: ['
}

@test "what a kubelet could not replace itself is put aside: a file in the link's place, a certificate without its key" {
  with_token
  local pem=$NODE_ROOT$KUBELET
  cat "$pem" >"$BATS_TEST_TMPDIR/pem"
  rm "$pem" && cp "$BATS_TEST_TMPDIR/pem" "$pem"
  rejoin yes
  rejoined
  [[ -f $pem.put-aside ]]
  tool systemctl stop kubelet
  printf 'garbage\n' >"$pem"
  rejoin yes
  rejoined
  expect before "$(ask r.before)" undefined
  tool systemctl stop kubelet
  rm "$pem"
  rejoin yes
  rejoined
}

@test "kubelet.conf still holds its first certificate, which has expired, and the rotated one is valid: it leads there" {
  with_token
  rejoin yes
  tool systemctl stop kubelet
  local old data
  old=$(ls "$NODE_ROOT.pristine"/var/lib/kubelet/pki/kubelet-client-2*.pem)
  data=$(openssl base64 -A <"$old")
  sed "s#client-certificate: .*#client-certificate-data: $data#; s#client-key: .*#client-key-data: $data#" "$NODE_ROOT/etc/kubernetes/kubelet.conf" >"$BATS_TEST_TMPDIR/conf"
  cat "$BATS_TEST_TMPDIR/conf" >"$NODE_ROOT/etc/kubernetes/kubelet.conf"
  : >"$BATS_FILE_TMPDIR/asked"
  rejoin yes
  rejoined
  expect changed "$(ask r.changed)" true
  expect asked "$(cat "$BATS_FILE_TMPDIR/asked")" ''
  expect conf "$(grep -c "client-certificate: $KUBELET\|client-key: $KUBELET" "$NODE_ROOT/etc/kubernetes/kubelet.conf")" 2
}
