#!/usr/bin/env bats
# A renewal makes nothing worse: what would end earlier is left alone, and a renewal that made it worse is never what the next one compares with.
load helpers
load renewal

# Certificates of other tools: 99 years and 10 years; admin.conf is the one that kubeadm made. All are served.
setup_file() {
  start_cluster main --control-planes 1 --days-left 12
  NODE_ROOT=$CP_1_ROOT NODE_PATH=$CP_1_PATH
  make_all 867240h
  make scheduler.conf 87600h
  make admin.conf 288h
  tool crictl rmp -f $(tool crictl pods --label tier=control-plane -q)
  until_true all_served
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  BEFORE=$(serials)
}

# configuration VALIDITY: a ClusterConfiguration
configuration() {
  printf '%s\n' 'apiVersion: kubeadm.k8s.io/v1beta4' 'kind: ClusterConfiguration' "kubernetesVersion: $(tool kubeadm version -o short)" \
    'encryptionAlgorithm: ECDSA-P256' "certificateValidityPeriod: $1"
}

# make NAME VALIDITY: a certificate that is valid for so long from now on, made by kubeadm
make() {
  configuration "$2" >"$BATS_FILE_TMPDIR/validity.yaml"
  tool kubeadm certs renew "$1" --config "$BATS_FILE_TMPDIR/validity.yaml" >/dev/null
}
make_all() { make all "$1"; }

# changed_names: certificates whose serial is another one than BEFORE
changed_names() { comm -13 <(printf '%s\n' "$BEFORE" | sort) <(serials | sort) | cut -d ' ' -f 1 | tr '\n' ' '; }

@test "of 99 years, 10 years and 12 days only what gains is renewed, by name; then nothing; forced, all" {
  renew
  expect "status $RESULT" "$status" 0
  keeps_contract renewalResult
  expect renewed "$(ask 'r.renewed.map((row) => row.name)')" '["admin.conf"]'
  expect 'on disk' "$(changed_names)" 'admin.conf '
  expect 'left alone' "$(ask 'r.leftAlone.map((row) => row.name).sort().join(" ")')" "${RENEWED#admin.conf }"
  expect_match reason "$(ask 'r.leftAlone.find((row) => row.name === "scheduler.conf").reason')" "it ends at $(disk_end /etc/kubernetes/scheduler.conf), a new one would at 20*Z"
  expect 'by name' "$(calls '^kubeadm certs renew ') $(calls '^kubeadm certs renew admin.conf ')" '1 1'
  all_served
  refresh
  expect 'its copy' "$(ask 'r.kubeconfigs')" '[{"path":"/root/.kube/config","refreshed":true}]'
  cmp "$NODE_ROOT/root/.kube/config" "$NODE_ROOT/etc/kubernetes/admin.conf"
  renew
  expect 'again' "$(ask r.changed)" false
  BEFORE=$(serials)
  renew SSM_Force=yes SSM_Until=files
  expect "status $RESULT" "$status" 0
  all_new "$BEFORE"
  expect 'all in one call' "$(calls '^kubeadm certs renew all ')" 1
  expect 'left alone, forced' "$(ask 'String(r.leftAlone)')" undefined
}

@test "what a renewal that did not succeed has made worse is not what the next one compares with, a day later either" {
  renew SSM_Force=yes SSM_Until=files
  expect "status $RESULT" "$status" 0
  local worse backup day
  worse=$(serials) backup=$(ask r.backup)
  for day in 0 3; do
    echo $(($(date +%s) - day * 86400)) >"$STATE/renewal/unfinished/began"
    [[ $day == 0 ]] || rm "$STATE/renewal/unfinished/containers"
    renew
    expect "changed after $day days" "$(serials)" "$worse"
    expect_match "after $day days" "$status $(ask r.message)" '[12]*end earlier than*Force=yes*'
    expect backups "$(ls "$STATE/backups" | wc -l | tr -d ' ')" 1
  done
  expect status "$status" 20
  keeps_contract scriptFailure
  expect_match 'what to do' "$(ask r.message)" "A renewal before this one failed: *apiserver*Restore $backup*"
  # Restored, the next one begins with what was there at first.
  (cd "$NODE_ROOT$backup" && cp -Rp . "$NODE_ROOT")
  expect restored "$(serials)" "$BEFORE"
  renew SSM_Until=files
  expect "status $RESULT" "$status" 0
  expect renewed "$(changed_names)" 'admin.conf '
}

@test "none gains: nothing is changed, and it says so; where one is not served, which pod to restart" {
  make admin.conf 867240h
  BEFORE=$(serials)
  renew
  expect "status $RESULT" "$status" 0
  keeps_contract renewalResult
  expect_match reason "$(ask r.changed) $(ask r.reason)" 'false No certificate gains by a renewal*'
  expect 'left alone' "$(ask r.leftAlone.length)" 11
  expect changed "$(changed_names)" ''
  [[ ! -e $STATE/renewal && ! -e $STATE/backups ]]
  make etcd-peer 867241h
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" '*not served is etcd-peer:2380 (certificate:port): restart that static pod*'
}

