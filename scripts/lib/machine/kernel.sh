# What Kubernetes needs of the kernel: modules, settings, swap; for now and for every start of the machine.

# file_wanted FILE TEXT: sets CHANGED where the file was another one
file_wanted() {
  if [[ -f $ROOT$1 && $(cat "$ROOT$1") == "$2" ]]; then return 0; fi
  write_or_fail "$ROOT$1" "$2"
  chmod 644 "$ROOT$1"
  CHANGED=true
  log "wrote $1"
}

# kernel_modules: overlay for containers' file systems, br_netfilter so that kube-proxy sees what bridges forward. Some network plugins need no
# bridge, and a kernel may have both built in: then nothing is loaded.
kernel_modules() {
  file_wanted /etc/modules-load.d/kubernetes.conf $'overlay\nbr_netfilter'
  limited 20 modprobe overlay || true
  grep -q '	overlay$' "$ROOT/proc/filesystems" || fail "The kernel has no overlay file system, and 'modprobe overlay' does not load it: install the kernel's modules, then run this again."
  limited 20 modprobe br_netfilter || true
  [[ -e $ROOT/proc/sys/net/bridge/bridge-nf-call-iptables ]] ||
    warn "The kernel module br_netfilter is not loaded (modprobe br_netfilter): a network plugin that uses bridges needs it."
}

# kernel_settings: written down, and set where they are not yet
kernel_settings() {
  local setting file
  file_wanted /etc/sysctl.d/99-kubernetes.conf $'net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1'
  for setting in net/ipv4/ip_forward net/bridge/bridge-nf-call-iptables net/bridge/bridge-nf-call-ip6tables; do
    file=$ROOT/proc/sys/$setting
    [[ -e $file && $(cat "$file") != 1 ]] || continue
    # shellcheck disable=SC2320
    echo 1 >"$file" || fail "/proc/sys/$setting cannot be set to 1."
    CHANGED=true
  done
}

# swap_is_on: something is swapped to
swap_is_on() { [[ $(wc -l <"$ROOT/proc/swaps") -gt 1 ]]; }

# swap_off: now, and in /etc/fstab, of which a copy stays. systemd makes units of its lines; units of another origin are named.
swap_off() {
  local text units
  if [[ -f $ROOT/etc/fstab ]]; then
    text=$(sed 's/^[[:space:]]*[^#[:space:]][^[:space:]]*[[:space:]]\{1,\}[^[:space:]]\{1,\}[[:space:]]\{1,\}swap[[:space:]].*/# kubeadm-autopilot: &/' "$ROOT/etc/fstab")
    if [[ $text != "$(cat "$ROOT/etc/fstab")" ]]; then
      cp -p "$ROOT/etc/fstab" "$ROOT/etc/fstab.before-kubeadm-autopilot" || fail '/etc/fstab cannot be copied: is the disk full or read-only?'
      file_wanted /etc/fstab "$text"
    fi
  fi
  swap_is_on || return 0
  limited 120 swapoff -a || fail "swapoff -a ended with $?: is there enough memory for what is swapped out?"
  CHANGED=true
  units=$(limited 10 systemctl list-units --type=swap --no-legend --plain 2>/dev/null | awk '{ print $1 }' | tr '\n' ' ') || units=''
  [[ -z $units ]] || warn "Swap is off, and systemd has units that may switch it on again: $units(systemctl mask them)."
}
