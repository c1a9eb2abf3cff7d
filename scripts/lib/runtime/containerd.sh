# containerd as Kubernetes needs it: its CRI plugin on, and the kubelet's cgroup driver. The rest of its configuration stays as somebody wrote it.

CONTAINERD_CONFIG=/etc/containerd/config.toml

# containerd_version -> REPLY, X.Y.Z and what follows; empty where it is not installed
containerd_version() {
  REPLY=$(limited 10 containerd --version 2>/dev/null | awk '{ print $3 }') || REPLY=''
  REPLY=${REPLY#v}
}

# containerd_driver -> REPLY, systemd or cgroupfs, as containerd itself reads its configuration; empty where it does not
containerd_driver() {
  REPLY=$(limited 10 containerd config dump 2>/dev/null) || { REPLY='' && return 0; }
  case $REPLY in
    *'SystemdCgroup = true'*) REPLY=systemd ;;
    *) REPLY=cgroupfs ;;
  esac
}

# containerd_install: from the machine's own packages, where it is not there
containerd_install() {
  local said
  containerd_version
  [[ -z $REPLY ]] || return 0
  said=$(apt_get update) && said=$(apt_get install --yes --no-remove containerd) || fail "containerd cannot be installed: $(apt_says "$said") Install it on the machine's image, or give apt a repository that has it."
  CHANGED=true
}

# containerd_configure DRIVER: sets RUNTIME_CHANGED to yes where the configuration was another one
containerd_configure() {
  local file=$ROOT$CONTAINERD_CONFIG text version
  RUNTIME_CHANGED=''
  text=$(cat "$file" 2>/dev/null) || text=''
  version=$(printf '%s\n' "$text" | sed -n 's/^[[:space:]]*version[[:space:]]*=[[:space:]]*\([0-9]*\).*/\1/p' | head -n 1)
  # Packages of Docker's repository come with the CRI plugin switched off and nothing else; the format before version 2 has other names.
  if [[ ! $version =~ ^[2-9]$ ]] || printf '%s\n' "$text" | grep -q '^[[:space:]]*disabled_plugins[[:space:]]*=.*cri'; then
    text=$(limited 10 containerd config default 2>/dev/null) && [[ -n $text ]] || fail "containerd does not tell its default configuration: look at 'containerd config default'."
    version=$(printf '%s\n' "$text" | sed -n 's/^version[[:space:]]*=[[:space:]]*\([0-9]*\).*/\1/p' | head -n 1)
    if [[ -s $file ]]; then cp -p "$file" "$file.before-kubeadm-autopilot" || fail "$CONTAINERD_CONFIG cannot be copied: is the disk full or read-only?"; fi
    containerd_write "$text"
  fi
  containerd_driver
  [[ $REPLY != "$1" ]] || return 0
  containerd_write "$(printf '%s\n' "$text" | containerd_with_driver "$version" "$1")"
  containerd_driver
  [[ $REPLY == "$1" ]] || fail "containerd does not take the cgroup driver $1 from $CONTAINERD_CONFIG: look at 'containerd config dump'."
}

containerd_write() {
  write_or_fail "$ROOT$CONTAINERD_CONFIG" "$1"
  chmod 644 "$ROOT$CONTAINERD_CONFIG"
  RUNTIME_CHANGED=yes
}

# containerd_with_driver VERSION DRIVER: of the configuration on stdin -> stdout, with the driver in the table of runc's options
containerd_with_driver() {
  local plugin=io.containerd.cri.v1.runtime value=false
  [[ $1 != 2 ]] || plugin=io.containerd.grpc.v1.cri
  [[ $2 != systemd ]] || value=true
  awk -v plugin="$plugin" -v value="$value" '
    function told() { if (inside && !done) { print indent "SystemdCgroup = " value; done = 1 } }
    /^[ \t]*\[/ {
      told()
      header = $0; gsub(/["\047 \t]/, "", header); sub(/#.*/, "", header)
      inside = header == "[plugins." plugin ".containerd.runtimes.runc.options]"
      indent = $0; sub(/\[.*/, "", indent); indent = indent "  "
    }
    inside && /^[ \t]*SystemdCgroup[ \t]*=/ { if (!done) { print indent "SystemdCgroup = " value; done = 1 } next }
    { print }
    END {
      told()
      if (!done) print "\n[plugins.\"" plugin "\".containerd.runtimes.runc.options]\n  SystemdCgroup = " value
    }'
}
