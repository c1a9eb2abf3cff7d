# The etcd member of this node leaves etcd, while it still works: one that is only deleted stays in the list, and counts for the majority.

# etcd_leave: ends the step when the member has not left for certain, because deleting its data might then cost etcd its majority
etcd_leave() {
  local until=$((SECONDS + PATIENCE)) members
  [[ $ETCD == stacked ]] || return 0
  until members=$(etcdctl_here member list) && etcd_own_member "$members"; do
    [[ $SECONDS -lt $until ]] || fail "The etcd member of this node does not tell the members within $PATIENCE s, so it cannot leave: $(one_line "$members"). If it is dead for good, start the operation again, which looks anew; look at 'crictl logs' of etcd otherwise."
    sleep 1
  done
  [[ -n $OTHER_URLS ]] || refuse 'The etcd member of this node is the only one that votes: without it the cluster is lost, so it stays.'
  etcd_hand_over
  etcd_remove_own "$until"
}

# etcd_own_member MEMBERS: sets OWN_ID, and OTHER_URLS, client URLs of the others that vote, with commas between. Returns 1 when the own one is
# not in the list.
etcd_own_member() {
  local line own
  OWN_ID='' OTHER_URLS=''
  flag "$ETCD_MANIFEST" name && own=${REPLY:-default}
  while IFS= read -r line; do
    etcd_member "$line" || continue
    if [[ $MEMBER_NAME == "$own" ]]; then
      OWN_ID=$MEMBER_ID
    elif [[ $MEMBER_LEARNER == false && -n $MEMBER_URLS ]]; then
      OTHER_URLS=$OTHER_URLS,$MEMBER_URLS
    fi
  done < <(printf '%s\n' "$1")
  OTHER_URLS=${OTHER_URLS#,}
  [[ -n $OWN_ID ]]
}

# etcd_remove_own UNTIL: by the others, because this one ends as soon as it is removed. etcd refuses for some seconds after a member has come or
# its leader has changed.
etcd_remove_own() {
  local said
  until said=$(etcdctl_at "$OTHER_URLS" member remove "$OWN_ID"); do
    log "member remove: $(one_line "$said")"
    if [[ $said == *'member not found'* ]]; then break; fi
    [[ $SECONDS -lt $1 ]] || fail "etcd does not let the member of this node go: $(one_line "$said"). Look at 'etcdctl endpoint health --cluster', then start the operation again."
    sleep 2
  done
  log "member $OWN_ID has left: $(one_line "$said")"
}

# etcd_data_dir -> REPLY
etcd_data_dir() {
  reset_noted 3
  if [[ $REPLY != /* ]]; then flag_path "$ETCD_MANIFEST" data-dir /var/lib/etcd; fi
}
