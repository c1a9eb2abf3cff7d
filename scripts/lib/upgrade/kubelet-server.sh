# Which API server the kubelet of a control plane talks to. While kubeadm replaces etcd and the API server it should not be this node's own:
# the kubelet would wait for the very API server that it has to restart (half a minute each, and in the worst case for ever).

# The server that kubelet.conf had before: what is kept here has to go back.
KUBELET_SERVER=$STATE/upgrade/kubelet-server

# kubelet_server_is -> REPLY, the `server:` of kubelet.conf
kubelet_server_is() { kubeconfig_read "$ROOT$KUBERNETES/kubelet.conf" || log "kubelet.conf: $K_ERROR" && REPLY=$K_SERVER; }

# kubelet_server_set URL: and restarts the kubelet
kubelet_server_set() {
  local text
  text=$(awk -v url="$1" '/^ *server:/ { sub(/server:.*/, "server: " url) } { print }' "$ROOT$KUBERNETES/kubelet.conf") && write_file "$ROOT$KUBERNETES/kubelet.conf" "$text" ||
    fail "$KUBERNETES/kubelet.conf cannot be written: is the disk full or read-only?"
  log "the kubelet talks to $1"
  kubelet_stays "$PATIENCE" || fail "The kubelet does not stay active: $REPLY"
}

# kubelet_server_leave_own: to the controlPlaneEndpoint of CONFIGURATION, remembered before. Does nothing where the kubelet talks to another
# API server than this node's already, or where there is no other.
kubelet_server_leave_own() {
  local endpoint own
  configuration_value controlPlaneEndpoint && endpoint=$REPLY
  if [[ -z $endpoint ]]; then log 'there is no controlPlaneEndpoint' && return 0; fi
  # kubeadm takes the API server's own port where the endpoint has none.
  if [[ ! $endpoint =~ :[0-9]+$ ]]; then flag_port "$API_SERVER" 6443 && endpoint=$endpoint:$REPLY; fi
  kubelet_server_is && own=$REPLY
  [[ $own != "https://$endpoint" ]] || return 0
  write_or_fail "$KUBELET_SERVER" "$own"
  kubelet_server_set "https://$endpoint"
}

# kubelet_server_return: what a run changed goes back, this one or one that was cut off. Only to an API server that answers.
kubelet_server_return() {
  local own
  [[ -s $KUBELET_SERVER ]] || return 0
  own=$(cat "$KUBELET_SERVER")
  kubelet_server_is
  if [[ $REPLY != "$own" ]]; then kubelet_server_set "$own"; fi
  rm -f "$KUBELET_SERVER"
}

# keep_kubelet_alive: after a failure. A kubelet that waits for its own dead API server starts nothing any more, that API server included.
keep_kubelet_alive() {
  [[ $CONTROL_PLANE == yes ]] || return 0
  if api_server_ready; then
    kubelet_server_return
  elif [[ $SERVER == endpoint && -s $KUBELET_SERVER ]]; then
    log "$REPLY: the kubelet stays with the controlPlaneEndpoint until the next run"
    kubelet_server_leave_own
  fi
}
