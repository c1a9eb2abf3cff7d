#!/usr/bin/env bats
# refresh-kubeconfigs.sh after a renewal of a simulated control plane. Which copies it takes is in admin-kubeconfigs.bats.
load helpers
load renewal

setup_file() {
  start_cluster main --control-planes 1 --days-left 12
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  COPY=$NODE_ROOT/root/.kube/config
}

# renewed: a renewal that has still something to restart. proven: as refresh-kubeconfigs.sh finds one. Nothing but admin.conf has to be new.
renewed() {
  local backup=$STATE/backups/20260101T000000Z record=$STATE/renewal/unfinished
  mkdir -p "$backup/etc/kubernetes" "$record"
  cp "$NODE_ROOT/etc/kubernetes/admin.conf" "$backup/etc/kubernetes/"
  tool kubeadm certs renew admin.conf >/dev/null
  printf '%s\n' "${backup#"$NODE_ROOT"}" >"$record/backup"
  printf 'admin.conf|00|2026-01-01T00:00:00Z\n' >"$record/before"
  date +%s >"$record/began"
  : >"$record/containers"
}
proven() {
  renewed
  date +%s >"$STATE/renewal/unfinished/proven"
}

@test "refreshes what a renewal left to refresh, closes its record, and then has nothing to do" {
  proven
  refresh /1,/2,/3,/4,/5,/6,/7,/8,/9,/10
  expect status "$status" 0
  keeps_contract refreshResult
  expect rows "$(ask r.kubeconfigs.length)" 11
  expect result "$(ask '[r.node, r.changed, r.reason, r.kubeconfigs.slice(0, 1)]')" '["cp-1",true,null,[{"path":"/root/.kube/config","refreshed":true}]]'
  cmp "$COPY" "$NODE_ROOT/etc/kubernetes/admin.conf"
  [[ ! -e $STATE/renewal/unfinished ]]
  refresh
  expect status "$status" 0
  keeps_contract refreshResult
  expect result "$(ask '[r.changed, r.reason, r.kubeconfigs]')" '[false,"No renewal on this node waits for it.",[]]'
}

@test "a renewal that is not proven keeps its record, and its copies as they are" {
  renewed
  refresh
  expect changed "$(ask r.changed)" false
  cmp "$COPY" "$NODE_ROOT.pristine/root/.kube/config"
  [[ -s $STATE/renewal/unfinished/before ]]
}

# killed TOOL PATTERN: the group of processes gets SIGKILL when a tool is called so
killed() {
  fault "$1" "$2" kill-group
  (setsid env -i PATH="$NODE_PATH" NODE_ROOT="$NODE_ROOT" SSM_AdminKubeconfigs=none "$SCRIPTS/refresh-kubeconfigs.sh" >"$BATS_TEST_TMPDIR/killed" 2>&1 3>&-) || true
  expect 'no result' "$(grep -c "$MARKER" "$BATS_TEST_TMPDIR/killed")" 0
  rm -rf "$NODE_ROOT/faults"
}

@test "killed between the new file and its rename: root alone can read what is left, and the next run removes it" {
  proven
  killed mv '*/copy ./config'
  local left
  left=$(find "$NODE_ROOT" -name .kubeadm-autopilot)
  expect mode "$(ls -ld "$left" | cut -c1-10)" drwx------
  cmp "$left/copy" "$NODE_ROOT/etc/kubernetes/admin.conf"
  cmp "$COPY" "$NODE_ROOT.pristine/root/.kube/config"
  refresh
  expect refreshed "$(ask 'r.kubeconfigs[0].refreshed')" true
  [[ ! -e $left && ! -e $STATE/staging ]]
}

@test "killed before the record is closed: it is still open" {
  proven
  killed rm '*unfinished'
  cmp "$COPY" "$NODE_ROOT/etc/kubernetes/admin.conf"
  refresh
  expect reasons "$(ask '[r.changed, ...r.kubeconfigs.map((row) => row.reason)]')" '[false,"it holds the renewed certificate already"]'
  [[ ! -e $STATE/renewal/unfinished ]]
}

@test "until then the renewal counts as unfinished, with nothing to restart" {
  proven
  run_step inspect-control-plane SSM_Inventory=no
  expect renewal "$(ask '[r.renewal.unfinished, r.renewal.toRestart]')" '[true,null]'
  refresh
  run_step inspect-control-plane SSM_Inventory=no
  expect renewal "$(ask 'r.renewal.unfinished')" false
}

@test "refused: parameters with shell metacharacters, relative paths, none at all; a node without admin.conf" {
  cd "$BATS_TEST_TMPDIR"
  local value
  for value in '$(touch pwned)' 'none;touch pwned' '/a,relative' '/a,' '' '/a/../etc/shadow' '/a/..' $'/a\n/b' '/dir/' '/a b' /1,/2,/3,/4,/5,/6,/7,/8,/9,/10,/11; do
    refresh "$value"
    expect "status for $value" "$status" 20
    expect_match message "$(ask r.message)" 'Parameter AdminKubeconfigs is *expected up to ten absolute paths*'
  done
  [[ ! -e pwned ]]
  run_step refresh-kubeconfigs
  expect_match message "$(ask r.message)" 'Parameter AdminKubeconfigs did not reach*'
  rm "$NODE_ROOT/etc/kubernetes/admin.conf"
  refresh
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'This node is no control plane with /etc/kubernetes/admin.conf*'
}

@test "busy while another changing step holds the lock" {
  proven
  exec 8>>"$STATE/lock"
  flock 8
  refresh
  expect status "$status" 21
  exec 8>&-
  cmp "$COPY" "$NODE_ROOT.pristine/root/.kube/config"
}
