# The images of a version, pulled before they are needed.

# images_pull: what is not on the node yet. Sets PULLED to yes when something was.
images_pull() {
  local image said present
  PULLED=''
  command -v crictl >/dev/null || { log 'crictl is not on this node: its images are pulled when they are needed' && IMAGES='' && return 0; }
  present=$(limited 30 crictl images -o json) || fail "crictl does not tell the images of this node: look at the container runtime (crictl info), then run this again."
  for image in $IMAGES; do
    if [[ $present == *"\"$image\""* ]]; then continue; fi
    log "pull $image"
    said=$(limited 600 crictl pull "$image" 2>&1) || fail "The image $image cannot be pulled: $(printf '%s' "$said" | tail -n 1 | tail -c 300)"
    PULLED=yes
  done
}
