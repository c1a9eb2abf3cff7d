# The container runtime whose pods kubeadm has to remove.

# runtime_socket -> REPLY, as kubeadm takes it; empty where nothing names one: then kubeadm finds it itself
runtime_socket() {
  reset_noted 2
  [[ -n $REPLY ]] || runtime_endpoint
  # What kubeadm noted, on a node whose kubelet has lost its own configuration.
  if [[ -z $REPLY && -s $ROOT$KUBELET/instance-config.yaml ]]; then
    yaml_file "$ROOT$KUBELET/instance-config.yaml" || REPLY=''
    yaml_at "$REPLY" containerRuntimeEndpoint
  fi
  if [[ $REPLY == /* ]]; then REPLY=unix://$REPLY; fi
  if [[ -z $REPLY && -S $ROOT/run/containerd/containerd.sock ]]; then REPLY=unix:///run/containerd/containerd.sock; fi
}
