# The repository of Kubernetes' packages: one for each minor version. Its address is taken from this node's own configuration of apt and only
# the minor is replaced, so mirrors stay.

# A line that is not a comment and names the repository of a minor; CRI-O's has addresses of the same kind.
REPOSITORY_LINE='^[^#]*https\{0,1\}:[^ #]*/v1\.[0-9][0-9]*/deb'

# repository_look: sets REPOSITORY, the .list or .sources file, and REPOSITORY_URL, which ends before the minor (https://pkgs.k8s.io/core:/stable:/v).
# Both are empty where apt knows none.
repository_look() {
  local file line
  REPOSITORY='' REPOSITORY_URL=''
  for file in "$ROOT"/etc/apt/sources.list "$ROOT"/etc/apt/sources.list.d/*.list "$ROOT"/etc/apt/sources.list.d/*.sources; do
    [[ -f $file ]] || continue
    line=$(grep "$REPOSITORY_LINE" "$file" | grep -v 'cri-o' | head -n 1) || continue
    [[ -z $REPOSITORY ]] || refuse "Both ${REPOSITORY#"$ROOT"} and ${file#"$ROOT"} name a repository of Kubernetes packages: keep one of them."
    REPOSITORY=$file
    REPOSITORY_URL=$(printf '%s\n' "$line" | sed -n 's|^[^#]*\(https\{0,1\}:[^ #]*/v\)1\.[0-9][0-9]*/deb.*|\1|p')
  done
}

# repository_find: the same, and refuses where there is none
repository_find() {
  repository_look
  [[ -n $REPOSITORY ]] || refuse 'apt knows no repository of Kubernetes packages on this node (https://pkgs.k8s.io/core:/stable:/v1.NN/deb/ or a mirror of it): add it as kubernetes.io describes, then run this again.'
}

# repository_key -> REPLY, the file of the signing key; empty when the file names none
repository_key() {
  REPLY=$(sed -n -e '/^[^#]*\/v1\.[0-9]*\/deb/s/.*signed-by=\([^] ,]*\).*/\1/p' -e 's/^[Ss]igned-[Bb]y: *\(\/[^ ]*\).*/\1/p' "$REPOSITORY" | head -n 1)
}

# repository_refresh_key: fetches the key anew, because it ends one day. The one that is there stays where that fails; apt tells whether it still fits.
repository_refresh_key() {
  local key new
  repository_key
  key=$ROOT$REPLY
  if [[ -z $REPLY ]]; then log "${REPOSITORY#"$ROOT"} names no key: left as it is" && return 0; fi
  new=$key.new.$$
  mkdir -p "${key%/*}"
  if limited 70 curl -fsSL --max-time 60 --max-filesize 1048576 -o "$new.asc" "${REPOSITORY_URL}$MINOR/deb/Release.key" &&
    grep -q '^-----BEGIN PGP PUBLIC KEY BLOCK-----' "$new.asc" && repository_store_key "$new.asc" "$new" "$key"; then
    chmod 644 "$new" && mv -f "$new" "$key"
    log "fetched the key of the repository to ${key#"$ROOT"}"
  else
    log "the key of the repository cannot be fetched from ${REPOSITORY_URL}$MINOR/deb/Release.key: the one that is there stays"
  fi
  rm -f "$key".new.*
}

# repository_store_key ARMORED NEW KEY: apt takes armored keys in files that end in .asc, and binary ones in others
repository_store_key() {
  if [[ $3 == *.asc ]]; then
    cp "$1" "$2"
  else
    # Without gpg, which apt itself does not need: base64 between the empty line and the checksum.
    sed -e '1,/^[[:space:]]*$/d' -e '/^[=-]/,$d' "$1" | tr -d '\r' | base64 -d >"$2" && [[ -s $2 ]]
  fi
}

# repository_switch: the repository of MINOR, with its key and its lists. Sets REPOSITORY_CHANGED to yes when it was another's. When
# it cannot be read, the node keeps the one that it has.
repository_switch() {
  local text before said
  repository_find
  before=$(cat "$REPOSITORY")
  text=$(printf '%s\n' "$before" | sed "/$(printf '%s' "$REPOSITORY_LINE" | sed 's,/,\\/,g')/{/cri-o/!s,/v1\.[0-9][0-9]*/deb,/v$MINOR/deb,g
}")
  REPOSITORY_CHANGED=''
  repository_refresh_key
  if [[ $text != "$before" ]]; then
    REPOSITORY_CHANGED=yes
    repository_write "$text"
    log "${REPOSITORY#"$ROOT"} leads to v$MINOR"
  fi
  # Only this one: what ails another repository is not the upgrade's business.
  if ! said=$(apt_get update -o "Dir::Etc::sourcelist=$REPOSITORY" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any); then
    log "$said"
    [[ -z $REPOSITORY_CHANGED ]] || repository_write "$before"
    fail "The package repository ${REPOSITORY_URL}$MINOR/deb/ cannot be used: $(apt_says "$said") ${REPOSITORY#"$ROOT"} is as it was. Does this node reach it, and does the mirror have v$MINOR?"
  fi
}

repository_write() {
  # Readable by all, as apt wants it.
  printf '%s\n' "$1" >"$REPOSITORY.new.$$" && chmod 644 "$REPOSITORY.new.$$" && mv -f "$REPOSITORY.new.$$" "$REPOSITORY" || fail "${REPOSITORY#"$ROOT"} cannot be written: is the disk full or read-only?"
}
