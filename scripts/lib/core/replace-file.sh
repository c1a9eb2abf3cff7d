# Replacing a file that may be in somebody else's folder, as root. Whoever may write in a folder can put a link, a pipe or another file under
# any name in it, at any moment. So nothing there is opened: a hard link to the file goes into STAGING, a folder that only root can enter.
# There it is looked at and read, and there the new file is made, which takes the old one's place by a rename. Neither a hard link made with
# -P nor a rename follows a link.
#
# A hard link and a rename need the same file system: STAGING is in the deepest folder above the file in which only root may write.
# $STATE/staging has the path of each that may be there, so that the next run removes what a kill left behind.

# only_root_writes FOLDER: it is no link, it is root's, and nobody else may write in it. (A right that an ACL gives shows in the group's letters.)
only_root_writes() {
  local listing
  listing=$(limited 5 ls -ldn "$1") || return 1
  # shellcheck disable=SC2086 # fields of ls: mode, links, owner
  set -- $listing
  [[ $1 == d* && ${1:5:1} != w && ${1:8:1} != w && $3 == "$(id -u)" ]]
}

# staging_of FILE -> REPLY
staging_of() {
  local rest=${1#"$ROOT"/} folder=$ROOT
  while [[ $rest == */* ]] && only_root_writes "$folder/${rest%%/*}"; do
    folder=$folder/${rest%%/*} rest=${rest#*/}
  done
  REPLY=$folder/.kubeadm-autopilot
}

# staging_remember FILE...: before the first is taken. Returns 1 when the disk does not take it.
staging_remember() {
  local file text=''
  for file in "$@"; do
    staging_of "$file"
    text=$text$REPLY$'\n'
  done
  write_file "$STATE/staging" "${text%$'\n'}"
}

# staging_remove: what this run has made, or one before it
staging_remove() {
  local folder
  [[ -f $STATE/staging ]] || return 0
  while IFS= read -r folder; do
    # Where somebody else may write by now, anything may have taken its place.
    staging_of "$folder"
    if [[ $REPLY == "$folder" ]]; then rm -rf "$folder"; fi
  done <"$STATE/staging"
  rm -f "$STATE/staging"
}

# file_take FILE MOST-BYTES: enters its folder and sets STAGING, in which `taken` is the file itself and `copy` a copy with owner, mode, ACL and
# SELinux context. Returns 1 where it has to be left alone; REPLY is the reason.
file_take() {
  local folder=${1%/*} name=${1##*/} root
  staging_of "$1" && STAGING=$REPLY
  REPLY='there is no such file'
  # `ls` shows a link itself. A file system of its user's that does not answer would hold up cd for ever.
  limited 5 ls -d "$folder/." >/dev/null && cd -P "$folder" || return 1
  root=$(cd -P "${ROOT:-/}" && pwd -P) || root=''
  [[ $(pwd -P) == "${root%/}${folder#"$ROOT"}" ]] || { REPLY='its path leads through a symbolic link, or is not the shortest' && return 1; }
  limited 5 ls -d "./$name" >/dev/null || return 1
  rm -rf "$STAGING"
  mkdir -m 700 "$STAGING" || { REPLY="no folder can be made in ${STAGING%/*}: is the disk full or read-only?" && return 1; }
  ln -P "./$name" "$STAGING/taken" || { REPLY="it is not on the file system of ${STAGING%/*}, the folder above it in which only root may write" && return 1; }
  if [[ -L $STAGING/taken ]]; then REPLY='it is a symbolic link' && return 1; fi
  if [[ ! -f $STAGING/taken ]]; then REPLY='it is no regular file' && return 1; fi
  # shellcheck disable=SC2046 # fields of ls: mode, links, owner, group, size
  set -- "$2" $(ls -ln "$STAGING/taken")
  if [[ ${3:-0} -gt 2 ]]; then REPLY='it has more than one name (hard links)' && return 1; fi
  if [[ ${6:-} -gt $1 ]]; then REPLY="it has $6 bytes, and $1 are read at most" && return 1; fi
  # It may grow meanwhile.
  (ulimit -f $(($1 / 1024 + 1)) && cp -a "$STAGING/taken" "$STAGING/copy") || { REPLY='it cannot be copied: is the disk full?' && return 1; }
}

# file_give FILE TEXT: after file_take, `copy` with TEXT in it takes the file's place. Returns 1 when it did not; REPLY is the reason.
file_give() {
  local name=${1##*/} only_name=-T inode
  # -T: what is put in its place meanwhile is replaced, and nothing goes into it if that is a folder. BSD's mv has no -T, and needs none where
  # only root may write.
  if [[ ${STAGING%/*} == "${1%/*}" ]]; then only_name=''; fi
  REPLY='it could not be written: is the disk full?'
  printf '%s\n' "$2" >"$STAGING/copy" || return 1
  inode=$(ls -di "$STAGING/taken") inode=${inode%% "$STAGING"*}
  if [[ $(limited 5 ls -di "./$name") != *"$inode ./$name" ]]; then REPLY='another file took its place meanwhile' && return 1; fi
  mv -f ${only_name:+"$only_name"} "$STAGING/copy" "./$name"
}
