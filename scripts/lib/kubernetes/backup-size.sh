# What a backup of /etc/kubernetes, and of certificatesDir where that is elsewhere, takes.

# backup_needs_kib -> REPLY: twice the size of both without kubeadm's own leftovers in tmp, and 10 MiB
backup_needs_kib() {
  local all tmp elsewhere=0
  all=$(du -sk "$ROOT$KUBERNETES" | awk '{ print $1 }') || all=0
  tmp=$(du -sk "$ROOT$KUBERNETES/tmp" 2>/dev/null | awk '{ print $1 }') || tmp=0
  if [[ $PKI/ != "$KUBERNETES"/* || -L $ROOT$PKI ]]; then elsewhere=$(du -skL "$ROOT$PKI" 2>/dev/null | awk '{ print $1 }') || elsewhere=0; fi
  REPLY=$((2 * (${all:-0} - ${tmp:-0} + ${elsewhere:-0}) + 10240))
}
