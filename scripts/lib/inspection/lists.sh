# Lists of names for the answer, bounded: 50 nodes' answers, or that about a cluster of hundreds of nodes, have to fit into 24,000 characters.

# names_json MOST TEXT -> REPLY, an array of its lines, each cut at 300 characters
names_json() {
  local most=$1 line rows='' count=0
  while IFS= read -r line && [[ $count -lt $most ]]; do
    [[ -n $line ]] || continue
    json_string "${line:0:300}"
    rows="$rows,$REPLY" count=$((count + 1))
  done < <(printf '%s\n' "$2")
  REPLY="[${rows#,}]"
}

# gate_names TEXT -> stdout, a line each of the feature gates in it: A=true,B=false as flags have them, {"A":true} as kubectl writes them
gate_names() { printf '%s\n' "$1" | grep -o '[A-Z][A-Za-z0-9]*"\{0,1\}[=:]' | tr -d '"=:' | sort -u; }

# flag_names: of the lines on stdin, arguments -> stdout, the names of the flags, without dashes and values
flag_names() { sed -n 's/^[^-]*--\([a-zA-Z0-9_-]*\).*/\1/p' | tr _ - | sort -u; }

# fact OK REASON -> REPLY, {"ok":true} or {"ok":false,"reason":...}
fact() {
  local OBJECT=''
  put_raw ok "$1"
  [[ $1 == true ]] || put reason "$(one_line "$2")"
  put_close
}

# yaml_fields JSONPATH: of the YAML document on stdin -> stdout. kubectl reads it, offline, in whatever style it was written.
yaml_fields() { limited 10 kubectl annotate --local -f - kubeadm-autopilot/read=yes -o "jsonpath=$1" 2>&1; }
