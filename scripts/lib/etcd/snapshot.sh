# A snapshot of etcd, proven by a restore. The image of etcd has no shell, and its container sees etcd's own data and certificates alone: so what
# is saved lies beside the data, in a folder that root alone reads, until the step ends.

# snapshot_folders: sets DATA_DIR, etcd's data as its manifest says, and SNAPSHOTS, the folder beside it
snapshot_folders() {
  flag_path "$ETCD_MANIFEST" data-dir /var/lib/etcd
  DATA_DIR=$REPLY SNAPSHOTS=$REPLY/kubeadm-autopilot-snapshot
}

# snapshot_possible: refuses where there is no etcd to ask, or no room
snapshot_possible() {
  [[ -n $ETCD_MANIFEST ]] || refuse "No etcd runs on this node as a static pod: there is no $MANIFESTS/etcd.yaml; take the snapshot on a node where it does."
  container_path "$ETCD_MANIFEST" "$DATA_DIR"
  [[ -d $ROOT$DATA_DIR/member && $REPLY == "$DATA_DIR" ]] || refuse "etcd says that its data are in $REPLY, and on this node there is no $REPLY/member: the path in the container has to be that of the node."
  etcd_member_healthy || refuse "No snapshot can be taken here: $REPLY. Take it on another node, or repair this one first."
  snapshot_needs_kib
  local needed=$REPLY
  disk_free_kib "$ROOT$DATA_DIR"
  [[ $REPLY -ge $needed ]] || refuse "$DATA_DIR has $REPLY KiB free, the snapshot and its rehearsal take $needed KiB beside etcd: make room, or compact and defragment etcd."
}

# snapshot_make: sets SNAPSHOT, HASH, REVISION, TOTAL_KEYS and ETCD_VERSION: a snapshot from which the same keys were restored that etcd had at its
# revision. etcd compacts its history every few minutes, and hashes before and after that do not compare: taken anew then.
snapshot_make() {
  local attempt
  SNAPSHOT=$SNAPSHOTS/snapshot.db
  for attempt in 1 2 3; do
    rm -rf "$ROOT$SNAPSHOT" "$ROOT$SNAPSHOTS/rehearsal"
    snapshot_save
    if snapshot_rehearse; then return 0; fi
    log "compacted meanwhile: attempt $attempt of 3"
  done
  fail "etcd's history was compacted during each of three snapshots, so none of them could be compared with it; run this again."
}

# snapshot_save: sets HASH and COMPACTED of the member at REVISION, and TOTAL_KEYS
snapshot_save() {
  local ETCD_SECONDS=600 answer
  step 'save the snapshot'
  answer=$(etcdctl_here snapshot save "$SNAPSHOT") || fail "etcd gave no snapshot: $(one_line "$answer")"
  answer=$(etcd_exec 120 etcdutl snapshot status "$SNAPSHOT" -w json) || fail "etcdutl cannot read the snapshot that etcd has just given: $(one_line "$answer")"
  number_in "$answer" revision && REVISION=$REPLY
  number_in "$answer" totalKey && TOTAL_KEYS=$REPLY
  [[ -n $REVISION && -n $TOTAL_KEYS ]] || fail "etcdutl tells no revision of the snapshot: $(one_line "$answer")"
  answer=$(etcdctl_here endpoint hashkv "--rev=$REVISION" -w json) || fail "etcd tells no hash of its keys at revision $REVISION: $(one_line "$answer")"
  number_in "$answer" hash && HASH=$REPLY
  number_in "$answer" compact_revision && COMPACTED=$REPLY
  [[ -n $HASH ]] || fail "etcd tells no hash of its keys at revision $REVISION: $(one_line "$answer")"
  answer=$(etcdctl_here endpoint status -w fields) || true
  ETCD_VERSION=$(printf '%s\n' "$answer" | sed -n 's/^"Version" : "\([0-9.]*\)".*/\1/p')
}

# snapshot_rehearse: restores the snapshot, which compares its checksum, and compares what came out of it with what etcd had. Returns 1 when etcd
# has compacted its history between the two.
snapshot_rehearse() {
  local answer restored=$SNAPSHOTS/rehearsal/member/snap/db
  step 'restore the snapshot into an empty folder'
  answer=$(etcd_exec 600 etcdutl snapshot restore "$SNAPSHOT" --data-dir "$SNAPSHOTS/rehearsal" 2>&1) ||
    fail "The snapshot cannot be restored: $(one_line "$answer"). Look at the disk of this node, and at etcd's other members."
  if ! answer=$(etcd_exec 300 etcdutl hashkv "$restored" -w json 2>&1); then
    restored_like_snapshot "$restored"
    rm -rf "$ROOT$SNAPSHOTS/rehearsal"
    return 0
  fi
  rm -rf "$ROOT$SNAPSHOTS/rehearsal"
  number_in "$answer" compactRevision
  [[ $REPLY == "$COMPACTED" ]] || return 1
  number_in "$answer" hashRevision
  [[ $REPLY == "$REVISION" ]] || fail "The restored snapshot is at revision ${REPLY:-none}, etcd was at $REVISION: it is not what etcd had; run this again."
  number_in "$answer" hash
  [[ $REPLY == "$HASH" ]] || fail "The keys of the restored snapshot have the hash ${REPLY:-none}, etcd's own at revision $REVISION have $HASH: it is not what etcd had; run this again."
  log "restored: revision $REVISION, hash $HASH, $TOTAL_KEYS keys"
}

# restored_like_snapshot FILE: the restored database is whole, at the snapshot's revision, and has as many keys. For etcd before 3.7: its
# etcdutl has no hashkv, or one that panics where a key has a lease, as events of Kubernetes have (etcd-io/etcd#21105). That of 3.5 counts what
# etcd itself keeps too, and a restore changes that.
restored_like_snapshot() {
  local answer
  answer=$(etcd_exec 300 etcdutl snapshot status "$1" -w json 2>&1) || fail "etcdutl cannot read what it has restored: $(one_line "$answer")"
  number_in "$answer" revision
  [[ $REPLY == "$REVISION" ]] || fail "The restored snapshot is at revision ${REPLY:-none}, the snapshot is at $REVISION: it is not what etcd had; run this again."
  number_in "$answer" totalKey
  [[ $REPLY == "$TOTAL_KEYS" || $ETCD_VERSION == 3.5.* ]] || fail "The restored snapshot has ${REPLY:-no} keys, the snapshot has $TOTAL_KEYS: it is not what etcd had; run this again."
  log "restored: revision $REVISION, $TOTAL_KEYS keys"
}

# number_in JSON NAME -> REPLY, the first number of that name; empty without one
number_in() {
  local pattern="\"$2\":(-?[0-9]+)"
  REPLY=''
  [[ ! $1 =~ $pattern ]] || REPLY=${BASH_REMATCH[1]}
}

# snapshot_needs_kib -> REPLY: the database twice, as the snapshot and as what is restored from it or as the archive, and room for etcd to go on
snapshot_needs_kib() {
  local answer bytes
  answer=$(etcdctl_here endpoint status -w fields) || answer=''
  bytes=$(printf '%s\n' "$answer" | sed -n 's/^"DBSize" : \([0-9]*\).*/\1/p')
  [[ -n $bytes ]] || fail "etcd does not tell how large its database is: $(one_line "$answer")"
  REPLY=$((bytes / 512 + 262144))
}
