# Which container runtime the kubelet of this node uses, and so crictl has to ask.

# runtime_endpoint -> REPLY, such as unix:///run/crio/crio.sock; empty where the kubelet is not told. As the kubelet itself finds it: its flag, then
# its configuration with the drop-ins, the last one of each.
runtime_endpoint() {
  local arguments config directory file
  kubelet_arguments
  arguments=$REPLY
  last_argument "$arguments" container-runtime-endpoint
  if [[ -z $REPLY ]]; then
    last_argument "$arguments" config-dir && directory=$REPLY
    last_argument "$arguments" config && config=${REPLY:-$KUBELET/config.yaml}
    yaml_value "$ROOT$config" containerRuntimeEndpoint && config=$REPLY
    for file in ${directory:+"$ROOT$directory"/*.conf}; do
      yaml_value "$file" containerRuntimeEndpoint
      config=${REPLY:-$config}
    done
    REPLY=$config
  fi
  if [[ $REPLY == /* ]]; then REPLY=unix://$REPLY; fi
}

# kubelet_arguments -> REPLY, a line each: those that it runs with; of one that does not run, those in the files that kubeadm's unit reads, in its order
kubelet_arguments() {
  local pid file
  pid=$(limited 10 systemctl show kubelet -p MainPID --value 2>/dev/null) || pid=''
  REPLY=$(tr '\000' '\n' 2>/dev/null <"$ROOT/proc/${pid:-none}/cmdline") || REPLY=''
  if [[ -n $REPLY ]]; then return 0; fi
  REPLY=$(for file in "$KUBELET/kubeadm-flags.env" /etc/default/kubelet /etc/sysconfig/kubelet; do
    sed -n 's/^KUBELET_[A-Z]*_ARGS=//p' "$ROOT$file" 2>/dev/null | tr -d "\"'" | tr ' ' '\n'
  done) || true
}

# last_argument LINES NAME -> REPLY, as in --NAME=VALUE or --NAME VALUE; the last one counts
last_argument() {
  REPLY=$(printf '%s\n' "$1" | awk -v name="--$2" '
    before == name { value = $0 }
    index($0, name "=") == 1 { value = substr($0, length(name) + 2) }
    { before = $0 }
    END { print value }')
}

# container_runtime: crictl asks the runtime that the kubelet uses, whatever /etc/crictl.yaml says; that where the kubelet is not told.
container_runtime() {
  [[ -z ${CONTAINER_RUNTIME_ENDPOINT:-} ]] || return 0
  runtime_endpoint
  if [[ -n $REPLY ]]; then export CONTAINER_RUNTIME_ENDPOINT=$REPLY; fi
}
