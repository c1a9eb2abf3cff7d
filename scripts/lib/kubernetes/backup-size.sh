# What a backup of /etc/kubernetes takes.

# backup_needs_kib -> REPLY: twice the size of /etc/kubernetes without kubeadm's own leftovers in tmp, and 10 MiB
backup_needs_kib() {
  local all tmp
  all=$(du -sk "$ROOT$KUBERNETES" | awk '{ print $1 }') || all=0
  tmp=$(du -sk "$ROOT$KUBERNETES/tmp" 2>/dev/null | awk '{ print $1 }') || tmp=0
  REPLY=$((2 * (${all:-0} - ${tmp:-0}) + 10240))
}
