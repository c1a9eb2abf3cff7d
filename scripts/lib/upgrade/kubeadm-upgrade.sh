# `kubeadm upgrade` as a child of the script: its output into the log file, and how long each component took.

# kubeadm_upgrade ARGUMENTS...: sets KUBEADM_CODE, KUBEADM_SAID (its output), and COMPONENT_SECONDS, members of a JSON object
kubeadm_upgrade() {
  local line component='' began=$SECONDS start=$SECONDS
  KUBEADM_CODE='' KUBEADM_SAID='' COMPONENT_SECONDS=''
  log "kubeadm upgrade $*"
  while IFS= read -r line; do
    case $line in
      'kubeadm ended with '*) KUBEADM_CODE=${line##* } && continue ;;
      *'Preparing for "'*) log "$line" && component=${line#*Preparing for \"} component=${component%%\"*} start=$SECONDS ;;
      *"Component \"$component\" upgraded successfully"*)
        [[ $component =~ ^[a-z-]+$ ]] && COMPONENT_SECONDS="$COMPONENT_SECONDS,\"$component\":$((SECONDS - start))"
        ;;
    esac
    printf '%s\n' "$line"
    KUBEADM_SAID=$KUBEADM_SAID$line$'\n'
  done < <(
    code=0
    limited 2400 kubeadm upgrade "$@" 2>&1 </dev/null || code=$?
    printf 'kubeadm ended with %s\n' "$code"
  )
  COMPONENT_SECONDS="$COMPONENT_SECONDS,\"kubeadm\":$((SECONDS - began))"
  COMPONENT_SECONDS=${COMPONENT_SECONDS#,}
}

# etcd's data was copied while etcd began a new file: nothing has changed, and kubeadm before 1.38 does not try again (kubernetes/kubeadm#3324).
kubeadm_lost_race() { [[ $KUBEADM_CODE != 0 && $KUBEADM_SAID == *'failed to back up etcd data'*'cannot stat'*'.tmp'* ]]; }

# kubeadm_says -> stdout, its error for a message; nothing where it has named none. A runtime that does not know RuntimeConfig is none.
kubeadm_says() {
  printf '%s\n' "$KUBEADM_SAID" | grep -i 'error\|fatal' | grep -v 'stack trace\|Some fatal\|unknown method RuntimeConfig' | tail -n 2 | tr '\n' ' ' | tail -c 400 || true
}

# kubeadm_ended -> stdout, how it ended and why, for a message
kubeadm_ended() {
  local said
  said=$(kubeadm_says)
  case $KUBEADM_CODE in
    137) printf 'kubeadm upgrade %s was killed (SIGKILL; the kernel log says whether memory ran out)' "$COMMAND" ;;
    *) printf 'kubeadm upgrade %s ended with %s' "$COMMAND" "$KUBEADM_CODE" ;;
  esac
  [[ -z $said ]] || printf ': %s' "${said% }"
}

# kubeadm_prune: what kubeadm leaves behind and never uses again: a copy of etcd's whole data for each run. The newest manifests from before stay.
kubeadm_prune() {
  local tmp=$ROOT$KUBERNETES/tmp folder newest=''
  rm -rf "$tmp"/kubeadm-{backup-etcd-,upgraded-manifests,kubelet-config,upgrade-}* "$ROOT"/var/lib/etcd/kubeadm-backup-etcd-*
  # A repeated run leaves an empty one, which goes here.
  rmdir "$tmp"/kubeadm-backup-manifests-* 2>/dev/null || true
  for folder in "$tmp"/kubeadm-backup-manifests-*; do
    [[ -z $newest ]] || rm -rf "$newest"
    newest=$folder
  done
}
