# The disk of this node: a file is written whole or not at all; what is free, and what a backup of /etc/kubernetes takes.

# write_file FILE TEXT: complete or not at all, readable by root alone. Returns 1 when the disk does not take it.
write_file() {
  local new=$1.new.$$
  if (umask 077 && mkdir -p "${1%/*}" && printf '%s\n' "$2" >"$new" && mv -f "$new" "$1") 2>/dev/null; then return 0; fi
  rm -f "$new" 2>/dev/null || true
  return 1
}

# disk_free_kib DIRECTORY -> REPLY, of the file system that takes it; the directory need not be there yet
disk_free_kib() {
  local directory=$1
  while [[ ! -d $directory && $directory == */* ]]; do directory=${directory%/*}; done
  REPLY=$(df -Pk "${directory:-/}" | awk 'NR == 2 { print $4 }') || REPLY=''
  [[ $REPLY =~ ^[0-9]+$ ]] || REPLY=0
}

# backup_needs_kib -> REPLY: twice the size of /etc/kubernetes without kubeadm's own leftovers in tmp, and 10 MiB
backup_needs_kib() {
  local all tmp
  all=$(du -sk "$ROOT$KUBERNETES" | awk '{ print $1 }') || all=0
  tmp=$(du -sk "$ROOT$KUBERNETES/tmp" 2>/dev/null | awk '{ print $1 }') || tmp=0
  REPLY=$((2 * (${all:-0} - ${tmp:-0}) + 10240))
}
