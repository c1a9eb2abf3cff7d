# The disk of this node: a file is written whole or not at all; what is free.

# write_file FILE TEXT: complete or not at all, readable by root alone. Returns 1 when the disk does not take it.
write_file() {
  local new=$1.new.$$
  if (umask 077 && mkdir -p "${1%/*}" && printf '%s\n' "$2" >"$new" && mv -f "$new" "$1") 2>/dev/null; then return 0; fi
  rm -f "$new" 2>/dev/null || true
  return 1
}

# write_or_fail FILE TEXT: the same; the step ends when the disk does not take it
write_or_fail() { write_file "$@" || fail "${1#"$ROOT"} cannot be written: is the disk full or read-only?"; }

# disk_free_kib DIRECTORY -> REPLY, of the file system that takes it; the directory need not be there yet
disk_free_kib() {
  local directory=$1
  while [[ ! -d $directory && $directory == */* ]]; do directory=${directory%/*}; done
  REPLY=$(df -Pk "${directory:-/}" | awk 'NR == 2 { print $4 }') || REPLY=''
  [[ $REPLY =~ ^[0-9]+$ ]] || REPLY=0
}
