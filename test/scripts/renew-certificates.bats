#!/usr/bin/env bats
# renew-certificates.sh on a simulated control plane: renewal, order, proof; twice in a row; refusals; kubeadm that fails.
load helpers
load renewal
load renewal-setup

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
