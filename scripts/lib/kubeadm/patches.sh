# kubeadm's patches on this node: files target[suffix][+patchtype].extension. kubeadm keeps them nowhere, so each init, join and upgrade is
# given this directory, and one without it loses them.

PATCHES=$KUBERNETES/kubeadm-autopilot/patches

# patches_parameter: sets PATCHES_WANTED: none, or file:content in base64 with a comma between (lambdas/domain/kubeadm/patches.ts)
patches_parameter() {
  local entry
  parameter Patches
  PATCHES_WANTED=$REPLY
  [[ $PATCHES_WANTED != none ]] || return 0
  IFS=, read -ra PATCH_ENTRIES < <(printf '%s\n' "$PATCHES_WANTED")
  [[ ${#PATCH_ENTRIES[@]} -gt 0 ]] || PATCH_ENTRIES=('')
  for entry in "${PATCH_ENTRIES[@]}"; do
    [[ $entry =~ ^[a-z]+[A-Za-z0-9_-]*(\+(strategic|merge|json))?\.(yaml|json):[A-Za-z0-9+/]+=*$ ]] && printf '%s' "${entry#*:}" | base64 -d >/dev/null 2>&1 ||
      refuse "Parameter Patches has '${entry:0:60}', expected the name of a patch, a colon and its content in base64: deploy the app again."
  done
}

# patches_write: the directory gets PATCHES_WANTED and keeps nothing else; none removes it. Root alone reads it. Sets PATCHES_CHANGED.
patches_write() {
  local entry name text file
  PATCHES_CHANGED=false
  if [[ $PATCHES_WANTED == none ]]; then
    [[ -e $ROOT$PATCHES ]] || return 0
    PATCHES_CHANGED=true
    rm -rf "$ROOT${PATCHES:?}" || fail "$PATCHES cannot be deleted: is the disk read-only?"
    return 0
  fi
  # What is above it stays readable for all.
  mkdir -p "$ROOT$PATCHES" && chmod 700 "$ROOT$PATCHES" || fail "$PATCHES cannot be made: is the disk full or read-only?"
  for entry in "${PATCH_ENTRIES[@]}"; do
    name=${entry%%:*} text=$(printf '%s' "${entry#*:}" | base64 -d)
    if [[ -f $ROOT$PATCHES/$name && $(cat "$ROOT$PATCHES/$name") == "$text" ]]; then continue; fi
    write_or_fail "$ROOT$PATCHES/$name" "$text"
    PATCHES_CHANGED=true
  done
  for file in "$ROOT$PATCHES"/* "$ROOT$PATCHES"/.[!.]*; do
    if [[ ! -e $file || ,$PATCHES_WANTED == *",${file##*/}:"* ]]; then continue; fi
    rm -rf "$file"
    PATCHES_CHANGED=true
  done
}

# patches_flag -> REPLY, kubeadm's flag for the patches of this node; empty where it has none
patches_flag() {
  REPLY=''
  if [[ -n $(ls -A "$ROOT$PATCHES" 2>/dev/null) ]]; then REPLY=--patches=$ROOT$PATCHES; fi
}
