#!/usr/bin/env bats
# The backup of a renewal: what the operator runbook says puts everything back, whatever is a link; and nothing changes without a whole one.
load helpers
load renewal

setup_file() {
  start_cluster main --control-planes 1 --days-left 12
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  rm -rf "$NODE_ROOT/mnt"
  mkdir -p "$NODE_ROOT/mnt/disk"
  ETC=$NODE_ROOT/etc/kubernetes
}
teardown() {
  rm -rf "$NODE_ROOT/faults" "$NODE_ROOT/mnt" "$ETC/data" "${ELSEWHERE:-$NODE_ROOT/mnt}"
  tool systemctl start kubelet
}

# seen: links as they are, and each file that there is, wherever links lead: mode, owner, size, time, content
seen() {
  (
    cd "$NODE_ROOT"
    find etc/kubernetes root home -type l -exec ls -l {} + 2>/dev/null | sed 's/.* \([^ ]* -> \)/\1/'
    find -L etc/kubernetes root home -type f 2>/dev/null | sort | while IFS= read -r file; do
      ls -lnL --time-style=full-iso "$file" 2>/dev/null || ls -lnLT "$file"
      cksum "$file"
    done
  )
}

# restore: the runbook's commands as they stand there; of the settings in the first line only the values are this node's
restore() {
  local commands
  commands=$(sed -n '/^## Restore a backup$/,/^## Restore a snapshot/p' "$PROJECT/docs/operator-runbook.md" | sed -n '/^```sh$/,/^```$/p' | sed '/^```/d')
  expect_match 'first line' "$commands" 'backup=/var/lib/kubeadm-autopilot/backups/* to=/'$'\n''*'
  tool bash -c "backup='$NODE_ROOT$1' to='$NODE_ROOT'"$'\n'"${commands#*$'\n'}" 2>&1
}

# comes_back: renewed, and put back byte by byte
comes_back() {
  local before after backup
  before=$(seen)
  BEFORE=$(serials)
  renew
  expect "status $RESULT" "$status" 0
  all_new "$BEFORE"
  backup=$(ask r.backup)
  after=$(seen)
  expect 'links' "$(grep -e '->' <<<"$after")" "$(grep -e '->' <<<"$before")"
  [[ $after != "$before" ]]
  run restore "$backup"
  expect "restored: $output" "$status $(grep -c 'NOT RESTORED' <<<"$output")" '0 0'
  diff <(printf '%s\n' "$before") <(seen)
  until_true all_served
}

@test "pki is a link to another disk, by a relative path and through a second link; a copy of admin.conf in a home comes back too" {
  mkdir -p "$NODE_ROOT/home/jane/.kube"
  cp -p "$ETC/admin.conf" "$NODE_ROOT/home/jane/.kube/config"
  chmod 640 "$NODE_ROOT/home/jane/.kube/config" "$ETC/pki/apiserver.key"
  touch -t 202501020304 "$NODE_ROOT/home/jane/.kube/config" "$ETC/pki/apiserver.key" "$ETC/scheduler.conf"
  [[ $(id -u) != 0 ]] || chown 1234:4321 "$NODE_ROOT/home/jane/.kube/config" "$ETC/pki/front-proxy-client.crt"
  mv "$ETC/pki" "$NODE_ROOT/mnt/disk/pki"
  ln -s disk/pki "$NODE_ROOT/mnt/current"
  ln -s ../../mnt/current "$ETC/pki"
  comes_back
}

@test "pki/etcd is a link to a folder on another file system; a certificate, a key and a kubeconfig are links" {
  local file
  ELSEWHERE=$(mktemp -d /dev/shm/pki.XXXXXX) || ELSEWHERE=$(mktemp -d)
  mv "$ETC/pki/etcd" "$ELSEWHERE/etcd"
  ln -s "$ELSEWHERE/etcd" "$ETC/pki/etcd"
  for file in pki/apiserver.crt pki/etcd/peer.key admin.conf; do
    mv "$ETC/$file" "$NODE_ROOT/mnt/disk/${file##*/}"
    ln -s "$NODE_ROOT/mnt/disk/${file##*/}" "$ETC/$file"
  done
  # A link to nowhere, and one to a folder of somebody else's, are no part of it.
  ln -s nowhere "$ETC/pki/left-behind.crt"
  ln -s ../../mnt "$ETC/data"
  comes_back
}

@test "a backup that is not whole: refused with what it holds, and nothing changed" {
  # cp says that it has copied certificatesDir, and has not.
  fault cp '-RLp *' 0
  renew
  expect status "$status" 20
  expect_match message "$(ask r.message)" 'The backup holds 5 of the 2? files below /etc/kubernetes/pki and kubeconfigs, expected all; not /etc/kubernetes/pki/*'
  nothing_changed
  keeps_contract scriptFailure
}
