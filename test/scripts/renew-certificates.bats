#!/usr/bin/env bats
# renew-certificates.sh on a simulated control plane: renewal, order, proof; twice in a row; each failure, and the run after it.
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
  diff -r "$NODE_ROOT.pristine/etc/kubernetes" "$NODE_ROOT$backup"
  expect mode "$(ls -ld "$NODE_ROOT$backup" | cut -c1-10)" drwx------
  expect backups "$(ls -A "$STATE/backups" | wc -l | tr -d ' ')" 5
  [[ -d $STATE/backups/20200107T000000Z && ! -e $STATE/backups/20200103T000000Z ]]
  # The copy that kubeadm told people to make.
  expect kubeconfigs "$(ask r.kubeconfigs)" '[{"path":"/root/.kube/config","refreshed":true}]'
  cmp "$NODE_ROOT/root/.kube/config" "$NODE_ROOT/etc/kubernetes/admin.conf"
  [[ -s $STATE/renewal/finished && ! -e $STATE/renewal/unfinished ]]

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

@test "whoever led before its turn hands over: etcd before it is killed, the others by their lease; another node's is left alone" {
  start_cluster three --control-planes 3 --days-left 12
  local component node leader
  for node in cp_1 cp_2; do
    on "$node"
    : >"$NODE_ROOT/calls.log"
    for component in kube-controller-manager kube-scheduler; do until_true is_led "$component"; done
    leads kube-controller-manager >"$BATS_TEST_TMPDIR/kube-controller-manager"
    leads kube-scheduler >"$BATS_TEST_TMPDIR/kube-scheduler"
    renew
    expect "status on $node" "$status" 0
    # etcd's first member leads at first, and the second one after the first has handed over.
    expect "etcd's leader after $node" "$(cat "$STATE"/logs/renew-certificates-* | sed -n 's/.*move-leader to \(.*\): Leadership transferred .*/\1/p')" "$([[ $node == cp_2 ]] || echo cp-2)$([[ $node == cp_1 ]] || echo cp-1)"
    for component in kube-controller-manager kube-scheduler; do
      leader=$(cat "$BATS_TEST_TMPDIR/$component")
      if [[ $leader == "${node/_/-}"_* ]]; then
        expect "given back on $node" "$(calls "^kubectl .* patch lease $component .*\"$leader\"")" 1
        until_true leads_another "$component" "$leader"
      else
        expect "left alone on $node" "$(calls "^kubectl .* patch lease $component")" 0
        expect "still leads" "$(leads "$component")" "$leader"
      fi
    done
  done

  # cp-1 leads again. What has been restarted without that, as a repair does, need not hand over afterwards.
  on cp_1
  : >"$NODE_ROOT/calls.log"
  renew SSM_Force=yes SSM_Until=etcd
  expect "status $RESULT" "$status" 0
  renew
  expect "status $RESULT" "$status" 0
  expect 'handed over' "$(calls '^etcdctl .* move-leader')" 0

  # So cp-2 leads, and has no other choice than cp-3.
  component_fault etcd never-starts
  fresh_sandbox etcd
  on cp_2
  : >"$NODE_ROOT/calls.log"
  renew SSM_Force=yes
  expect "status $RESULT" "$status" 0
  expect 'asked to lead' "$(calls '^etcdctl .* move-leader')" 1
  expect_match 'to whom' "$ERR" '*not to cp-1, which is not healthy*move-leader to cp-3: Leadership transferred from * to *'
}
leads_another() { is_led "$1" && [[ $(leads "$1") != "$2" ]]; }

