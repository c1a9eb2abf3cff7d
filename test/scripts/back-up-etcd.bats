#!/usr/bin/env bats
# back-up-etcd.sh: what it uploads, what it proves, and what it leaves behind: nothing.
load helpers
load repair

INSTANCE=i-0123456789abcdef0
UPLOADS=/kubeadm-autopilot/secrets/demo/upload-0123
# In the place where a signature is.
SIGNATURE=feedfeedfeed
URL="http://bucket.example/key?X-Amz-Signature=$SIGNATURE"
WORK=/var/lib/etcd/kubeadm-autopilot-snapshot

setup_file() {
  load helpers
  load repair
  start_parameter_store
  start_cluster main --control-planes 1 --workers 1
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  rm -rf "$NODE_ROOT/faults" "$STATE" "$NODE_ROOT/calls.log" "$BATS_FILE_TMPDIR/secret.uploaded" "$BATS_FILE_TMPDIR/secret.refusal"
  printf '%s\n' "$URL" >"$BATS_FILE_TMPDIR/secret"
  : >"$BATS_FILE_TMPDIR/asked"
}

# back_up ETCD-ON [NAME=VALUE...]; whatever the end, nothing of it is left, and the URL is told to nobody
back_up() {
  local found
  run_step back-up-etcd "SSM_Secret=$UPLOADS" "SSM_EtcdOn=$1" "AWS_SSM_INSTANCE_ID=$INSTANCE" "$(store)" "$(metadata)" "${@:2}"
  found=$(cd "$NODE_ROOT" && find var/lib/etcd var/lib/kubeadm-autopilot -name '*snapshot*' ! -name '*.log' 2>/dev/null) || true
  expect 'what is left' "$found" ''
  found=$(grep -rl "$SIGNATURE" "$NODE_ROOT/calls.log" "$STATE" "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" 2>/dev/null) || true
  expect 'files that tell the URL' "$found" ''
}
in_archive() { tar -tzf "$BATS_FILE_TMPDIR/secret.uploaded" | sort; }

@test "etcd and /etc/kubernetes: restored from as a proof, uploaded under the URL's own host, told as it is" {
  # A run that was killed left this.
  mkdir -p "$NODE_ROOT$WORK" "$STATE/snapshot"
  : >"$NODE_ROOT$WORK/snapshot.db"
  back_up "$INSTANCE"
  keeps_contract backUpResult
  expect status "$status $(ask '[r.node, r.etcd.version]')" '0 ["cp-1","3.6.8"]'
  local uploaded=$BATS_FILE_TMPDIR/secret.uploaded
  expect bytes "$(ask r.bytes)" "$(wc -c <"$uploaded" | tr -d ' ')"
  expect sha256 "$(ask r.sha256)" "$(openssl dgst -sha256 -r "$uploaded" | cut -d ' ' -f 1)"
  expect_match asked "$(tail -n 2 "$BATS_FILE_TMPDIR/asked")" "AmazonSSM.GetParameter {\"Name\":\"$UPLOADS-$INSTANCE\",*
PUT bucket.example /key?X-Amz-Signature=$SIGNATURE $(ask r.bytes)"

  expect snapshot "$(tar -xzOf "$uploaded" snapshot.db | head -n 1)" "$(ask 'r.etcd.revision + " " + r.etcd.hash + " 1 " + r.etcd.totalKeys')"
  expect 'CA key' "$(tar -xzOf "$uploaded" node/etc/kubernetes/pki/ca.key)" "$(cat "$NODE_ROOT/etc/kubernetes/pki/ca.key")"
  expect manifest "$(tar -xzOf "$uploaded" node/etc/kubernetes/manifests/etcd.yaml)" "$(cat "$NODE_ROOT/etc/kubernetes/manifests/etcd.yaml")"
}

@test "another node saves etcd: /etc/kubernetes alone" {
  back_up i-00000000000000001
  keeps_contract backUpResult
  expect result "$status $(ask 'r.etcd === undefined')" '0 true'
  expect_match files "$(in_archive)" 'node/*node/etc/kubernetes/admin.conf*'
  [[ $(in_archive) != *snapshot.db* ]]
  expect 'calls of etcd' "$(calls '^etcdctl ')" 0
}

# fails STATUS PATTERN: back_up's end, and that nothing was uploaded
fails() {
  expect_match "$2" "$status $(ask r.message)" "$1 $2"
  [[ ! -e $BATS_FILE_TMPDIR/secret.uploaded ]]
}

