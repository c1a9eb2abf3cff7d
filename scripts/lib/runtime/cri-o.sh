# CRI-O as Kubernetes needs it: of Kubernetes' own minor, from its own repository, with the kubelet's cgroup driver. A drop-in alone says so; the
# rest of its configuration stays as somebody wrote it.

CRIO_CONFIG=/etc/crio/crio.conf.d/20-kubeadm-autopilot.conf
CRIO_LIST=/etc/apt/sources.list.d/cri-o.list
CRIO_KEY=/etc/apt/keyrings/cri-o-apt-keyring.gpg

# crio_version -> REPLY, X.Y.Z; empty where it is not installed
crio_version() {
  REPLY=$(limited 10 crio --version 2>/dev/null | sed -n 's/^crio version \([0-9.]*\).*/\1/p' | head -n 1) || REPLY=''
}

# crio_driver -> REPLY, as CRI-O itself reads its configuration, where a default is a comment
crio_driver() {
  REPLY=$(limited 10 crio config 2>/dev/null | sed -n 's/^[#[:space:]]*cgroup_manager = "\([a-z]*\)".*/\1/p' | head -n 1) || REPLY=''
}

# crio_install BASE: BASE ends before v and the minor. What is installed stays where it is of this minor.
crio_install() {
  local said key=$ROOT$CRIO_KEY
  crio_version
  [[ $REPLY != "$MINOR".* ]] || return 0
  mkdir -p "${key%/*}"
  said=$(limited 70 curl -fsSL --max-time 60 --max-filesize 1048576 -o "$key.new.asc" "${1}v$MINOR/deb/Release.key" 2>&1) && repository_store_key "$key.new.asc" "$key.new" "$key" ||
    fail "The key of CRI-O's repository cannot be fetched from ${1}v$MINOR/deb/Release.key: $(printf '%s' "$said" | tail -n 1 | head -c 200). Let the machine reach it, or name a mirror (kubernetes.runtimePackages)."
  chmod 644 "$key.new" && mv -f "$key.new" "$key" && rm -f "$key.new.asc"
  printf '%s\n' "deb [signed-by=$CRIO_KEY] ${1}v$MINOR/deb/ /" >"$ROOT$CRIO_LIST" && chmod 644 "$ROOT$CRIO_LIST" || fail "$CRIO_LIST cannot be written: is the disk full or read-only?"
  said=$(apt_get update -o "Dir::Etc::sourcelist=$ROOT$CRIO_LIST" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any) &&
    said=$(apt_get install --yes --no-remove --allow-change-held-packages cri-o) || fail "CRI-O $MINOR cannot be installed: $(apt_says "$said")"
  limited 30 apt-mark hold cri-o || log 'cri-o could not be held'
  crio_version
  [[ $REPLY == "$MINOR".* ]] || fail "CRI-O ${REPLY:-is not installed}, expected $MINOR of ${1}v$MINOR/deb/: look at 'apt-cache policy cri-o'."
  CHANGED=true
}

# crio_configure DRIVER PAUSE: sets RUNTIME_CHANGED to yes where the configuration was another one. With cgroupfs its monitors have to be in the pod's own group.
crio_configure() {
  local text
  text=$'[crio.runtime]\n'"cgroup_manager = \"$1\""$'\n'
  if [[ $1 == cgroupfs ]]; then text=$text$'conmon_cgroup = "pod"\n'; fi
  text=$text$'\n[crio.image]\n'"pause_image = \"$2\""
  RUNTIME_CHANGED=''
  if [[ $(cat "$ROOT$CRIO_CONFIG" 2>/dev/null) != "$text" ]]; then
    write_or_fail "$ROOT$CRIO_CONFIG" "$text"
    chmod 644 "$ROOT$CRIO_CONFIG"
    RUNTIME_CHANGED=yes
  fi
  crio_driver
  [[ $REPLY == "$1" ]] || fail "CRI-O has the cgroup driver ${REPLY:-it does not tell}, expected $1 as $CRIO_CONFIG says: look at 'crio config' and at the other files there."
}
