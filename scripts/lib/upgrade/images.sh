# The container images that a version of Kubernetes consists of.

# images_wanted KUBEADM: sets IMAGES, a line each: those of VERSION for this cluster. A worker runs none of the control plane's.
images_wanted() {
  local file=$STATE/upgrade/configuration.yaml
  write_or_fail "$file" "$(printf '%s\n' "$CONFIGURATION" | sed "s/^kubernetesVersion: .*/kubernetesVersion: v$VERSION/")"
  IMAGES=$(limited 20 "$1" config images list --config "$file" 2>>"${LOG:-/dev/null}") || IMAGES=''
  rm -f "$file"
  IMAGES=$(printf '%s\n' "$IMAGES" | grep '^[a-z0-9][^ ]*:[^ ]*$') || IMAGES=''
  [[ $'\n'$IMAGES == */kube-proxy:* ]] || fail "kubeadm $VERSION does not tell the images of this cluster: its log has the reason (kubeadm config images list)."
  if [[ $CONTROL_PLANE != yes ]]; then IMAGES=$(printf '%s\n' "$IMAGES" | grep -v '/etcd:\|/kube-apiserver:\|/kube-controller-manager:\|/kube-scheduler:'); fi
}

# image_of COMPONENT -> REPLY, of IMAGES
image_of() {
  local image
  for image in $IMAGES; do
    if [[ $image == */* && ${image##*/} == "$1:"* ]]; then REPLY=$image && return 0; fi
  done
  REPLY=''
}
