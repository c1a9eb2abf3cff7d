# Which certificates gain by a renewal. A new one ends after kubeadm's validity period, or with its CA; where that is earlier than the one on
# disk ends (other tools make them for 99 years), that one is left alone. So is what its CA did not sign.

# validity_seconds -> REPLY, certificateValidityPeriod of the saved ClusterConfiguration, a Go duration; else kubeadm's year
validity_seconds() {
  REPLY=$(sed -n 's/^certificateValidityPeriod: *//p' "$CLUSTER_CONFIGURATION" 2>/dev/null | tr -d \"\' | head -n 1) || REPLY=''
  if [[ $REPLY =~ ^(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)(\.[0-9]+)?s)?$ ]]; then
    REPLY=$((10#0${BASH_REMATCH[2]} * 3600 + 10#0${BASH_REMATCH[4]} * 60 + 10#0${BASH_REMATCH[6]}))
  else
    REPLY=0
  fi
  [[ $REPLY -gt 0 ]] || REPLY=31536000
}

# shellcheck disable=SC2071 # ISO times compare as texts
# find_gains FORCE: sets GAINING, numbers of the rows to renew, and LEFT_ALONE, JSON rows. Forced, every one is renewed that its CA signed.
find_gains() {
  local i new end
  GAINING='' LEFT_ALONE=''
  validity_seconds && iso_in "$REPLY" && new=$REPLY
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
