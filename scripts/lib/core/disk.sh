# Space for the backup of a renewal.

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
