# The arguments that a process gets, as its own parser reads them.

# manifest_read COMPONENT -> REPLY, what the static pod's manifest says: its values as yaml_paths tells them, then a line `--name=value` for each
# flag of the component (arguments_read), with paths as they are on the node. Empty when there is none. What was read before is kept by its text.
MANIFEST_TEXTS=() MANIFESTS_SAY=()
manifest_read() {
  local text said mounts arguments i
  REPLY=''
  [[ -f $ROOT$MANIFESTS/$1.yaml ]] || return 0
  file_text "$ROOT$MANIFESTS/$1.yaml" || REPLY=''
  text=$REPLY
  for ((i = 0; i < ${#MANIFEST_TEXTS[@]}; i++)); do
    if [[ ${MANIFEST_TEXTS[i]} == "$1=$text" ]]; then REPLY=${MANIFESTS_SAY[i]} && return 0; fi
  done
  if yaml_paths "$text"; then
    said=$REPLY
    mounts=$(printf '%s\n' "$said" | container_mounts "$1")
    arguments=$(printf '%s\n' "$said" | arguments_read "$1" | on_the_node "$mounts")
    if [[ $1 == etcd ]] && etcd_settings "$arguments"; then arguments=$(printf '%s\n' "$REPLY" | on_the_node "$mounts"); fi
    REPLY=$said${mounts:+$'\n'$mounts}$'\n'$arguments
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

# container_mounts COMPONENT: of a Pod's values on stdin -> stdout, a line `mounted PATH-IN-CONTAINER<tab>PATH-ON-NODE` for each folder or file of
# the node in that container; nothing where each has the same path in both, as kubeadm mounts them.
container_mounts() {
  awk -v component="$1" '
    { key = text = $0; sub(/=.*/, "", key); sub(/^[^=]*=/, "", text); gsub(/\/+/, "/", text); sub(/\/$/, "", text); v[key] = text }
    END {
      for (i = 0; (k = "spec.volumes." i ".") "name" in v; i++) if (k "hostPath.path" in v) host[v[k "name"]] = v[k "hostPath.path"]
      for (i = 9; i >= 0; i--) if (v["spec.containers." i ".name"] == component) chosen = i
      for (i = 0; (k = "spec.containers." chosen + 0 ".volumeMounts." i ".") "mountPath" in v; i++)
        if (v[k "name"] in host) {
          outside = host[v[k "name"]] (k "subPath" in v ? "/" v[k "subPath"] : "")
          differs += outside != v[k "mountPath"]; lines = lines "mounted " v[k "mountPath"] "\t" outside "\n"
        }
      if (differs) printf "%s", lines
    }'
}

# on_the_node MOUNTS [FROM TO]: of flags on stdin -> stdout, with each path in their values as it is on the node (1 2) or in the container (2 1). Of
# several mounts that fit, the deepest counts. MOUNTS: lines of container_mounts, also among others.
on_the_node() {
  MOUNTS=$1 awk -v from="${2:-1}" -v to="${3:-2}" '
    function there(path,   i, m, best, found) {
      for (i = 2; i <= n; i++)
        if (split(mount[i], m, "[\t\n]") && index(path "/", m[from] "/") == 1 && length(m[from]) > best) { best = length(m[from]); found = m[to] substr(path, best + 1) }
      return best ? found : path
    }
    BEGIN { n = split("\n" ENVIRON["MOUNTS"], mount, "\nmounted ") }
    {
      name = $0; sub(/=.*/, "", name); parts = split(substr($0, length(name) + 2), part, ","); text = ""
      for (i = 1; i <= parts; i++) text = text "," there(part[i])
      print name "=" substr(text, 2)
    }'
}

# node_path MOUNTS PATH -> REPLY, where a path of a container is on the node; container_path the other way round
node_path() { mounted_path "$1" "$2"; }
container_path() { mounted_path "$1" "$2" 2 1; }

# mounted_path MOUNTS PATH [FROM TO]: without a process where every path is the same in both
mounted_path() {
  REPLY=$2
  [[ $1 == *'mounted /'* ]] || return 0
  REPLY=$(printf '=%s\n' "$2" | on_the_node "$1" "${@:3}") REPLY=${REPLY#=}
}

# etcd_settings ARGUMENTS -> REPLY, what etcd's --config-file says, as flags. With one etcd takes nothing else. Returns 1 where there is none to read.
etcd_settings() {
  flag "$1" config-file
  [[ $REPLY == /* && -f $ROOT$REPLY ]] && yaml_file "$ROOT$REPLY" || return 1
  REPLY=$(printf '%s\n' "$REPLY" | sed -n -e 's/^client-transport-security\./--/p' -e 's/^peer-transport-security\./--peer-/p' -e 's/^\([a-z][a-z0-9-]*=\)/--\1/p')
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
