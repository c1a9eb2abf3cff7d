# How long a certificate lasts that kubeadm makes for this cluster.

# validity_seconds -> REPLY, certificateValidityPeriod of the saved ClusterConfiguration, a Go duration as kubeadm writes it; a year where none
# is set. Returns 1 where it cannot be read, with REPLY as it is written there: nobody knows then what a renewal would do.
validity_seconds() {
  validity_text
  if [[ -z $REPLY ]]; then REPLY=8760h; fi
  [[ $REPLY =~ ^(([0-9]{1,9})h)?(([0-9]{1,9})m)?(([0-9]{1,9})(\.[0-9]+)?s)?$ ]] || return 1
  [[ $((10#0${BASH_REMATCH[2]} * 3600 + 10#0${BASH_REMATCH[4]} * 60 + 10#0${BASH_REMATCH[6]})) -gt 0 ]] || return 1
  REPLY=$((10#0${BASH_REMATCH[2]} * 3600 + 10#0${BASH_REMATCH[4]} * 60 + 10#0${BASH_REMATCH[6]}))
}
