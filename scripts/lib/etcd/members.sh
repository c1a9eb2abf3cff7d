# What etcdctl says of the members of its cluster.

# etcd_member LINE, of `etcdctl member list` -> MEMBER_ID, MEMBER_NAME, MEMBER_URLS (its client URLs, separated by commas) and MEMBER_LEARNER
# (true or false). Returns 1 when it is no member's.
etcd_member() {
  local line=$1 state
  # ID, started|unstarted, NAME, PEER URLS, CLIENT URLS, LEARNER: a member with several URLs has commas inside a field, without a space.
  MEMBER_ID=${line%%, *} line=${line#*, } state=${line%%, *} line=${line#*, } MEMBER_NAME=${line%%, *} line=${line#*, }
  MEMBER_LEARNER=${line##*, } line=${line%, *} MEMBER_URLS=${line#*, }
  [[ $MEMBER_ID =~ ^[0-9a-f]+$ && ($state == started || $state == unstarted) ]]
}

# etcd_is_healthy URLS HEALTH: one of a member's client URLs is, in the words of `etcdctl endpoint health --cluster`
etcd_is_healthy() {
  local url
  for url in ${1//,/ }; do
    if [[ $'\n'$2 == *$'\n'"$url is healthy"* ]]; then return 0; fi
  done
  return 1
}

# etcd_all_healthy: every member is, as this node's own one sees it. REPLY says which is not.
etcd_all_healthy() {
  local members health line
  if ! members=$(etcdctl_here member list); then REPLY="the etcd member of this node does not list the members: $(one_line "$members")" && return 1; fi
  health=$(etcdctl_here endpoint health --cluster) || true
  REPLY='etcd lists no members'
  while IFS= read -r line; do
    etcd_member "$line" || continue
    if ! etcd_is_healthy "$MEMBER_URLS" "$health"; then REPLY="the etcd member ${MEMBER_NAME:-$MEMBER_ID} is not healthy" && return 1; fi
    REPLY=''
  done < <(printf '%s\n' "$members")
  [[ -z $REPLY ]]
}
