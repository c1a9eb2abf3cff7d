# Who leads: only while somebody does are pods scheduled, and Services told of pods that come and go.

# wait_for_leases: kube-controller-manager and kube-scheduler lead somewhere in the cluster, which they show by renewing their lease every 2 s (no
# clock is compared). Ends the step when nobody does.
wait_for_leases() {
  local component lease first until
  for component in $ELECTED; do
    first='' until=$((SECONDS + PATIENCE))
    until lease=$(kubectl_here -n kube-system get lease "$component" -o 'jsonpath={.spec.holderIdentity} {.spec.renewTime}' 2>/dev/null) &&
      [[ $lease == ?*' 2'* && -n $first && $lease != "$first" ]]; do
      first=${first:-$lease}
      [[ $SECONDS -lt $until ]] || fail "No $component renews its lease: look at 'crictl logs' of it on the control planes, then run this again."
      sleep 1
    done
  done
}
