# The arguments that a process gets, as its own parser reads them.

# manifest_read COMPONENT -> REPLY, what the static pod's manifest says: its values as yaml_paths tells them, then a line `--name=value` for each
# flag of the component (arguments_read). Empty when there is none. What was read before is kept by its text.
MANIFEST_TEXTS=() MANIFESTS_SAY=()
manifest_read() {
  local text i
  REPLY=''
  [[ -f $ROOT$MANIFESTS/$1.yaml ]] || return 0
  file_text "$ROOT$MANIFESTS/$1.yaml" || REPLY=''
  text=$REPLY
  for ((i = 0; i < ${#MANIFEST_TEXTS[@]}; i++)); do
    if [[ ${MANIFEST_TEXTS[i]} == "$1=$text" ]]; then REPLY=${MANIFESTS_SAY[i]} && return 0; fi
  done
  if yaml_paths "$text"; then
    REPLY="$REPLY"$'\n'"$(printf '%s\n' "$REPLY" | arguments_read "$1")"
    MANIFEST_TEXTS+=("$1=$text") MANIFESTS_SAY+=("$REPLY")
  else
    # Somebody is writing it, or it is broken: what looks like a flag counts.
    REPLY=$(printf '%s\n' "$text" | sed -n 's/^[[:space:]]*-[[:space:]]*["'\'']\{0,1\}\(-[^"'\'']*\).*/\1/p' | arguments_read)
    [[ -z $text ]] || REPLY="kind=${REPLY:+$'\n'$REPLY}"
  fi
}

# arguments_read [COMPONENT]: of arguments on stdin, a line each -> stdout, a line `--name=value` for each flag, in their order: the last one counts.
# A value may be the next argument; a name may have _ for -; etcd also takes one dash. A shell's command line is taken apart into its words. With
# COMPONENT stdin has a Pod's values, and the arguments are those of its container, the one of that name or the first: what etcd takes from its
# environment, `command`, `args`.
arguments_read() {
  awk -v component="${1:-}" '
    function tell() { if (name != "") print name "=" value; name = "" }
    function argument(text,   words, n, i) {
      if (text ~ /^--?[A-Za-z]/) {
        tell(); sub(/^--?/, "--", text)
        name = text; value = "true"; bare = text !~ /=/
        if (!bare) { sub(/=.*/, "", name); value = substr(text, length(name) + 2) }
        gsub(/_/, "-", name)
      } else if (text ~ /[ \t]--/) { gsub(/["\047]/, "", text); n = split(text, words, /[ \t]+/); for (i = 1; i <= n; i++) argument(words[i]) }
      else if (name != "" && bare) { value = text; bare = 0 }
    }
    function arguments(list,   lines, n, i) { n = split(list, lines, "\n"); for (i = 1; i < n; i++) argument(lines[i]) }
    component == "" { argument($0); next }
    !sub(/^spec\.containers\./, "") { next }
    { number = $0; sub(/\..*/, "", number); sub(/^[0-9]+\./, ""); key = $0; sub(/=.*/, "", key); text = substr($0, length(key) + 2) }
    key == "name" && text == component && !named { chosen = number + 0; named = 1 }
    key ~ /^command\./ { command[number] = command[number] text "\n" }
    key ~ /^args\./ { args[number] = args[number] text "\n" }
    key ~ /^env\.[0-9]+\.name$/ { variable = text }
    key ~ /^env\.[0-9]+\.value$/ && component == "etcd" && sub(/^ETCD_/, "", variable) {
      gsub(/_/, "-", variable); environment[number] = environment[number] "--" tolower(variable) "=" text "\n"
    }
    END { arguments(environment[chosen + 0] command[chosen + 0] args[chosen + 0]); tell() }'
}

# flag TEXT NAME -> REPLY, the value of --NAME in what arguments_read has told; empty when it is not set.
flag() {
  local text=$'\n'$1$'\n'
  REPLY=''
  [[ $text == *$'\n'"--$2="* ]] || return 0
  REPLY=${text##*$'\n'"--$2="} REPLY=${REPLY%%$'\n'*}
}

# flag_path TEXT NAME DEFAULT -> REPLY, an absolute path
flag_path() {
  flag "$1" "$2"
  [[ $REPLY == /* ]] || REPLY=$3
}

# flag_port TEXT DEFAULT -> REPLY, the component's --secure-port; 0 where it does not listen
flag_port() {
  flag "$1" secure-port
  [[ $REPLY =~ ^[0-9]{1,5}$ && ($REPLY == 0 || $REPLY != 0*) ]] || REPLY=$2
}