@test "how long a new certificate is valid: the saved configuration's duration, or a year; never longer than its CA" {
  ROOT=$BATS_TEST_TMPDIR/node
  mkdir -p "$ROOT"
  local name text seconds said
  for name in core/json core/time core/time-from-now kubeadm/kubeadm kubeadm/validity certificates/rows renewal/record renewal/gains; do . "$SCRIPTS/lib/$name.sh"; done
  log() { :; }
  CLUSTER_CONFIGURATION=$ROOT/configuration
  validity_seconds
  expect 'without a configuration' "$REPLY" 31536000
  while read -r seconds text; do
    printf 'kind: ClusterConfiguration\n%s\nclusterName: x\n' "$text" >"$CLUSTER_CONFIGURATION"
    validity_seconds
    expect "of $text" "$REPLY" "$seconds"
  done <<'END'
31536000 caCertificateValidityPeriod: 87600h0m0s
31536000 certificateValidityPeriod: 8760h0m0s
2592000 certificateValidityPeriod: 720h0m0s
315360000 certificateValidityPeriod: "87600h"
5410 certificateValidityPeriod: 1h30m10.5s
28860 certificateValidityPeriod: 8h1m
2592000 certificateValidityPeriod: 720h # a month
2592000 "certificateValidityPeriod" : '720h'
31536000 # certificateValidityPeriod: 720h
END
  while IFS='|' read -r said text; do
    printf 'kind: ClusterConfiguration\n%s\nclusterName: x\n' "$text" >"$CLUSTER_CONFIGURATION"
    ! validity_seconds
    expect "of $text" "$REPLY" "$said"
  done <<'END'
0s|certificateValidityPeriod: 0s
soon|certificateValidityPeriod: soon
1.5h|certificateValidityPeriod: "1.5h" # unusual
-1h|certificateValidityPeriod: -1h
30|certificateValidityPeriod: 30
null|certificateValidityPeriod: ""
null|certificateValidityPeriod:
720h, clusterName: x}|{certificateValidityPeriod: 720h, clusterName: x}
99999999999999999999h|certificateValidityPeriod: 99999999999999999999h
END

  local in_days end ca wanted
  rm "$CLUSTER_CONFIGURATION"
  while read -r end ca wanted; do
    iso_in $((ca * 86400)) && ca=$REPLY
    iso_in $((end * 86400)) && end=$REPLY
    R_NAME=(ca apiserver) R_CA=('' ca) R_FLAGS=(ca kubeadm) R_AFTER=("$ca" "$end") R_SIGNER=('' '')
    find_gains no
    expect "ends $end, CA $ca" "${GAINING:-none}" "${wanted/1/ 1}"
    find_gains yes
    expect 'forced' "$GAINING$LEFT_ALONE" ' 1'
  done <<'END'
12 3650 1
-1 3650 1
364 3650 1
366 3650 none
36135 3650 none
12 30 1
40 30 none
-1 30 1
END
}

@test "a validity that cannot be read: refused before the first change, forced or not, with where to correct it" {
  local force
  mkdir -p "$STATE"
  configuration soon >"$STATE/cluster-configuration.yaml"
  # What was saved before stays.
  fault kubectl '*kubeadm-config*' 1 'The connection to the server was refused'
  for force in no yes; do
    renew SSM_Force=$force
    expect status "$status" 20
    keeps_contract scriptFailure
    expect_match message "$(ask r.message)" "certificateValidityPeriod of the ClusterConfiguration is 'soon', which is no duration such as 8760h0m0s, *correct it in the ConfigMap kube-system/kubeadm-config*"
    expect changed "$(changed_names)" ''
    [[ ! -e $STATE/renewal && ! -e $STATE/backups ]]
  done
}

@test "what its CA did not sign is left alone by name, forced or not, with who signed it" {
  ROOT=$BATS_TEST_TMPDIR/node
  local name force
  for name in core/json core/time core/time-from-now kubeadm/kubeadm kubeadm/validity certificates/rows renewal/record renewal/gains; do . "$SCRIPTS/lib/$name.sh"; done
  log() { :; }
  CLUSTER_CONFIGURATION=/dev/null
  iso_in -86400
  R_NAME=(ca apiserver etcd-peer admin.conf kubelet-client scheduler.conf) R_CA=('' '' etcd-ca ca '' '') R_FLAGS=(ca 'kubeadm external' 'kubeadm external' kubeadm another 'kubeadm another')
  R_SIGNER=('' 'CN=Company CA' CN=etcd-ca '' CN=kubernetes CN=kubernetes) R_AFTER=(2100-01-01T00:00:00Z "$REPLY" "$REPLY" "$REPLY" "$REPLY" "$REPLY")
  for force in no yes; do
    find_gains "$force"
    expect gaining "$GAINING" ' 3'
    expect 'left alone' "$LEFT_ALONE" ',{"name":"apiserver","reason":"signed by CN=Company CA, not by its CA on this node"},{"name":"etcd-peer","reason":"signed by CN=etcd-ca, not by its CA on this node"},{"name":"scheduler.conf","reason":"signed by CN=kubernetes, not by its CA on this node"}'
  done
}
