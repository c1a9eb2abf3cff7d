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

# manifest_pod FILE -> REPLY, namespace/name of its Pod; empty when it makes none, or when nobody can read it: the kubelet cannot either.
manifest_pod() {
  local paths namespace
  yaml_file "$1" || REPLY=''
  paths=$REPLY
  yaml_at "$paths" kind
  if [[ $REPLY != Pod ]]; then REPLY='' && return 0; fi
  yaml_at "$paths" metadata.namespace && namespace=$REPLY
  yaml_at "$paths" metadata.name
  REPLY=$namespace/$REPLY
}
