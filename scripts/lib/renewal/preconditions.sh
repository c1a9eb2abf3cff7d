# What has to be true before the first file changes. A precondition is a function that asks one thing: it returns 1 with REPLY, what is not as it
# has to be, and ADVICE, what to do. renew-certificates.sh refuses at the first that says no; inspect-control-plane.sh tells of all, so that a plan
# refuses before anything has changed anywhere (canBeRenewed in lambdas/gates/renewal-gates.ts), and so does check-certificates.sh, so that a check
# starts no renewal that would be refused (renewal-obstacles.ts).

# each_precondition COMMAND: COMMAND PRECONDITION for each, from what can never be mended here to what often can. What only kubeadm needs is not
# asked for when all files are renewed (FILES_DONE).
each_precondition() {
  "$1" every_manifest_is_there
  "$1" each_pod_has_one_manifest
  if [[ -z $FILES_DONE ]]; then
    "$1" ca_keys_can_sign
    "$1" certificates_can_be_read
  fi
  "$1" the_runtime_shows_the_pods
  if [[ -z $FILES_DONE ]]; then
    "$1" kubeadm_renews_certificates
    "$1" kubeadm_accepts_the_configuration
    "$1" files_can_be_written
    "$1" new_files_have_space
  fi
}

# renewal_preconditions UNTIL: as the parameter says
renewal_preconditions() {
  [[ $CONTROL_PLANE == yes || $ETCD == member ]] || refuse "This node is no control plane: there is neither $MANIFESTS/kube-apiserver.yaml nor $PKI/apiserver.crt; check the tag kubeadm-autopilot:role."
  if [[ -z $FILES_DONE ]]; then
    precondition ca_keys_are_here
    precondition cas_are_valid
    precondition no_ca_was_replaced
  fi
  each_precondition precondition
  # Only files change: of a dead cluster they are renewed before its kubelets can run again.
  [[ $1 == files ]] || kubelet_active || refuse "The kubelet restarts the static pods, but $REPLY; start it, then run this again."
  [[ -n $FILES_DONE ]] || precondition the_backup_has_space
  [[ -n $FILES_DONE ]] || precondition every_other_member_is_healthy
}

precondition() { "$1" || refuse "$REPLY; $ADVICE, then run this again."; }

# obstacles_json -> REPLY, a row for each precondition that says no. Those of renewal_preconditions itself are gates already.
obstacles_json() {
  local FILES_DONE=''
  OBSTACLES=''
  if renewal_open && [[ -f $RENEWAL/unfinished/containers ]]; then FILES_DONE=yes; fi
  each_precondition obstacle
  REPLY=${OBSTACLES:+[${OBSTACLES#,}]}
}

# obstacle PRECONDITION
obstacle() {
  local OBJECT='' reason
  if "$1"; then return 0; fi
  reason=$REPLY
  put precondition "${1//_/ }"
  put reason "$reason"
  put whatToDo "$ADVICE"
  put_close
  OBSTACLES="$OBSTACLES,$REPLY"
}
