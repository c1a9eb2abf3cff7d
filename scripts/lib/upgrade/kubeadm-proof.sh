# What has to be true after kubeadm, whatever it said.

# manifests_as_wanted: their images are those of VERSION. kubeadm leaves an etcd that is newer than its own alone. REPLY says what is not so.
manifests_as_wanted() {
  local component wanted
  own_static_pods
  for component in $REPLY; do
    image_of "$component" && wanted=$REPLY
    manifest_image "$component"
    if [[ -z $wanted || $REPLY == "$wanted" ]]; then continue; fi
    if [[ $component == etcd ]] && version_newer "${REPLY##*:}" "${wanted##*:}"; then continue; fi
    REPLY="the manifest of $component has ${REPLY:-no image}, not $wanted"
    return 1
  done
}

# is_finished: this very run was done before. A component that is not well now is nothing that kubeadm would mend: it takes the manifests for it.
is_finished() {
  [[ -s $FINISHED && $(cat "$FINISHED") == "$THIS_RUN" ]] || return 1
  [[ $CONTROL_PLANE == yes ]] || return 0
  manifests_as_wanted || return 1
  wait_until_well "$UPGRADE_PATIENCE" || { component_says "$REPLY" && fail_with "kubeadm is done here, but $REPLY"; }
}

# fail_with REASON: the node is left as well as it can be
fail_with() {
  keep_kubelet_alive
  fail "$1. See ${LOG#"$ROOT"}; manifests from before: ${MANIFESTS_BEFORE#"$ROOT"}. Remove the cause, then run this again: it goes on."
}

# fail_upgrade: kubeadm itself failed
fail_upgrade() {
  local reason
  reason=$(kubeadm_ended)
  if [[ $CONTROL_PLANE == yes ]] && ! wait_until_well "$PATIENCE"; then
    component_says "$REPLY"
    reason="$reason; now $REPLY"
  fi
  fail_with "$reason"
}

prove_upgrade() {
  local but='kubeadm ended well, but'
  # Written anew in every run, on every node.
  [[ -n $(find "$ROOT$KUBELET/config.yaml" -newer "$UNFINISHED" 2>/dev/null) ]] || fail_with "$but did not write $KUBELET/config.yaml"
  [[ $CONTROL_PLANE == yes ]] || return 0
  manifests_as_wanted || fail_with "$but $REPLY"
  wait_until_well "$UPGRADE_PATIENCE" || { component_says "$REPLY" && fail_with "$but $REPLY"; }
  if [[ -s $KUBELET_SERVER ]]; then
    kubelet_server_return
    wait_until_well "$UPGRADE_PATIENCE" || fail_with "The kubelet talks to its own API server again, and $REPLY"
  fi
  wait_for_mirror_pods || fail_with "$but $REPLY"
  current_configuration
  configuration_value kubernetesVersion
  [[ $REPLY == "v$VERSION" ]] || fail_with "$but the ConfigMap kube-system/kubeadm-config has kubernetesVersion $REPLY"
  wait_for_leases
}
