# Static pods: which there are, and a look at them through crictl.

# etcd first: the API server has to find it again. The API server before the two that talk to it.
STATIC_PODS='etcd kube-apiserver kube-controller-manager kube-scheduler'
# Of which one at a time leads.
ELECTED='kube-controller-manager kube-scheduler'

# crictl asks the runtime that the kubelet uses, where nobody has told it in /etc/crictl.yaml.
container_runtime() {
  local endpoint=''
  [[ ! -e $ROOT/etc/crictl.yaml && -z ${CONTAINER_RUNTIME_ENDPOINT:-} ]] || return 0
  for REPLY in instance-config.yaml config.yaml; do
    [[ -n $endpoint || ! -r $ROOT$KUBELET/$REPLY ]] || { yaml_value "$ROOT$KUBELET/$REPLY" containerRuntimeEndpoint && endpoint=$REPLY; }
  done
  if [[ -z $endpoint ]]; then flag "$KUBELET_FLAGS" container-runtime-endpoint && endpoint=$REPLY; fi
  case $endpoint in
    '') ;;
    /*) export CONTAINER_RUNTIME_ENDPOINT=unix://$endpoint ;;
    *) export CONTAINER_RUNTIME_ENDPOINT=$endpoint ;;
  esac
}

# static_pod_container COMPONENT [NOT] -> REPLY, the id of its running container, another than NOT; empty when there is none.
# Only in kube-system: other people's pods may have containers of the same name. Returns 1 when crictl does not answer.
static_pod_container() {
  local ids id
  ids=$(limited 10 crictl ps --label io.kubernetes.pod.namespace=kube-system --name "^$1\$" --state Running -q) || { REPLY='' && return 1; }
  REPLY=''
  for id in $ids; do
    if [[ $id != "${2:-}" ]]; then REPLY=$id && return 0; fi
  done
}
