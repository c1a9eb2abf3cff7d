# The kubelet runs every file in its folder of manifests, whatever its name ends with: a copy that somebody kept there is a second Pod of the same
# name, and which of the two runs is chance.

# second_manifests -> REPLY, which files that are not a component's own make its Pod again, as half a sentence; empty where none does
second_manifests() {
  local file name found=''
  for file in "$ROOT$MANIFESTS"/[!.]*; do
    name=${file##*/}
    [[ -f $file && ! ($name == *.yaml && " $STATIC_PODS " == *" ${name%.yaml} "*) ]] || continue
    manifest_pod "$file"
    [[ $REPLY != kube-system/* || " $STATIC_PODS " != *" ${REPLY#*/} "* ]] || found="$found, ${name//[^ -~]/?} makes a second Pod ${REPLY#*/}"
  done
  REPLY=${found#, }
}

# manifest_pod FILE -> REPLY, namespace/name of its Pod; empty when it makes none. kubectl reads any form; without one the forms of kubeadm and JSON.
manifest_pod() {
  local said
  said=$(limited 5 kubectl annotate --local -f - kubeadm-autopilot/read=yes -o 'jsonpath={.kind} {.metadata.namespace}/{.metadata.name}{"\n"}' <"$1" 2>&1) || true
  case $said in
    'Pod '*) REPLY=${said#Pod } REPLY=${REPLY%%$'\n'*} ;;
    # What kubectl cannot read, the kubelet cannot either.
    *'error parsing '* | *'unable to decode'*) REPLY='' ;;
    *) REPLY=$(manifest_pod_plain <"$1") || REPLY='' ;;
  esac
}

# manifest_pod_plain: of the manifest on stdin -> stdout, the same
manifest_pod_plain() {
  tr -d '\000\r' | awk '
    /^[{]/ && NR == 1 { json = 1 }
    json { text = text $0; next }
    /^---/ && kind != "" { exit }
    /^kind:/ { kind = value($0) }
    /^[A-Za-z]/ { inside = /^metadata:/; deep = 0 }
    inside && /^ +[^ #]/ { match($0, /^ +/); if (!deep) deep = RLENGTH }
    inside && /^ +name:/ && RLENGTH == deep { pod = value($0) }
    inside && /^ +namespace:/ && RLENGTH == deep { space = value($0) }
    function value(line) { sub(/^[^:]*: */, "", line); sub(/ +#.*$/, "", line); gsub(/["\047]| +$/, "", line); return line }
    function field(name,   found) {
      if (!match(text, "\"" name "\" *: *\"[^\"]*\"")) return ""
      found = substr(text, RSTART, RLENGTH); sub(/^"[^"]*" *: *"/, "", found); sub(/"$/, "", found); return found
    }
    END {
      if (json) { kind = field("kind"); sub(/.*"metadata" *: *[{]/, "", text); pod = field("name"); space = field("namespace") }
      if (kind == "Pod") print space "/" pod
    }'
}
