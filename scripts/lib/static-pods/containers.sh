# Static pods: which there are, and a look at them through crictl.

# etcd first: the API server has to find it again. The API server before the two that talk to it.
STATIC_PODS='etcd kube-apiserver kube-controller-manager kube-scheduler'
# Of which one at a time leads.
ELECTED='kube-controller-manager kube-scheduler'

# static_pod_is_here COMPONENT: this node is to run it. Needs topology.
static_pod_is_here() {
  if [[ $1 == etcd ]]; then [[ $ETCD == stacked || $ETCD == member ]]; else [[ $CONTROL_PLANE == yes ]]; fi
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
