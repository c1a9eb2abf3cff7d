# What the package repositories of other minors offer this node. Asked with lists and a key of their own: apt's are left as they are.

OFFERS=$STATE/inspection/repositories

# repository_address -> REPLY, the address of this node's own repository up to the minor (https://pkgs.k8s.io/core:/stable:/v), so mirrors stay
repository_address() {
  # Of these files not all need be there.
  REPLY=$({ cat "$ROOT"/etc/apt/sources.list "$ROOT"/etc/apt/sources.list.d/*.list "$ROOT"/etc/apt/sources.list.d/*.sources 2>/dev/null || true; } |
    grep -v 'cri-o' | sed -n 's|^[^#]*\(https\{0,1\}:[^ #]*/v\)1\.[0-9][0-9]*/deb.*|\1|p' | head -n 1) || REPLY=''
}

# offers_json FROM TO -> REPLY, an object for each minor 1.FROM ... 1.TO
offers_json() {
  local minor rows=''
  rm -rf "$OFFERS"
  for ((minor = $1; minor <= $2 && minor < $1 + 20; minor++)); do
    offer_json "1.$minor"
    rows="$rows,$REPLY"
  done
  rm -rf "$OFFERS"
  REPLY="[${rows#,}]"
}

# offer_json MINOR -> REPLY
offer_json() {
  local OBJECT='' address said folder=$OFFERS/$1
  put minor "$1"
  if offer_lists "$1" "$folder"; then
    names_json 40 "$(offered_versions "$1" "$folder")"
    put_raw versions "$REPLY"
    key_ends "$folder/key.asc" && put keyEnds "$REPLY"
  else
    put reason "$REPLY"
    put_raw versions '[]'
  fi
  put_close
}

# offer_lists MINOR FOLDER: reads the repository's lists into FOLDER. REPLY says why not.
offer_lists() {
  local address said
  repository_address && address=$REPLY
  [[ -n $address ]] || { REPLY='apt knows no repository of Kubernetes packages on this node' && return 1; }
  (umask 077 && mkdir -p "$2/lists/partial" "$2/cache") 2>/dev/null || { REPLY='there is no room to ask' && return 1; }
  said=$(limited 40 curl -fsSL --max-time 30 --max-filesize 1048576 -o "$2/key.asc" "${address}$1/deb/Release.key" 2>&1) || {
    REPLY="${address}$1/deb/Release.key cannot be fetched: $(one_line "$said")" && return 1
  }
  printf 'deb [signed-by=%s] %s /\n' "$2/key.asc" "${address}$1/deb/" >"$2/list"
  said=$(offer_apt "$2" apt-get -q update -o APT::Update::Error-Mode=any 2>&1) && return 0
  REPLY="${address}$1/deb/: $(printf '%s\n' "$said" | grep '^[EW]:' | tail -n 2 | tr '\n' ' ' | head -c 300)"
  return 1
}

# offer_apt FOLDER TOOL ARGUMENTS...: apt with nothing but the lists in FOLDER, which root alone can read
offer_apt() {
  local folder=$1 tool=$2
  shift 2
  limited 60 "$tool" -o APT::Sandbox::User=root -o "Dir::Etc::sourcelist=$folder/list" -o Dir::Etc::sourceparts=- \
    -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache" "$@"
}

# offered_versions MINOR FOLDER -> stdout: releases of which all three packages are there, newest first
offered_versions() {
  offer_apt "$2" apt-cache madison kubeadm kubelet kubectl 2>/dev/null | awk -F'|' -v minor="$1." '
    { name = $1; version = $2; gsub(/ /, "", name); gsub(/ /, "", version); sub(/-.*/, "", version) }
    index(version, minor) == 1 && !((name, version) in seen) { seen[name, version]; if (++count[version] == 3) print version }' | sort -t. -k3,3nr
}

# key_ends FILE -> REPLY, when the first key in it to end does; returns 1 where none does, or gpg is not there to tell
key_ends() {
  local end
  command -v gpg >/dev/null || return 1
  end=$(limited 10 gpg --batch --no-default-keyring --homedir "$OFFERS" --show-keys --with-colons "$1" 2>/dev/null | awk -F: '$1 == "pub" && $7 ~ /^[0-9]+$/ { print $7 }' | sort -n | head -n 1)
  [[ -n $end ]] || return 1
  iso_of "$end"
}
