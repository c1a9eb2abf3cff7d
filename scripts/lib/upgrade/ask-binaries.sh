# Would the new binaries take this node's arguments? A component that does not know a flag or a feature gate any more ends at once; with
# `--version` at the end of its arguments it says so without doing anything else.

# The new packages, unpacked beside the system for as long as they are asked.
ASIDE=$STATE/upgrade/aside

# unpack_aside NAME...: of the packages of VERSION that were downloaded
unpack_aside() {
  local name file
  rm -rf "$ASIDE"
  (umask 077 && mkdir -p "$ASIDE") || fail "${ASIDE#"$ROOT"} cannot be made: is the disk full or read-only?"
  for name in "$@"; do
    for file in "$ARCHIVES/${name}_$VERSION"-*.deb; do
      [[ -f $file ]] || fail "The package ${file##*/} was not downloaded: run this again."
      limited 120 dpkg-deb -x "$file" "$ASIDE" || fail "${file##*/} cannot be unpacked: is the disk full? Delete it, then run this again."
    done
  done
}

# takes_arguments BINARY ARGUMENT...: REPLY is what it says otherwise
takes_arguments() {
  local said code=0
  said=$(limited 20 "$@" --version 2>&1 </dev/null) || code=$?
  [[ $code != 0 ]] || return 0
  REPLY=$(printf '%s\n' "$said" | grep -i 'unknown\|unrecognized\|invalid\|error\|fail' | tail -n 1 | tail -c 300)
  REPLY=${REPLY:-exit code $code}
  return 1
}

# ask_kubelet: with the arguments that it runs with now
ask_kubelet() {
  local pid argument arguments=()
  pid=$(limited 10 systemctl show kubelet -p MainPID --value) || pid=''
  if [[ ! -r $ROOT/proc/${pid:-none}/cmdline ]]; then log 'the kubelet does not run: not asked' && return 0; fi
  while IFS= read -r -d '' argument; do arguments+=("$argument"); done <"$ROOT/proc/$pid/cmdline"
  takes_arguments "$ASIDE/usr/bin/kubelet" ${arguments[@]+"${arguments[@]:1}"} ||
    fail "The kubelet of $VERSION would not start with this node's arguments: $REPLY. Remove that (in $KUBELET/kubeadm-flags.env, /etc/default/kubelet or a drop-in of kubelet.service), then run this again."
}

# new_manifest COMPONENT -> REPLY: the arguments that kubeadm will write, a line each. They come from the kubeadm-config of today, so that what
# was put right there counts. Where it does not tell, those of the manifest that is there.
new_arguments() {
  REPLY=$(printf '%s\n' "$NEW_MANIFESTS" | awk -v component="$1" '
    /^\+\+\+ |^--- / { next }
    /^[ +] *- kube-[a-z-]*$/ { name = $NF; next }
    name == component && /^[ +] *- --/ { sub(/^[ +] *- /, ""); gsub(/^["\047]|["\047]$/, ""); print; next }
    name == component && /^[ +] *[a-z]/ { name = "" }')
  [[ -n $REPLY ]] || { manifest_read "$1" && REPLY=$(printf '%s\n' "$REPLY" | grep '^--'); } || REPLY=''
}

# ask_control_plane: API server, controller manager and scheduler out of their new images
ask_control_plane() {
  local component image
  command -v ctr >/dev/null || { log 'ctr is not on this node: the new images are not asked' && return 0; }
  # A difference is no error: everything of a file that changes, with so much around it, is the file.
  NEW_MANIFESTS=$(limited 30 "$ASIDE/usr/bin/kubeadm" upgrade diff "v$VERSION" --context-lines 1000 2>>"${LOG:-/dev/null}") || NEW_MANIFESTS=''
  for component in kube-apiserver $ELECTED; do
    image_of "$component" && image=$REPLY
    [[ -z $image ]] || ask_image "$component" "$image"
  done
}

# ask_image COMPONENT IMAGE: its binary out of the image, which is mounted for a moment
ask_image() {
  local mount=$ASIDE/image binary argument arguments=()
  mkdir -p "$mount"
  aside_unmount
  if ! limited 60 ctr -n k8s.io images mount "$2" "$mount"; then log "the image $2 cannot be looked into: $1 is not asked" && return 0; fi
  binary=$mount/usr/local/bin/$1
  if [[ -x $binary ]]; then
    new_arguments "$1"
    while IFS= read -r argument; do arguments+=("$argument"); done < <(printf '%s\n' "$REPLY")
    takes_arguments "$binary" "${arguments[@]}" || {
      argument=$REPLY
      aside_unmount
      fail "$1 of $VERSION would not start with this cluster's arguments: $argument. Remove that from the ConfigMap kube-system/kubeadm-config (extraArgs), then run this again."
    }
  else
    log "there is no /usr/local/bin/$1 in $2: not asked"
  fi
  aside_unmount
}

aside_unmount() { limited 30 ctr -n k8s.io images unmount --rm "$ASIDE/image" >/dev/null 2>&1 || true; }
