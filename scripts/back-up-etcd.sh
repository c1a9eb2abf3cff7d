#!/bin/bash
# Saves what a cluster can be built again from, proves it and uploads it: a snapshot of etcd and this node's /etc/kubernetes, in one archive.
# Result: BackUpResult (lambdas/contracts/snapshot.ts).
#
# Parameters: Secret  begins the name of the SSM parameter with this node's presigned URL, which ends with its instance id; read by the node itself
#             EtcdOn  instance id of the node that takes etcd's snapshot; the others save /etc/kubernetes alone
# The archive holds private keys and the cluster's Secrets. What was written for it is removed at the end, or by the next run.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/backup-size.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/backup.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/etcd/snapshot.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/secrets/aws-signature.sh"
. "${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
. "${BASH_SOURCE%/*}/lib/secrets/upload.sh"

# S3 takes 5 GiB with one PUT.
MOST_BYTES=5368709120

# work_begin: sets WORK, an empty folder that root alone reads. It goes with the step; what a killed run left goes now, on whichever disk.
work_begin() {
  local other=${STATE#"$ROOT"}/snapshot
  rm -rf "$ROOT$SNAPSHOTS" "$ROOT$other"
  WORK=$SNAPSHOTS
  [[ $ETCD_HERE == yes ]] || WORK=$other
  trap 'rm -rf "$ROOT$WORK" || true; step_end' EXIT
  (umask 077 && mkdir -p "$ROOT${WORK%/*}" && mkdir "$ROOT$WORK") || refuse "The folder $WORK cannot be made: is the disk full or read-only?"
}

# kubernetes_save: /etc/kubernetes into WORK, each file compared
kubernetes_save() {
  step 'save /etc/kubernetes'
  backup_needs_kib
  local needed=$REPLY
  disk_free_kib "$ROOT$WORK"
  [[ $REPLY -ge $needed ]] || refuse "$WORK has $REPLY KiB free, the copy of $KUBERNETES takes $needed KiB: make room."
  BACKUPS=$ROOT$WORK/kubernetes
  backup_make
  mv "$ROOT$REPLY" "$ROOT$WORK/node" && rmdir "$BACKUPS"
}

# archive_make: sets ARCHIVE, BYTES and SHA256. The processor is etcd's first.
archive_make() {
  step 'make the archive'
  local parts=node
  [[ $ETCD_HERE != yes ]] || parts='snapshot.db node'
  ARCHIVE=$ROOT$WORK/archive.tar.gz
  # shellcheck disable=SC2086 # two names
  (umask 077 && nice tar -C "$ROOT$WORK" -cf - $parts | nice gzip -1 >"$ARCHIVE") || fail 'The archive cannot be written: is the disk full?'
  BYTES=$(wc -c <"$ARCHIVE" | tr -d ' ')
  [[ $BYTES -le $MOST_BYTES ]] || refuse "The archive has $BYTES bytes, S3 takes at most $MOST_BYTES with one upload: compact and defragment etcd, or move events into an etcd of their own."
  SHA256=$(openssl dgst -sha256 -r "$ARCHIVE" | cut -d ' ' -f 1)
  [[ $SHA256 =~ ^[0-9a-f]{64}$ ]] || fail 'openssl does not hash with SHA-256 on this node; try: openssl dgst -sha256 /dev/null.'
}

# etcd_json -> REPLY
etcd_json() {
  local OBJECT=''
  put_raw hash "$HASH"
  put_raw revision "$REVISION"
  put_raw totalKeys "$TOTAL_KEYS"
  put version "$ETCD_VERSION"
  put_close
}

step_begin
upload_parameter
parameter EtcdOn
ETCD_HERE=no
[[ $REPLY != "$AWS_SSM_INSTANCE_ID" ]] || ETCD_HERE=yes
step_lock
topology
[[ -n $CONTROL_PLANE$ETCD ]] || refuse "This node is neither a control plane nor a member of etcd: check the tag kubeadm-autopilot:role."
container_runtime
snapshot_folders
upload_url_read
[[ $ETCD_HERE != yes ]] || snapshot_possible
work_begin
[[ $ETCD_HERE != yes ]] || snapshot_make
kubernetes_save
archive_make

step 'upload the archive'
upload "$ARCHIVE"
log "uploaded $BYTES bytes"

step 'answer'
ETCD_JSON=''
[[ $ETCD_HERE != yes ]] || { etcd_json && ETCD_JSON=$REPLY; }
OBJECT=''
node_name
put node "$REPLY"
put_raw bytes "$BYTES"
put sha256 "$SHA256"
put_raw etcd "$ETCD_JSON"
put_close
result "$REPLY"
