# An etcd member on a machine of its own, whose kubelet runs by itself.

KUBELET_DROP_IN=/etc/systemd/system/kubelet.service.d/20-kubeadm-autopilot-etcd.conf

# kubelet_configuration_parameter: sets KUBELET_DOCUMENT
kubelet_configuration_parameter() {
  parameter Kubelet
  [[ $REPLY =~ ^[A-Za-z0-9+/]+=*$ ]] && KUBELET_DOCUMENT=$(printf '%s' "$REPLY" | base64 -d 2>/dev/null) && [[ $KUBELET_DOCUMENT == *'kubelet.config.k8s.io/'* ]] ||
    refuse "Parameter Kubelet has ${#REPLY} characters that are no configuration of a kubelet in base64: deploy the app again."
}

# etcd_phase PHASE...: of kubeadm init
etcd_phase() {
  kubeadm_run 120 init phase "$@" --config "$KUBEADM_CONFIG"
  [[ $KUBEADM_CODE == 0 ]] || fail "kubeadm init phase $* ended with $KUBEADM_CODE: ${KUBEADM_SAID}Look at the log, then start the operation again: it undoes this first."
}

# cluster_configuration_keep: for renewals, which no API server of this machine tells
cluster_configuration_keep() {
  write_or_fail "$CLUSTER_CONFIGURATION" "$(printf '%s\n' "$CONFIGURATION" | awk 'BEGIN { RS = "---\n" } /kind: ClusterConfiguration/ { printf "%s", $0 }')"
}

# kubelet_runs_alone: with a configuration of its own and no API server to log in to, over the unit of its package
kubelet_runs_alone() {
  local said
  write_or_fail "$ROOT$KUBELET/config.yaml" "$KUBELET_DOCUMENT"
  write_or_fail "$ROOT$KUBELET_DROP_IN" "$(printf '%s\n' '[Service]' 'ExecStart=' "ExecStart=/usr/bin/kubelet --config=$KUBELET/config.yaml" 'Restart=always')"
  limited 60 systemctl daemon-reload || fail "systemctl daemon-reload ended with $?."
  limited 60 systemctl enable kubelet || fail "systemctl enable kubelet ended with $?."
  said=$(limited 120 systemctl restart kubelet 2>&1) || fail "The kubelet cannot be started: $(one_line "$said"); look at 'journalctl -u kubelet', then run this again."
}

# etcd_wait SECONDS: until this member is healthy
etcd_wait() {
  local until=$((SECONDS + $1))
  topology
  container_runtime
  until etcd_member_healthy; do
    [[ $SECONDS -lt $until ]] || fail "After $1 s $REPLY; look at 'journalctl -u kubelet' and 'crictl ps -a', then start the operation again."
    sleep 1
    # The kubelet may have been started meanwhile.
    topology
  done
}

# etcd_undo: all that a run before this one began; nothing has used this member yet
etcd_undo() {
  kubeadm_undo
  rm -rf "$ROOT$KUBELET_DROP_IN" "$ROOT/var/lib/etcd/member" || fail "/var/lib/etcd/member cannot be deleted: look at its file system, then run this again."
  limited 60 systemctl daemon-reload || fail "systemctl daemon-reload ended with $?."
}
