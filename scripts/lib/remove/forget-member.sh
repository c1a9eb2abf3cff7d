# An etcd member that is gone for good leaves the list, through the member of this node.

# member_listed: MEMBER; sets MEMBER_NAME. Returns 1 when it is not in the list; ends the step when nobody tells.
member_listed() {
  local until=$((SECONDS + PATIENCE)) members line
  until members=$(etcdctl_here member list) && [[ $members == *', '* ]]; do
    [[ $SECONDS -lt $until ]] || fail "The etcd member of this node does not tell the members within $PATIENCE s: $(one_line "$members"). Look at 'crictl logs' of etcd, then run this again."
    sleep 1
  done
  while IFS= read -r line; do
    if etcd_member "$line" && [[ $MEMBER_ID == "$MEMBER" ]]; then return 0; fi
  done < <(printf '%s\n' "$members")
  return 1
}

# member_forget: MEMBER; sets CHANGED. etcd refuses for some seconds after a member has come or its leader has changed.
member_forget() {
  local until=$((SECONDS + PATIENCE)) said own
  flag "$ETCD_MANIFEST" name && own=${REPLY:-default}
  while member_listed; do
    [[ $MEMBER_NAME != "$own" ]] || refuse "The etcd member $MEMBER is that of this control plane itself: it is not removed."
    CHANGED=true
    said=$(etcdctl_here member remove "$MEMBER") || true
    log "member remove: $(one_line "$said")"
    [[ $SECONDS -lt $until || $said == *' removed from cluster '* ]] || fail "etcd does not let the member $MEMBER go: $(one_line "$said"). Look at 'etcdctl endpoint health --cluster', then start the operation again."
    sleep 1
  done
  log "$MEMBER is no member of etcd"
}

# etcd_count -> REPLY, how many members etcd has, as this one sees it; empty when it does not tell
etcd_count() {
  local members
  members=$(etcdctl_here member list) || members=''
  REPLY=$(printf '%s\n' "$members" | grep -c '^[0-9a-f]*, ') || REPLY=''
}
