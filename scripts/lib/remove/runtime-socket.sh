# The container runtime whose pods kubeadm has to remove.

# runtime_socket -> REPLY, as kubeadm takes it; empty where nothing names one: then kubeadm finds it itself
runtime_socket() {
  reset_noted 2
  [[ -n $REPLY ]] || runtime_endpoint
  # What kubeadm noted, on a node whose kubelet has lost its own configuration.
  if [[ -z $REPLY ]]; then yaml_value "$ROOT$KUBELET/instance-config.yaml" containerRuntimeEndpoint; fi
  if [[ $REPLY == /* ]]; then REPLY=unix://$REPLY; fi
  if [[ -z $REPLY && -S $ROOT/run/containerd/containerd.sock ]]; then REPLY=unix:///run/containerd/containerd.sock; fi
}

# yaml_value FILE KEY -> REPLY, the first value of a plain KEY, as a KubeletConfiguration has them; empty when absent. (Kubeconfigs: lib/kubernetes/kubeconfig.sh.)
yaml_value() {
  REPLY=$(awk -v key="$2" '
    { line = $0; sub(/\r$/, "", line); sub(/^[ \t-]+/, "", line) }
    index(line, key ":") == 1 {
      line = substr(line, length(key) + 2); gsub(/^[ \t]+|[ \t]+$/, "", line)
      q = substr(line, 1, 1); if (length(line) > 1 && (q == "\"" || q == "\047") && substr(line, length(line)) == q) line = substr(line, 2, length(line) - 2)
      print line; exit
    }' "$1" 2>/dev/null | tr -d '\000-\037') || REPLY=''
}
