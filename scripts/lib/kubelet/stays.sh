# Restarting the kubelet.

# kubelet_stays SECONDS: restarts it; true once it has stayed active for a second (one that cannot start exits within less), false when
# it has not come to that within so many.
kubelet_stays() {
  local until=$((SECONDS + $1)) stays=0
  # To the microsecond: what the kubelet said before must not be taken for what it says now.
  now_exactly
  STARTED_AT=$REPLY
  limited 90 systemctl restart kubelet || fail "systemctl restart kubelet ended with $?: look at 'systemctl status kubelet' and 'journalctl -u kubelet', then run this again."
  while [[ $stays -lt 3 ]]; do
    if kubelet_active; then
      stays=$((stays + 1))
    else
      stays=0
      [[ $SECONDS -lt $until ]] || return 1
    fi
    sleep 0.4
  done
}