@test "renewed within the hour, but not what is on disk any more, or not served: renewed" {
  mkdir -p "$STATE/renewal"
  { date -u '+%s %Y-%m-%dT%H:%M:%SZ' && serials | tr ' ' '|'; } >"$STATE/renewal/finished"
  # The cluster serves what an earlier test renewed, the disk has what was there at first.
  renew
  expect changed "$(ask r.changed)" true
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

@test "refused before anything changes: parameters with shell metacharacters, relative paths, and none at all" {
  cd "$BATS_TEST_TMPDIR"
  local value
  for value in '$(touch pwned)' 'none;touch pwned' '/a,relative' '/a,' '' '/a/../etc/shadow' '/a/..' $'/a\n/b' '/dir/'; do
    renew "SSM_AdminKubeconfigs=$value"
    expect "status for $value" "$status" 20
    expect_match message "$(ask r.message)" 'Parameter AdminKubeconfigs is *expected absolute paths*'
  done
  renew 'SSM_Force=yes$(touch pwned)'
  expect status "$status" 20
  run_step renew-certificates SSM_Force=no
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'Parameter AdminKubeconfigs did not reach*'
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

@test "files cut off by a kill inside kubeadm are put back and renewed; what was renewed is not renewed again" {
  fault kubeadm 'certs renew*' 1
  renew
  rm -rf "$NODE_ROOT/faults"
  tool kubeadm certs renew etcd-peer >/dev/null
  local peer
  peer=$(disk_serial "$(path_of etcd-peer)")
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

# once_more: without the faults of before; what is called from now on is counted
once_more() {
  manifests_untouched
  rm -rf "$NODE_ROOT/faults"
  : >"$NODE_ROOT/calls.log"
}

# component_fault COMPONENT FAULT: for the next time that the kubelet starts it
component_fault() {
  mkdir -p "$NODE_ROOT/faults"
  printf '%s\t%s\n' "$1" "$2" >"$NODE_ROOT/faults/components"
}

# fresh_sandbox COMPONENT: what an operator would do about a container that is not well
fresh_sandbox() { tool crictl rmp -f $(tool crictl pods --label "component=$1" -q) >/dev/null; }

@test "a lease that has lapsed is given back once there is an API server, one that is renewed is not" {
  local holder scheduler
  until_true is_led kube-controller-manager
  until_true is_led kube-scheduler
  holder=$(leads kube-controller-manager) scheduler=$(leads kube-scheduler)
  component_fault kube-controller-manager never-starts
  fresh_sandbox kube-controller-manager
  renew SSM_Until=files
  expect "status $RESULT" "$status" 0
  sleep 16 # as long as a lease is valid
  renew SSM_Until=kube-apiserver
  expect "status $RESULT" "$status" 0
  expect 'given back' "$(calls "^kubectl .* patch lease kube-controller-manager .*\"$holder\"")" 1
  expect 'leads now' "$(leads kube-controller-manager)" ''
  expect 'of the scheduler' "$(calls '^kubectl .* patch lease kube-scheduler') $(leads kube-scheduler)" "0 $scheduler"
  rm -r "$NODE_ROOT/faults"
  renew
  expect "status $RESULT" "$status" 0
  expect_match 'leads in the end' "$(leads kube-controller-manager)" 'cp-1_*'
}

@test "crictl gives up once while the runtime is busy, and once after it has removed the sandbox: the renewal goes on" {
  local action
  for action in 1 after:1; do
    fault crictl 'rmp*' "$action" 'rpc error: code = DeadlineExceeded' 1
    renew SSM_Force=yes
    expect "status $action" "$status" 0
    expect "restarted $action" "$(ask r.restarted.length)" 4
    rm -rf "$NODE_ROOT/faults"
  done
}

@test "one failure after the other, each followed by a run that goes on where the last one stopped" {
  local old renewed
  old=$(containers)
  fault kubeadm 'certs renew*' 0
  renew
  expect status "$status" 1
  expect step "$(ask r.step)" 'renew the files'
  expect_match message "$(ask r.message)" 'Not renewed: apiserver apiserver-kubelet-client *kubeadm ended with 0*'
  expect serials "$(serials)" "$BEFORE"
  expect containers "$(containers)" "$old"

  once_more # crictl cannot remove the sandbox
  fault crictl 'rmp*' 1 'rpc error: code = Unavailable'
  renew
  expect_match etcd "$status $(ask r.message)" '1 crictl rmp -f could not remove the sandbox of etcd*'
  expect_match log "$(ask r.logTail)" '*code = Unavailable*'
  expect containers "$(containers)" "$old"
  renewed=$(serials)

  once_more # crictl does not tell the sandboxes
  fault crictl 'pods*' 1
  renew
  expect_match etcd "$status $(ask r.message)" '1 etcd was not restarted: crictl does not answer.*'
  expect containers "$(containers)" "$old"

  once_more # the new container exits at once
  component_fault etcd crashes
  renew NODE_STEP_PATIENCE=3
  expect_match etcd "$status $(ask r.step): $(ask r.message)" '1 restart etcd: *etcd*'
  expect others "$(containers | sed 1d)" "$(printf '%s\n' "$old" | sed 1d)"

  once_more # the kubelet ends between two of them: not one more sandbox is removed
  until [[ -n $(tool crictl ps --name '^etcd$' --state Running -q) ]]; do sleep 0.1; done
  fault systemctl 'is-active kubelet' 3 - 2 inactive
  renew
  expect_match kubelet "$status $(ask r.step): $(ask r.message)" '1 restart kube-apiserver: kube-apiserver was not restarted: kubelet is inactive*'
  expect restarts "$(calls '^crictl rmp')" 0

  once_more # it runs and does not get ready: the later ones are left alone
  component_fault kube-apiserver not-ready
  renew NODE_STEP_PATIENCE=3
  expect_match apiserver "$status $(ask r.step): $(ask r.message)" '1 restart kube-apiserver: *not healthy after 3 s*answers 500*'
  expect later "$(containers | tail -n 2)" "$(printf '%s\n' "$old" | tail -n 2)"

  once_more # the script's own time limit
  fresh_sandbox kube-apiserver
  component_fault kube-controller-manager never-starts
  renew NODE_STEP_TIME_LIMIT=12
  expect limit "$status $(ask r.error): $(ask r.step)" '30 timed-out: restart kube-controller-manager'

  once_more # the kubelet does not start it
  component_fault kube-scheduler never-starts
  renew NODE_STEP_PATIENCE=3
  expect_match scheduler "$status $(ask r.step): $(ask r.message)" '1 restart kube-scheduler: The kubelet has not started*'

  once_more # a port presents something else
  fault openssl 's_client*6443*' 1
  renew NODE_STEP_PATIENCE=3
  expect_match served "$status $(ask r.step): $(ask r.message)" '1 prove what is served: Still not served 3 s after*apiserver:6443*'
  [[ -d $STATE/renewal/unfinished && ! -e $STATE/renewal/finished ]]

  once_more
  renew
  expect status "$status" 0
  expect 'renewals and restarts' "$(calls '^kubeadm certs renew\|^crictl rmp')" 0
  expect 'nothing renewed twice' "$(serials)" "$renewed"
  expect backups "$(ls -A "$STATE/backups" | wc -l | tr -d ' ')" 1
  all_new "$BEFORE"
  all_served
}