@test "what cannot be proven is not uploaded" {
  fault etcdctl '*snapshot save*' 1 'Error: rpc error: code = ResourceExhausted'
  back_up "$INSTANCE"
  fails 1 'etcd gave no snapshot: *ResourceExhausted*'
  rm -rf "$NODE_ROOT/faults"
  fault etcdutl '*snapshot restore*' 1 'Error: expected sha256 [1], got [2]'
  back_up "$INSTANCE"
  fails 1 'The snapshot cannot be restored: *expected sha256*'
  rm -rf "$NODE_ROOT/faults"
  fault etcdutl 'hashkv *' 0 - 1 '{"hash":1,"hashRevision":0,"compactRevision":1}'
  back_up "$INSTANCE"
  fails 1 'The restored snapshot is at revision 0, etcd was at *'
}

@test "etcd before 3.7, whose etcdutl has no hashkv that works: what was restored is at the snapshot's revision, with as many keys" {
  fault etcdutl 'hashkv *' 2 - - 'panic: no lessor to attach lease'
  back_up "$INSTANCE"
  expect "status $RESULT" "$status $(calls '^etcdutl snapshot status')" '0 2'
  rm -rf "$NODE_ROOT/calls.log" "$BATS_FILE_TMPDIR/secret.uploaded"
  fault etcdutl 'snapshot status *rehearsal*' 0 - - '{"hash":1,"revision":7,"totalKey":1}'
  back_up "$INSTANCE"
  fails 1 'The restored snapshot is at revision 7, the snapshot is at *'
}

@test "history that is compacted meanwhile is another one to compare with: taken anew, three times at most" {
  fault etcdctl '*hashkv*' 0 - 1 '[{"HashKV":{"hash":1,"compact_revision":9}}]'
  back_up "$INSTANCE"
  expect again "$status $(calls '^etcdctl .*snapshot save')" '0 2'
  rm -rf "$NODE_ROOT/faults" "$NODE_ROOT/calls.log" "$BATS_FILE_TMPDIR/secret.uploaded"
  fault etcdctl '*hashkv*' 0 - - '[{"HashKV":{"hash":1,"compact_revision":9}}]'
  back_up "$INSTANCE"
  fails 1 "etcd's history was compacted during each of three snapshots*"
}

@test "refused before anything is done: no URL, no room, no etcd to ask, no control plane, no parameters" {
  : >"$BATS_FILE_TMPDIR/secret"
  back_up "$INSTANCE"
  fails 20 "The URL for the upload cannot be read from the parameter $UPLOADS-$INSTANCE: There is no SSM parameter*"
  printf 'no url\n' >"$BATS_FILE_TMPDIR/secret"
  back_up "$INSTANCE"
  fails 20 "The parameter $UPLOADS-$INSTANCE holds no URL*"
  printf '%s\n' "$URL" >"$BATS_FILE_TMPDIR/secret"
  fault df '*' 0 - - 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 100 99 1000 99% /'
  back_up "$INSTANCE"
  fails 20 '/var/lib/etcd has 1000 KiB free, the snapshot and its rehearsal take 270336 KiB beside etcd*'
  rm -rf "$NODE_ROOT/faults"
  fault etcdctl '*endpoint health*' 1 'Error: unhealthy cluster'
  back_up "$INSTANCE"
  fails 20 'No snapshot can be taken here: the etcd member of this node is not healthy*'
  rm -rf "$NODE_ROOT/faults"
  back_up "$INSTANCE" AWS_SSM_INSTANCE_ID=
  fails 20 'The SSM agent does not tell the id of this instance*'
  on worker_1
  back_up "$INSTANCE"
  fails 20 'This node is neither a control plane nor a member of etcd*'
}

@test "what S3 says is told, and a URL that has expired; a busy S3 is asked three times" {
  printf '403 <Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>' >"$BATS_FILE_TMPDIR/secret.refusal"
  back_up none
  fails 1 'The URL for the upload had expired before the archive was ready*'
  printf '403 <Error><Code>AccessDenied</Code><Message>no kms:GenerateDataKey</Message></Error>' >"$BATS_FILE_TMPDIR/secret.refusal"
  back_up none
  fails 1 'S3 did not take the archive, it answers 403 (AccessDenied: no kms:GenerateDataKey): *'
  : >"$BATS_FILE_TMPDIR/asked"
  printf '503 <Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>' >"$BATS_FILE_TMPDIR/secret.refusal"
  back_up none
  fails 1 'S3 did not take the archive, it answers 503 (SlowDown: *'
  expect asked "$(grep -c '^PUT' "$BATS_FILE_TMPDIR/asked")" 3
}
