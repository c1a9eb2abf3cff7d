# What kubeadm init or join, or the start of an etcd member, began on this node and has not finished: kubeadm takes what it finds half done for
# somebody else's, so the next run undoes it first.

CREATE_UNFINISHED=$STATE/create/unfinished
# It became a node, and nobody has seen yet that the cluster works from here.
CREATE_UNPROVEN=$STATE/create/unproven
# It runs etcd and nothing else of a cluster: start-etcd.sh made it.
CREATE_ETCD=$STATE/create/etcd-member

# cluster_state: sets CLUSTER_STATE: none, joined, unfinished (CLUSTER_STEP: init, join or etcd), or remains of a cluster (CLUSTER_FILE, the
# first). Certificates alone are none: somebody may have put the CA there before.
cluster_state() {
  local file
  CLUSTER_STATE=none CLUSTER_STEP='' CLUSTER_FILE=''
  if [[ -s $CREATE_UNFINISHED ]]; then
    CLUSTER_STATE=unfinished CLUSTER_STEP=$(head -n 1 "$CREATE_UNFINISHED")
    [[ $CLUSTER_STEP == init || $CLUSTER_STEP == etcd ]] || CLUSTER_STEP='join'
  elif [[ -e $ROOT$KUBERNETES/kubelet.conf ]] || is_etcd_member; then
    CLUSTER_STATE=joined
  else
    for file in $KUBERNETES/{admin,controller-manager,scheduler}.conf $MANIFESTS/{etcd,kube-apiserver,kube-controller-manager,kube-scheduler}.yaml /var/lib/etcd/member; do
      if [[ -e $ROOT$file ]]; then CLUSTER_STATE=remains CLUSTER_FILE=$file && return 0; fi
    done
  fi
}

# is_etcd_member: this app made it one
is_etcd_member() { [[ -s $CREATE_ETCD && -s $ROOT$MANIFESTS/etcd.yaml ]]; }

# cluster_joined: init or join has come to its end
cluster_joined() {
  write_or_fail "$CREATE_UNPROVEN" "$VERSION"
  rm -f "$CREATE_UNFINISHED"
}

# ca_hash -> REPLY, SHA-256 of the public key of this node's CA, as kubeadm's discovery wants it; empty where there is none. Needs topology.
ca_hash() {
  REPLY=''
  [[ -r $ROOT$PKI/ca.crt ]] || return 0
  REPLY=$(openssl x509 -in "$ROOT$PKI/ca.crt" -noout -pubkey 2>/dev/null | openssl pkey -pubin -outform der 2>/dev/null | openssl dgst -sha256) || REPLY=''
  REPLY=${REPLY##*[= ]}
  [[ $REPLY =~ ^[0-9a-f]{64}$ ]] || REPLY=''
}
