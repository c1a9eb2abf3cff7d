# What upgrade-kubeadm.sh is told, and what has to be true before kubeadm runs: kubeadm's own checks leave out most of it, and
# `kubeadm upgrade node` checks nothing at all.

# The manifests from before the first run of a version: what a kill in the middle of a move takes away comes back from here.
MANIFESTS_BEFORE=$STATE/upgrade/manifests-before

upgrade_parameters() {
  version_parameter
  parameter_like Command 'apply|node' && COMMAND=$REPLY
  parameter_like KubeletServer 'endpoint|own' && SERVER=$REPLY
  parameter_yes_no RenewCertificates && RENEW=$REPLY
  parameter_like SkipPhases '[a-z0-9/-]+(,[a-z0-9/-]+)*' && SKIP=$REPLY
  parameter_like IgnoreErrors '[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*' && IGNORE=$REPLY
  [[ ! ,$REPLY, =~ ,[Aa][Ll][Ll], ]] || refuse "Parameter IgnoreErrors is '${REPLY:0:60}', expected single checks: never all of them."
}

is_unfinished() { [[ -s $UNFINISHED && $(cat "$UNFINISHED") == "$VERSION" ]]; }

upgrade_preconditions() {
  local minor
  refuse_unless_joined
  [[ $CONTROL_PLANE == yes || $COMMAND == node ]] || refuse 'Command is apply, but this node is no control plane: check the tag kubeadm-autopilot:role.'
  packages_begin
  packages_refuse_older "$VERSION" kubeadm
  package_version kubeadm
  minor=${REPLY#*.} minor=${minor%%.*}
  [[ $((minor + 1)) -ge ${MINOR#*.} ]] || refuse "kubeadm $REPLY is installed: upgrade to 1.$((minor + 1)) before $VERSION."
  kubelet_active || refuse "The kubelet restarts what kubeadm upgrades, but $REPLY; start it, then run this again."
  if [[ $CONTROL_PLANE == yes ]]; then control_plane_preconditions; fi
}

control_plane_preconditions() {
  local component free needed
  [[ $MANIFESTS == "$KUBERNETES/manifests" || $ROOT$MANIFESTS -ef $ROOT$KUBERNETES/manifests ]] ||
    refuse "The kubelet of this node runs what is in $MANIFESTS (staticPodPath), and kubeadm upgrades manifests in $KUBERNETES/manifests alone: set staticPodPath to that folder and move them there, then run this again."
  own_static_pods
  for component in $REPLY; do
    if [[ ! -s $ROOT$MANIFESTS/$component.yaml && -s $MANIFESTS_BEFORE/$component.yaml ]] && is_unfinished; then
      log "$component.yaml is missing: put back as it was"
      # Not written there bit by bit: the kubelet takes every file for a pod.
      cp -p "$MANIFESTS_BEFORE/$component.yaml" "$ROOT$KUBERNETES/" && mv "$ROOT$KUBERNETES/$component.yaml" "$ROOT$MANIFESTS/"
      topology
    fi
    manifest_image "$component"
    [[ -n $REPLY ]] || refuse "$MANIFESTS/$component.yaml is not there or names no image: put it back (see $KUBERNETES/tmp/kubeadm-backup-manifests-*), then run this again."
  done
  [[ $ETCD == stacked ]] || return 0
  # kubeadm copies etcd's whole data there in every run.
  flag_path "$ETCD_MANIFEST" data-dir /var/lib/etcd
  needed=$(du -sk "$ROOT$REPLY" 2>/dev/null | awk '{ print $1 }') || needed=''
  needed=$((${needed:-0} + 10240))
  disk_free_kib "$ROOT$KUBERNETES" && free=$REPLY
  [[ $free -ge $needed ]] || refuse "Disk space: $free KiB are free below $KUBERNETES, the copy of etcd's data needs $needed KiB; make space (old copies are in $KUBERNETES/tmp), then run this again."
}

# wait_for_interrupted: what a run that was cut off had begun to replace may still be starting. kubeadm would not wait for it.
wait_for_interrupted() {
  is_unfinished || return 0
  log 'an upgrade was cut off here: going on with it'
  wait_until_well "$UPGRADE_PATIENCE" || log "not well: $REPLY"
}

# begin_upgrade: remembers that kubeadm is going to change this node
begin_upgrade() {
  if ! is_unfinished && [[ $CONTROL_PLANE == yes ]]; then
    rm -rf "$MANIFESTS_BEFORE" "$MANIFESTS_BEFORE.part"
    cp -Rp "$ROOT$MANIFESTS" "$MANIFESTS_BEFORE.part" && mv "$MANIFESTS_BEFORE.part" "$MANIFESTS_BEFORE" || fail "The manifests cannot be copied to ${MANIFESTS_BEFORE#"$ROOT"}: is the disk full?"
  fi
  write_or_fail "$UNFINISHED" "$VERSION"
}
