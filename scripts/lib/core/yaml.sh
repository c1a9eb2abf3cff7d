# Reading YAML, and JSON, which is YAML too. awk reads what people and tools write; the rest, anchors and tags, kubectl turns into JSON first
# (docs/decisions/0013-how-scripts-read-yaml.md).

# yaml_paths TEXT -> REPLY, a line `path=value` for each scalar of the first document, such as `spec.containers.0.name=etcd`; line breaks in a
# value are spaces, null is empty. Returns 1 where nobody can read it.
yaml_paths() {
  local json
  if REPLY=$(printf '%s\n' "${1//$'\r'/}" | yaml_flat); then return 0; fi
  json=$(printf '%s\n' "$1" | limited 10 kubectl annotate --local -f - kubeadm-autopilot/read=yes -o json 2>/dev/null) &&
    REPLY=$(printf '%s\n' "$json" | yaml_flat)
}

# yaml_file FILE -> REPLY: the same of a file
yaml_file() { file_text "$1" && yaml_paths "$REPLY"; }

# yaml_at PATHS PATH -> REPLY, the last value at PATH in what yaml_paths has read; empty where there is none
yaml_at() {
  local text=$'\n'$1$'\n'
  REPLY=''
  [[ $text == *$'\n'"$2="* ]] || return 0
  REPLY=${text##*$'\n'"$2="} REPLY=${REPLY%%$'\n'*}
}

# yaml_flat: of the document on stdin -> stdout. Ends with 3 at what it does not know.
yaml_flat() {
  awk '
    function no() { bad = 1; exit 3 }
    function trim(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }
    function tell(path, value) { gsub(/[\001-\037]+/, " ", value); count++; told[count] = path; values[count] = value }
    function scalar(path, text) { text = trim(text); if (text ~ /^[&*!%@`]/) no(); if (text ~ /^(~|null|Null|NULL)$/) text = ""; tell(path, text) }

    # What is read character by character is in `rest`, which goes on with the next line where that is needed.
    function more() { if (++at > lines) no(); rest = rest " " trim(line[at]) }
    function skip() { while (1) { sub(/^[ \t]+/, "", rest); if (rest == "" || rest ~ /^#/) { rest = ""; more() } else return } }
    function hex(text,   i, n) { for (i = 1; i <= 4; i++) n = n * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1; return n }
    function quoted(   q, c, text, i) {
      q = substr(rest, 1, 1); i = 2
      while (1) {
        if (i > length(rest)) { more(); continue }
        c = substr(rest, i, 1)
        if (c == q) { if (q == "\047" && substr(rest, i + 1, 1) == q) i++; else break }
        else if (c == "\\" && q == "\"") {
          c = substr(rest, ++i, 1)
          if (c == "") { if (++at > lines) no(); rest = substr(rest, 1, --i - 1) substr(line[at], depth_of(line[at]) + 1); continue }
          if (c == "u") { c = hex(substr(rest, i + 1, 4)); c = c > 0 && c < 128 ? sprintf("%c", c) : "?"; i += 4 }
          else if (c ~ /[ntr]/) c = " "
        }
        text = text c; i++
      }
      rest = substr(rest, i + 1)
      return text
    }
    function flow(path,   n, key, ending) {
      skip()
      if (rest ~ /^["\047]/) { tell(path, quoted()); return }
      if (rest !~ /^[[{]/) {
        while (rest !~ /[],}]|[ \t]#/ && at < lines) more()
        if (!match(rest, /^[^],}]+/)) no()
        if (match(key = substr(rest, 1, RLENGTH), /[ \t]#/)) key = substr(key, 1, RSTART - 1)
        rest = substr(rest, length(key) + 1)
        if (key ~ /: /) no()
        scalar(path, key); return
      }
      ending = rest ~ /^[[]/ ? "]" : "}"; rest = substr(rest, 2)
      for (n = 0; ; n++) {
        skip()
        if (substr(rest, 1, 1) == ending) break
        key = n
        if (ending == "}") {
          if (rest ~ /^["\047]/) key = quoted()
          else { if (!match(rest, /:([ \t[{"\047]|$)/)) no(); key = trim(substr(rest, 1, RSTART - 1)); rest = substr(rest, RSTART) }
          skip(); if (rest !~ /^:/) no()
          rest = substr(rest, 2)
          if (rest ~ /^[ \t]*[,}]/) { tell(join(path, key), ""); sub(/^[ \t]*,/, "", rest); continue }
        }
        flow(join(path, key)); skip()
        if (rest ~ /^,/) rest = substr(rest, 2)
        else if (substr(rest, 1, 1) != ending) no()
      }
      rest = substr(rest, 2)
    }

    # What stands behind a key or a dash that is `owner` deep. A plain text may go on in deeper lines.
    function value(path, text, owner,   plain) {
      if (text ~ /^[|>]/) { literal(path, owner); return }
      if (text ~ /^["\047[{]/) {
        rest = text
        if (text ~ /^["\047]/) tell(path, quoted()); else flow(path)
        if (rest !~ /^[ \t]*(#.*)?$/) no()
        return
      }
      sub(/(^|[ \t]+)#.*$/, "", text); text = trim(text); plain = text != ""
      while (plain && at < lines && line[at + 1] !~ /^[ \t]*#/ && (depth_of(line[at + 1]) > owner || line[at + 1] ~ /^ *$/)) text = text " " trim(line[++at])
      if (plain) scalar(path, text)
    }
    function depth_of(text) { match(text, /^ */); return RLENGTH }
    function literal(path, owner,   text) {
      while (at < lines && (depth_of(line[at + 1]) > owner || line[at + 1] ~ /^ *$/)) text = text " " trim(line[++at])
      tell(path, trim(text))
    }

    # One line, or what follows a dash in it. Levels: how deep, map or list, its path, and the next number of a list.
    function entry(deep, text, owner,   key, path) {
      while (level && (depth[level] > deep || (depth[level] == deep && list[level] && text !~ /^-([ \t]|$)/))) level--
      if (text ~ /^-([ \t]|$)/) {
        if (!level || depth[level] < deep || !list[level]) { base[level + 1] = pending; depth[++level] = deep; list[level] = 1; next_of[level] = 0 }
        path = join(base[level], next_of[level]++)
        key = text; sub(/^-[ \t]*/, "", key); pending = path
        if (key !~ /^(#.*)?$/) entry(deep + length(text) - length(key), key, deep)
        return
      }
      if (text ~ /^["\047]/) {
        rest = text; key = quoted()
        if (rest !~ /^[ \t]*:([ \t]|$)/) { if (rest !~ /^[ \t]*(#.*)?$/) no(); tell(pending, key); return }
        sub(/^[ \t]*:[ \t]*/, "", rest); text = rest
      }
      else if (text !~ /^[[{|>]/ && match(text, /:([ \t]|$)/) && substr(text, 1, RSTART) !~ /[ \t]#/) { key = substr(text, 1, RSTART - 1); text = substr(text, RSTART + 1) }
      if (key == "") { value(pending, text, owner); return }
      key = trim(key); if (key ~ /^[?&*!<]/) no()
      if (!level || depth[level] < deep) { base[level + 1] = pending; depth[++level] = deep; list[level] = 0 }
      pending = join(base[level], key)
      value(pending, trim(text), deep)
    }
    function join(path, key) { return path == "" ? key : path "." key }

    { if (NR == 1) sub(/^\357\273\277/, ""); line[++lines] = $0 }
    END {
      if (bad) exit 3
      for (at = 1; at <= lines; at++) {
        text = line[at]
        if (text ~ /^[ \t]*(#.*)?$/ || text ~ /^%/) continue
        if (text ~ /^(---|\.\.\.)([ \t]|$)/) {
          if (level || count || text ~ /^\./) break
          sub(/^---[ \t]*/, "", text)
          if (text ~ /^(#.*)?$/) continue
        }
        if (text ~ /^ *\t/) no()
        sub(/[ \t]+$/, "", text)
        deep = depth_of(text)
        if (!level) pending = ""
        entry(deep, substr(text, deep + 1), deep ? deep - 1 : -1)
      }
      if (bad) exit 3
      if (!count || told[1] == "") exit 3
      for (i = 1; i <= count; i++) print told[i] "=" values[i]
    }'
}
