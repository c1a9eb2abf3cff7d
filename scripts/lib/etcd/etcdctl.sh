# etcd through the tools in its own container: they work with the API server down, and the image has no shell.

# Seconds that etcd may take to answer; who asks again and again sets it lower.
ETCD_SECONDS=5

# etcd_exec SECONDS COMMAND... -> its stdout, in etcd's own container. Returns 1 when none runs.
etcd_exec() {
  local seconds=$1
  shift
  static_pod_container etcd || true
  if [[ -z $REPLY ]]; then
    printf 'no etcd container is running\n'
    return 1
  fi
  limited "$seconds" crictl exec "$REPLY" "$@"
}

# etcdctl_here ARGUMENTS... -> stdout and stderr together, of this node's own member. Returns 1 when no etcd container runs.
etcdctl_here() { etcdctl_at "https://$ETCD_CLIENT_ADDRESS" "$@"; }

# etcdctl_at URLS ARGUMENTS...: the same of other members, by their client URLs with commas between
etcdctl_at() {
  local urls=$1 option files=()
  shift
  while IFS= read -r option; do files+=("$option"); done < <(
    printf '%s\n' "--cacert=$ETCD_CA" "--cert=$ETCD_CERT" "--key=$ETCD_KEY" | on_the_node "$ETCD_MANIFEST" 2 1)
  etcd_exec $((ETCD_SECONDS + 10)) etcdctl "--endpoints=$urls" "${files[@]}" \
    --dial-timeout=2s "--command-timeout=${ETCD_SECONDS}s" "$@" 2>&1
}

# etcd_credentials_ended: what etcdctl shows has run out. There is nobody to ask then, and nothing to wait for. REPLY says so.
etcd_credentials_ended() {
  x509_read "$ROOT$ETCD_CERT"
  iso_now
  [[ -n $X_AFTER && $X_AFTER < $REPLY ]] || return 1
  REPLY="the etcd member of this node cannot be asked: $ETCD_CERT ended at $X_AFTER"
}

# etcd_member_healthy: this node's own member commits a proposal. REPLY is the reason when it does not.
etcd_member_healthy() {
  if etcd_credentials_ended; then return 1; fi
  if REPLY=$(etcdctl_here endpoint health) && [[ $REPLY == *' is healthy'* ]]; then return 0; fi
  REPLY="the etcd member of this node is not healthy: $(one_line "$REPLY")"
  return 1
}

# one_line TEXT -> stdout, the end of a tool's words, for a message
one_line() { printf '%s' "$1" | tail -n 2 | tr '\n' ' ' | tail -c 300; }
