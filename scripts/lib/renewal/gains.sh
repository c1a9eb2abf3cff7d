# Which certificates gain by a renewal. A new one ends after kubeadm's validity period, or with its CA; where that is earlier than the one on
# disk ends (other tools make them for 99 years), that one is left alone. So is what its CA did not sign.

# refuse_unreadable_validity: before the first change.
refuse_unreadable_validity() {
  validity_seconds || refuse "certificateValidityPeriod of the ClusterConfiguration is '${REPLY:0:60}', which is no duration such as 8760h0m0s, so nobody can tell when a new certificate would end: correct it in the ConfigMap kube-system/kubeadm-config, then run this again."
}

# shellcheck disable=SC2071 # ISO times compare as texts
# find_gains FORCE: sets GAINING, numbers of the rows to renew, and LEFT_ALONE, JSON rows. Forced, every one is renewed that its CA signed.
find_gains() {
  local i new end
  GAINING='' LEFT_ALONE=''
  # Unreadable, it only gets here when all files have been renewed: what is left is to restart what has not been.
  validity_seconds || REPLY=0
  iso_in "$REPLY" && new=$REPLY
  for i in $(renewable_rows); do
    end=$new
    row_number "${R_CA[i]}"
    if [[ -n $REPLY && ${R_AFTER[REPLY]} < $end ]]; then end=${R_AFTER[REPLY]}; fi
    if [[ $1 == yes || ! $end < ${R_AFTER[i]} ]]; then
      GAINING="$GAINING $i"
      continue
    fi
    leave_alone "$i" "it ends at ${R_AFTER[i]}, a new one would at $end"
  done
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    if [[ " ${R_FLAGS[i]} " == *' unmanaged '* ]]; then leave_alone "$i" 'kubeadm does not renew it'; fi
    [[ -z ${R_SIGNER[i]} || " ${R_FLAGS[i]} " != *' kubeadm '* ]] || leave_alone "$i" "signed by ${R_SIGNER[i]}, not by its CA on this node"
  done
}

# leave_alone ROW REASON
leave_alone() {
  local OBJECT=''
  log "${R_NAME[$1]} is left alone: $2"
  put name "${R_NAME[$1]}"
  put reason "$2"
  put_close
  LEFT_ALONE="$LEFT_ALONE,$REPLY"
}

# refuse_what_got_worse: certificates that a renewal of another day left ending earlier are never what the next one compares with.
refuse_what_got_worse() {
  [[ -s $RENEWAL/unfinished/before ]] || return 0
  ends_earlier
  [[ -z $REPLY ]] || refuse "A renewal before this one failed: $REPLY end earlier than they did before it. Restore $(cat "$RENEWAL/unfinished/backup") (runbook: Restore a backup), or accept them with Force=yes."
}
