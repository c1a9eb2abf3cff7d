# Which container runtime the kubelet of this node uses, and so crictl has to ask.

# runtime_endpoint -> REPLY, such as unix:///run/crio/crio.sock; empty where the kubelet is not told
runtime_endpoint() {
  kubelet_setting containerRuntimeEndpoint container-runtime-endpoint
  if [[ $REPLY == /* ]]; then REPLY=unix://$REPLY; fi
}

# container_runtime: crictl asks the runtime that the kubelet uses, whatever /etc/crictl.yaml says; that where the kubelet is not told.
container_runtime() {
  [[ -z ${CONTAINER_RUNTIME_ENDPOINT:-} ]] || return 0
  runtime_endpoint
  if [[ -n $REPLY ]]; then export CONTAINER_RUNTIME_ENDPOINT=$REPLY; fi
}
