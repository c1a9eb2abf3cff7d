# Would the components take their new arguments? One that does not know a flag ends at once; with `--version` at the end of its arguments it says so
# without doing anything else (takes_arguments, lib/upgrade/ask-binaries.sh). They are asked out of the images that run.

# ask_components FOLDER: with the arguments of the manifests there. Ends the step where one refuses; one that cannot be asked is left to its turn.
ask_components() {
  local component argument image arguments mount=$RENDERING/image refused=''
  command -v ctr >/dev/null || { log 'ctr is not on this node: the components are not asked' && return 0; }
  for component in kube-apiserver $ELECTED; do
    manifest_image "$component" && image=$REPLY
    mkdir -p "$mount"
    if ! limited 60 ctr -n k8s.io images mount "$image" "$mount" >/dev/null; then log "the image $image cannot be looked into: $component is not asked" && continue; fi
    arguments=()
    while IFS= read -r argument; do arguments+=("$argument"); done < <(sed -n 's/^ *- *["'\'']\{0,1\}\(--[^"'\'']*\).*/\1/p' "$1/$component.yaml")
    if [[ -x $mount/usr/local/bin/$component ]]; then
      takes_arguments "$mount/usr/local/bin/$component" ${arguments[@]+"${arguments[@]}"} || refused=$REPLY
    fi
    limited 30 ctr -n k8s.io images unmount --rm "$mount" >/dev/null 2>&1 || true
    [[ -z $refused ]] || refuse "$component would not start with the arguments that the settings give it: $refused. Correct extraArgs or patches in the section kubernetes of the cluster's settings, deploy, then start again."
  done
}
