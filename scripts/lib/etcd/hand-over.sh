# etcd_hand_over: if this node's member leads, another one does from now on. Removing its sandbox kills it, and the others would first notice
# that their leader is gone: no API server answers for a second then, or on a busy machine for several. A member that is not healthy is not
# asked, because nothing is written while the leader waits for it. It may fail, which costs no more than that.
etcd_hand_over() {
  local own members health line
  flag "$ETCD_MANIFEST" name && own=${REPLY:-default}
  members=$(etcdctl_here member list) || return 0
  health=$(etcdctl_here endpoint health --cluster) || true
  local ETCD_SECONDS=2
  while IFS= read -r line; do
    if ! etcd_member "$line" || [[ $MEMBER_NAME == "$own" || $MEMBER_LEARNER == true ]]; then continue; fi
    if ! etcd_is_healthy "$MEMBER_URLS" "$health"; then
      log "not to $MEMBER_NAME, which is not healthy"
      continue
    fi
    REPLY=$(etcdctl_here move-leader "$MEMBER_ID" </dev/null) || true
    # etcdctl looks itself whether this member leads.
    if [[ $REPLY == *'no leader endpoint'* ]]; then
      log 'this member does not lead'
      return 0
    fi
    log "move-leader to $MEMBER_NAME: $(one_line "$REPLY")"
    if [[ $REPLY == *transferred* ]]; then return 0; fi
  done < <(printf '%s\n' "$members")
}
