# write_file FILE TEXT: complete or not at all, readable by root alone. Returns 1 when the disk does not take it.
write_file() {
  local new=$1.new.$$
  if (umask 077 && mkdir -p "${1%/*}" && printf '%s\n' "$2" >"$new" && mv -f "$new" "$1") 2>/dev/null; then return 0; fi
  rm -f "$new" 2>/dev/null || true
  return 1
}
