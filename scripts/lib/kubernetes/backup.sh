# Backups of /etc/kubernetes in $STATE/backups/<UTC stamp>, readable by root alone. They hold private keys, as the original does.
BACKUPS=$STATE/backups

# backup_make -> REPLY, the path as the node knows it. Complete under its name, or not there.
backup_make() {
  local stamp part entry number=1
  stamp=$(date -u +%Y%m%dT%H%M%SZ)
  while [[ -e $BACKUPS/$stamp ]]; do stamp=${stamp%%-*}-$((number += 1)); done
  part=$BACKUPS/.part-$stamp
  rm -rf "$BACKUPS"/.part-*
  (umask 077 && mkdir -p "$BACKUPS" && mkdir "$part") || fail 'The folder for the backup cannot be made: is the disk full or read-only? Nothing was changed.'
  for entry in "$ROOT$KUBERNETES"/* "$ROOT$KUBERNETES"/.[!.]*; do
    # tmp holds what kubeadm upgrades leave behind: copies of etcd's whole data among it.
    if [[ ${entry##*/} == tmp || (! -e $entry && ! -L $entry) ]]; then continue; fi
    cp -RPp "$entry" "$part/" || { rm -rf "$part" && fail "The backup of $KUBERNETES failed at ${entry##*/}: is the disk full? Nothing was changed."; }
  done
  # certificatesDir may be elsewhere.
  if [[ $PKI != "$KUBERNETES"/* ]]; then
    cp -RPp "$ROOT$PKI" "$part/pki-from-certificates-dir" || { rm -rf "$part" && fail "The backup of $PKI failed: is the disk full? Nothing was changed."; }
  fi
  sync || true
  mv "$part" "$BACKUPS/$stamp" || fail 'The backup cannot be renamed to its final name. Nothing was changed.'
  REPLY=${BACKUPS#"$ROOT"}/$stamp
}

# backup_prune: the last five stay; so does the one that an unfinished renewal needs.
backup_prune() {
  local name keep=''
  if [[ -s $RENEWAL/unfinished/backup ]]; then keep=$(cat "$RENEWAL/unfinished/backup"); fi
  ls -1 "$BACKUPS" | grep '^[0-9]\{8\}T[0-9]\{6\}Z' | sort -r | tail -n +6 | while IFS= read -r name; do
    [[ "${BACKUPS#"$ROOT"}/$name" == "$keep" ]] || rm -rf "${BACKUPS:?}/$name"
  done || true
}

# backup_copy_of BACKUP PATH -> REPLY, where the backup has the file PATH
backup_copy_of() {
  case $2 in
    "$KUBERNETES"/*) REPLY=$ROOT$1${2#"$KUBERNETES"} ;;
    *) REPLY=$ROOT$1/pki-from-certificates-dir${2#"$PKI"} ;;
  esac
}
