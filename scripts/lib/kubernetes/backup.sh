# Backups of /etc/kubernetes in $STATE/backups/<UTC stamp>, readable by root alone. They hold private keys, as the original does.
BACKUPS=$STATE/backups

# Below its folder the files are where they are on the node. Links on the way to what a renewal changes are followed, because kubeadm writes
# through them; other links stay links, whatever they lead to.

# backup_make -> REPLY, the path as the node knows it. Complete under its name, or not there.
backup_make() {
  local stamp part entry number=1
  stamp=$(date -u +%Y%m%dT%H%M%SZ)
  while [[ -e $BACKUPS/$stamp ]]; do stamp=${stamp%%-*}-$((number += 1)); done
  part=$BACKUPS/.part-$stamp
  rm -rf "$BACKUPS"/.part-*
  (umask 077 && mkdir -p "$BACKUPS" && mkdir -p "$part$KUBERNETES" "$part${PKI%/*}") || fail 'The folder for the backup cannot be made: is the disk full or read-only? Nothing was changed.'
  for entry in "$ROOT$KUBERNETES"/* "$ROOT$KUBERNETES"/.[!.]*; do
    # tmp holds what kubeadm upgrades leave behind: copies of etcd's whole data among it.
    if [[ ${entry##*/} == tmp || "$ROOT$PKI/" == "$entry"/* || (! -e $entry && ! -L $entry) ]]; then continue; fi
    if [[ -f $entry ]]; then
      cp -Lp "$entry" "$part$KUBERNETES/"
    else
      cp -RPp "$entry" "$part$KUBERNETES/"
    fi || { rm -rf "$part" && fail "The backup of $KUBERNETES failed at ${entry##*/}: is the disk full? Nothing was changed."; }
  done
  # certificatesDir, which may be elsewhere. What counts is the comparison: cp also fails at a link to nowhere.
  cp -RLp "$ROOT$PKI" "$part${PKI%/*}/" || true
  backup_compare "$part"
  sync || true
  mv "$part" "$BACKUPS/$stamp" || fail 'The backup cannot be renamed to its final name. Nothing was changed.'
  REPLY=${BACKUPS#"$ROOT"}/$stamp
}

# backup_compare PART: every file that a renewal can change is in it, byte by byte.
backup_compare() {
  local file files=0 same=0 first=''
  while IFS= read -r file; do
    files=$((files + 1))
    if cmp "$file" "$1${file#"$ROOT"}"; then same=$((same + 1)); else first=${first:-${file#"$ROOT"}}; fi
  done < <(find -L "$ROOT$PKI" "$ROOT$KUBERNETES"/*.conf -type f)
  log "$same of $files files compared: the same in the backup"
  [[ $files -gt 0 && -z $first ]] || { rm -rf "$1" &&
    refuse "The backup holds $same of the $files files below $PKI and kubeconfigs, expected all; not $first: is it readable, the disk full? Nothing was changed."; }
}

# backup_prune: the last five stay; so does the one that an unfinished renewal needs.
backup_prune() {
  local name keep=''
  if [[ -s $RENEWAL/unfinished/backup ]]; then keep=$(cat "$RENEWAL/unfinished/backup"); fi
  ls -1 "$BACKUPS" | grep '^[0-9]\{8\}T[0-9]\{6\}Z' | sort -r | tail -n +6 | while IFS= read -r name; do
    [[ "${BACKUPS#"$ROOT"}/$name" == "$keep" ]] || rm -rf "${BACKUPS:?}/$name"
  done || true
}
