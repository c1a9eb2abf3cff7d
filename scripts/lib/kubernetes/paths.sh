# Where things are on this node. Paths are kept as the node knows them; "$ROOT" goes in front wherever a file is opened.

KUBERNETES=/etc/kubernetes
# Where kubeadm keeps them; `topology` says where the kubelet reads them.
MANIFESTS=$KUBERNETES/manifests
KUBELET=/var/lib/kubelet
# What a renewal remembers: lib/renewal/unfinished.sh
RENEWAL=$STATE/renewal

# topology: sets CONTROL_PLANE (yes or empty), ETCD (stacked, external: the etcd of a control plane; member: a node that only runs etcd;
# empty: none here), MANIFESTS (the kubelet's staticPodPath), PKI (kubeadm's certificatesDir), and what the manifests say.
topology() {
  CONTROL_PLANE='' ETCD='' PKI=''
  kubelet_read
  kubelet_path staticPodPath pod-manifest-path "$KUBERNETES/manifests" && MANIFESTS=${REPLY%/}
  manifest_read kube-apiserver && API_SERVER=$REPLY
  manifest_read kube-controller-manager && CONTROLLER_MANAGER=$REPLY
  manifest_read kube-scheduler && SCHEDULER=$REPLY
  manifest_read etcd && ETCD_MANIFEST=$REPLY
  saved_configuration
  certificates_dir
  if [[ -n $API_SERVER || -f $ROOT$PKI/apiserver.crt || -f $ROOT$KUBERNETES/controller-manager.conf ]]; then
    CONTROL_PLANE=yes
    etcd_topology
  elif [[ -n $ETCD_MANIFEST || -f $ROOT$PKI/etcd/server.crt || -d $ROOT/etc/etcd/pki ]]; then
    ETCD=member
  fi
  etcd_paths
}

# saved_configuration: sets SAVED_CONFIGURATION, the values of the ClusterConfiguration that was saved here, as yaml_paths tells them
saved_configuration() {
  SAVED_CONFIGURATION=''
  if [[ -s $STATE/cluster-configuration.yaml ]] && yaml_file "$STATE/cluster-configuration.yaml"; then SAVED_CONFIGURATION=$REPLY; fi
}

# certificates_dir: sets PKI as the saved ClusterConfiguration says; else where most files are that the API server, the controller manager and the
# kubelet are given; else kubeadm's default.
certificates_dir() {
  yaml_at "$SAVED_CONFIGURATION" certificatesDir && PKI=${REPLY%/}
  if [[ $PKI == /* && -d $ROOT$PKI ]]; then return 0; fi
  yaml_at "$KUBELET_SETTINGS" authentication.x509.clientCAFile
  PKI=$(printf '%s\n' "$API_SERVER" "$CONTROLLER_MANAGER" "--client-ca-file=$REPLY" | awk '
    sub(/^--[a-z-]*=\//, "/") && /\.(crt|key|pub|pem)$/ && sub(/\/[^\/]*$/, "") && $0 != "" { if (!count[$0]++) order[++folders] = $0 }
    END { for (i = 1; i <= folders; i++) if (count[order[i]] > count[most]) most = order[i]; print most }')
  [[ -n $PKI ]] || PKI=$KUBERNETES/pki
}

# etcd_topology: of a control plane, by what there is, not by addresses: an external etcd may run on the same machine.
etcd_topology() {
  ETCD=stacked
  if [[ $'\n'$SAVED_CONFIGURATION == *$'\n'etcd.external.* ]]; then
    ETCD=external
  elif [[ -z $ETCD_MANIFEST && $'\n'$SAVED_CONFIGURATION != *$'\n'etcd.local.* && ! -f $ROOT$PKI/etcd/server.crt ]]; then
    ETCD=external
  fi
}

# The certificates of the etcd member on this node, and how to reach it.
etcd_paths() {
  ETCD_PKI=$PKI/etcd
  if [[ $ETCD == member && ! -f $ROOT$ETCD_PKI/server.crt && -d $ROOT/etc/etcd/pki ]]; then ETCD_PKI=/etc/etcd/pki; fi
  flag_path "$ETCD_MANIFEST" cert-file "$ETCD_PKI/server.crt" && ETCD_CERT=$REPLY
  flag_path "$ETCD_MANIFEST" key-file "${ETCD_CERT%.*}.key" && ETCD_KEY=$REPLY
  flag_path "$ETCD_MANIFEST" peer-cert-file "$ETCD_PKI/peer.crt" && ETCD_PEER_CERT=$REPLY
  flag_path "$ETCD_MANIFEST" trusted-ca-file "$ETCD_PKI/ca.crt" && ETCD_CA=$REPLY
  flag "$ETCD_MANIFEST" listen-client-urls && url_address "$REPLY" 127.0.0.1:2379 && ETCD_CLIENT_ADDRESS=$REPLY
  # kubeadm's etcd listens for its peers at the node's own address only.
  flag "$ETCD_MANIFEST" listen-peer-urls && url_address "$REPLY" 127.0.0.1:2380 && ETCD_PEER_ADDRESS=$REPLY
}

# node_name -> REPLY, the name that Kubernetes knows this node by: from the kubelet's certificate (lib/kubelet/certificates.sh), else from etcd's manifest.
node_name() {
  REPLY=${NODE_NAME:-}
  [[ -n $REPLY ]] || flag "$ETCD_MANIFEST" name
  [[ -n $REPLY ]] || REPLY=$(uname -n)
}
