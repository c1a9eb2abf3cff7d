# The repository of Kubernetes' packages on a machine whose apt knows none yet. One that is configured stays, so mirrors do.

# repository_add BASE: BASE ends before v and the minor (https://pkgs.k8s.io/core:/stable:/). The key comes with repository_switch.
repository_add() {
  repository_look
  [[ -z $REPOSITORY ]] || return 0
  REPOSITORY=$ROOT/etc/apt/sources.list.d/kubernetes.list
  repository_write "deb [signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg] ${1}v$MINOR/deb/ /"
  log "added the repository ${1}v$MINOR/deb/"
}
