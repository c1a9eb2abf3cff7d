# What the etcd member of this node knows of itself and of the others.

# etcd_facts -> REPLY, the contract's `etcd` object
etcd_facts() {
  local OBJECT='' status
  put topology "$ETCD"
  if [[ $ETCD == external ]]; then
    # The API server's own check is the one view of an external etcd that this node is sure to have.
    api_server_ready && REPLY='the API server does not list its check of etcd' || true
    status=$REPLY
    if [[ $HTTP_BODY == *'[+]etcd ok'* ]]; then put_raw healthy true; else put_raw healthy false && put reason "$status"; fi
    put_raw members '[]'
    put_close
    return 0
  fi
  # What only a member that can commit knows is not asked of one that cannot: each such question takes its whole time.
  if etcd_member_healthy; then
    put_raw healthy true
    etcd_members
  else
    put_raw healthy false
    put reason "$REPLY"
    REPLY='[]'
  fi
  put_raw members "$REPLY"
  etcd_own_status
  put_close
}

# etcd_own_status: which member this node's is, and whether it leads. It answers without a majority too.
etcd_own_status() {
  local status member leader
  if etcd_credentials_ended; then return 0; fi
  status=$(etcdctl_here endpoint status -w fields) || status=''
  member=$(printf '%s\n' "$status" | sed -n 's/^"MemberID" : *\([0-9]*\).*/\1/p')
  leader=$(printf '%s\n' "$status" | sed -n 's/^"Leader" : *\([0-9]*\).*/\1/p')
  [[ -n $member ]] || return 0
  hexadecimal "$member"
  put memberId "$REPLY"
  # Leader 0: there is none, so this member is not it either.
  if [[ $leader == "$member" ]]; then put_raw leader true; else put_raw leader false; fi
}

# etcd_members -> REPLY, array of the members as this one sees them. A member is healthy when one of its client URLs is.
etcd_members() {
  local list health line rows='' OBJECT
  list=$(etcdctl_here member list) || list=''
  health=$(etcdctl_here endpoint health --cluster) || true
  while IFS= read -r line; do
    etcd_member "$line" || continue
    OBJECT=''
    put_raw id "\"$MEMBER_ID\""
    json_string "$MEMBER_NAME"
    put_raw name "$REPLY"
    [[ $MEMBER_LEARNER != true ]] || put_raw learner true
    if etcd_is_healthy "$MEMBER_URLS" "$health"; then put_raw healthy true; else put_raw healthy false; fi
    put_close
    rows="$rows,$REPLY"
  done < <(printf '%s\n' "$list")
  REPLY="[${rows#,}]"
}

# hexadecimal DECIMAL -> REPLY. Member ids use all 64 bits, more than the shell's arithmetic has.
hexadecimal() {
  REPLY=$(printf '%s\n' "$1" | awk '{
    number = $1; hex = ""
    do {
      quotient = ""; rest = 0
      for (i = 1; i <= length(number); i++) { rest = rest * 10 + substr(number, i, 1); digit = int(rest / 16); rest -= digit * 16; if (quotient != "" || digit > 0) quotient = quotient digit }
      hex = substr("0123456789abcdef", rest + 1, 1) hex; number = quotient
    } while (number != "")
    print hex }')
}
