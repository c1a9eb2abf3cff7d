# The image of a static pod: what its manifest says, and what really runs.

# manifest_image COMPONENT -> REPLY, the image of its first container in the manifest
manifest_image() {
  file_text "$ROOT$MANIFESTS/$1.yaml" || REPLY=''
  # The first line of it: without a process, because a step asks again and again.
  [[ $'\n'$REPLY =~ $'\n'\ *(-\ )?image:\ *[\"\']?([^\"\'[:space:]]*) ]] || { REPLY='' && return 0; }
  REPLY=${BASH_REMATCH[2]}
}

# runs_image COMPONENT IMAGE: its running container has this image. The runtime is asked, because a mirror pod may be that of an older manifest.
# REPLY says why not.
runs_image() {
  local image listed
  static_pod_container "$1" || true
  if [[ -z $REPLY ]]; then REPLY="$1 is not running" && return 1; fi
  image=$(limited 10 crictl ps --id "$REPLY" -o json | tr -d '[:space:]') || image=''
  image=${image#*'"image":{'} image=${image#*'"image":"'} image=${image%%\"*}
  REPLY="$1 does not run $2 yet"
  [[ $image != "$2" ]] || return 0
  # Most runtimes know it by its id, which comes first of what is told about an image.
  listed=$(limited 10 crictl images -o json | tr -d '[:space:]') || listed=''
  [[ -n $image && $listed == *"\"id\":\"$image\""* ]] || return 1
  listed=${listed#*"\"id\":\"$image\""}
  [[ ${listed%%'"id":'*} == *"\"$2\""* ]]
}
