# Writing JSON without jq: any text becomes a correct JSON string.

# json_string TEXT -> REPLY, with its quotes. Plain text takes no process; the rest goes through awk, byte by byte.
json_string() {
  case $1 in
    *[[:cntrl:]\"\\]*)
      REPLY=$(printf '%s\n' "$1" | awk '
        BEGIN { for (i = 1; i < 32; i++) code[sprintf("%c", i)] = sprintf("\\u%04x", i); code["\""] = "\\\""; code["\\"] = "\\\\" }
        NR > 1 { printf "\\n" }
        { for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); printf "%s", (c in code) ? code[c] : c } }')
      REPLY="\"$REPLY\""
      ;;
    *) REPLY="\"$1\"" ;;
  esac
}

# An object is built in OBJECT, which its builder declares local or empties first:
#   put NAME TEXT       adds a string, nothing when TEXT is empty
#   put_raw NAME JSON   adds a number, true, an object ...; nothing when JSON is empty
#   put_close           -> REPLY, the object
put() {
  [[ -n $2 ]] || return 0
  json_string "$2"
  OBJECT="$OBJECT,\"$1\":$REPLY"
}
put_raw() {
  [[ -n $2 ]] || return 0
  OBJECT="$OBJECT,\"$1\":$2"
}
put_close() { REPLY="{${OBJECT#,}}"; }
