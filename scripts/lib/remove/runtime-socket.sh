# The container runtime whose pods kubeadm has to remove.

# runtime_socket -> REPLY, as kubeadm takes it; empty where nothing names one: then kubeadm finds it itself
runtime_socket() {
  local file
  reset_noted 2
  if [[ -z $REPLY ]]; then flag "$KUBELET_FLAGS" container-runtime-endpoint; fi
  for file in instance-config.yaml config.yaml; do
    if [[ -z $REPLY && -r $ROOT$KUBELET/$file ]]; then yaml_value "$ROOT$KUBELET/$file" containerRuntimeEndpoint; fi
  done
  if [[ $REPLY == /* ]]; then REPLY=unix://$REPLY; fi
  if [[ -z $REPLY && -S $ROOT/run/containerd/containerd.sock ]]; then REPLY=unix:///run/containerd/containerd.sock; fi
}
