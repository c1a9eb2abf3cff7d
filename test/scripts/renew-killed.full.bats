#!/usr/bin/env bats
# renew-certificates.sh killed with SIGKILL, as an agent that loses patience or a machine that loses power would: the node keeps its
# manifests and gets its static pods back, and the next run completes without renewing or restarting anything twice.
load helpers
load renewal

setup_file() {
  start_cluster main --control-planes 1 --days-left 12
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  remember_manifests
}

kill_at() { # kill_at PATTERN [COMMAND...]
  kill_renewal all "$@"
  observe
}

# observe: the manifests are there, the static pods come back, and each serial and container id that there ever was is written down
observe() {
  manifests_untouched
  local attempt
  for ((attempt = 0; attempt < 100; attempt++)); do
    [[ $(containers | awk 'NF == 2' | wc -l) -ne 4 ]] || break
    sleep 0.1
  done
  containers >>"$BATS_TEST_TMPDIR/containers"
  serials 2>/dev/null >>"$BATS_TEST_TMPDIR/serials" || true
}

# at_most_two FILE: of each name there were at most two values ever: the old one and the new one
at_most_two() {
  local more
  more=$(awk 'NF == 2' "$1" | sort -u | cut -d ' ' -f 1 | uniq -c | awk '$1 > 2')
  [[ -z $more ]] || { echo "changed more than once: $more" && cat "$1" && return 1; }
}

@test "killed again and again, each time a little later: one renewal and one restart of each in all" {
  local before component
  before=$(serials)
  observe
  fault cp '*' kill-group - 3
  kill_at '^cp '
  expect 'half backups' "$(ls "$STATE/backups" | wc -l | tr -d ' ')" 0
  rm -rf "$NODE_ROOT/faults"
  fault kubectl '*' kill-group
  kill_at '^kubectl '
  rm -rf "$NODE_ROOT/faults"
  kill_at '^kubeadm certs renew'
  kill_at '^kubeadm certs renew' some_are_renewed
  kill_at '^crictl ps.*etcd'
  for component in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    # Just as the sandbox is being removed, and a moment after.
    case $component in
      etcd | kube-controller-manager)
        fault crictl "pods *component=$component*" kill-group
        kill_at "^crictl pods.*component=$component"
        rm -rf "$NODE_ROOT/faults"
        ;;
    esac
    kill_at "^crictl pods.*component=$component" sleep 0.15
  done
  fault openssl 's_client*' kill-group
  kill_at '^openssl s_client'
  rm -rf "$NODE_ROOT/faults"
  expect 'not finished' "$(ls "$STATE/renewal")" unfinished
  renew
  expect status "$status" 0
  keeps_contract renewalResult
  observe
  at_most_two "$BATS_TEST_TMPDIR/serials"
  at_most_two "$BATS_TEST_TMPDIR/containers"
  all_new "$before"
  all_served
  # The result tells the whole renewal, not only the last run's part of it.
  expect renewed "$(ask 'r.renewed.map((row) => `${row.name} ${row.before.serial}`).sort().join("\n")')" "$before"
  expect restarted "$(ask 'r.restarted.length')" 4
  # One backup, of what was there at first.
  expect backups "$(ls -A "$STATE/backups" | wc -l | tr -d ' ')" 1
  diff -r "$NODE_ROOT.pristine/etc/kubernetes" "$NODE_ROOT$(ask r.backup)/etc/kubernetes"
}

@test "killed by its own tool at the very call that removes a sandbox" {
  local component
  fault crictl 'rmp*' kill-group - 2
  local before
  before=$(serials)
  observe
  kill_at '^crictl pods.*component=kube-apiserver' it_is_dead
  rm -rf "$NODE_ROOT/faults"
  renew
  expect status "$status" 0
  observe
  at_most_two "$BATS_TEST_TMPDIR/serials"
  at_most_two "$BATS_TEST_TMPDIR/containers"
  all_new "$before"
  all_served
}

@test "an unfinished renewal of two days ago is begun anew; its backup stays" {
  fault kubeadm 'certs renew*' 1
  renew
  rm -rf "$NODE_ROOT/faults"
  local first before
  first=$(cat "$STATE/renewal/unfinished/backup")
  before=$(serials)
  echo "$(($(date +%s) - 172800))" >"$STATE/renewal/unfinished/began"
  sleep 1.1
  renew
  expect status "$status" 0
  [[ $(ask r.backup) != "$first" && -d $NODE_ROOT$first ]]
  all_new "$before"
}
