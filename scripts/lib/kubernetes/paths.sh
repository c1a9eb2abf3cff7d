# Where things are on this node. Paths are kept as the node knows them; "$ROOT" goes in front wherever a file is opened.

KUBERNETES=/etc/kubernetes
MANIFESTS=$KUBERNETES/manifests
KUBELET=/var/lib/kubelet
# What a renewal remembers: lib/renewal/unfinished.sh
RENEWAL=$STATE/renewal

# manifest_read COMPONENT -> REPLY, the static pod's manifest without comment lines; empty when there is none.
manifest_read() {
  REPLY=''
  [[ -f $ROOT$MANIFESTS/$1.yaml ]] || return 0
  REPLY=$(sed '/^[[:space:]]*#/d' "$ROOT$MANIFESTS/$1.yaml" 2>/dev/null | tr -d '\000') || REPLY=''
}

# flag TEXT NAME -> REPLY, the value of --NAME= in a manifest; empty when it is not set.
flag() {
  REPLY=''
  [[ $1 == *"--$2="* ]] || return 0
  REPLY=${1#*"--$2="} REPLY=${REPLY%%$'\n'*} REPLY=${REPLY%%[\"\'[:space:]]*}
}

# flag_path TEXT NAME DEFAULT -> REPLY, an absolute path
flag_path() {
  flag "$1" "$2"
  [[ $REPLY == /* ]] || REPLY=$3
}

# flag_port TEXT DEFAULT -> REPLY, the component's --secure-port
flag_port() {
  flag "$1" secure-port
  [[ $REPLY =~ ^[0-9]{1,5}$ && $REPLY != 0* ]] || REPLY=$2
}

# listen_address TEXT -> REPLY, where a component can be reached from its own node; most listen everywhere.
listen_address() {
  flag "$1" bind-address
  case $REPLY in
    '' | 0.0.0.0 | ::) REPLY=127.0.0.1 ;;
    *:*) REPLY="[$REPLY]" ;;
  esac
}

# url_address URLS DEFAULT -> REPLY, host:port to connect to. Of several URLs the loopback is taken, else the first; DEFAULT without a port.
url_address() {
  local urls=$1
  case $urls in
    *://127.0.0.1:*) urls=${urls#*://127.0.0.1:} REPLY=127.0.0.1:${urls%%[,/]*} ;;
    *://*) urls=${urls#*://} REPLY=${urls%%[,/]*} ;;
    *) REPLY=$2 ;;
  esac
  REPLY=${REPLY/#0.0.0.0:/127.0.0.1:}
  [[ $REPLY =~ :[0-9]{1,5}$ ]] || REPLY=$2
}

# topology: sets CONTROL_PLANE (yes or empty), ETCD (stacked, external: the etcd of a control plane; member: a node that only runs etcd;
# empty: none here), PKI (kubeadm's certificatesDir), and the manifests' texts.
topology() {
  CONTROL_PLANE='' ETCD='' PKI=''
  manifest_read kube-apiserver && API_SERVER=$REPLY
  manifest_read kube-controller-manager && CONTROLLER_MANAGER=$REPLY
  manifest_read kube-scheduler && SCHEDULER=$REPLY
  manifest_read etcd && ETCD_MANIFEST=$REPLY
  flag "$API_SERVER" client-ca-file
  [[ $REPLY == /* ]] || flag "$API_SERVER" tls-cert-file
  [[ $REPLY != /*/* ]] || PKI=${REPLY%/*}
  [[ -n $PKI ]] || certificates_dir_elsewhere
  if [[ -n $API_SERVER || -f $ROOT$PKI/apiserver.crt || -f $ROOT$KUBERNETES/controller-manager.conf ]]; then
    CONTROL_PLANE=yes
    ETCD=stacked
    flag "$API_SERVER" etcd-servers
    # kubeadm gives a stacked API server its own member alone, at the loopback or at the node's address; an external etcd has another client certificate.
    if [[ -z $ETCD_MANIFEST && $REPLY != *://127.0.0.1:* && ! -f $ROOT$PKI/etcd/server.crt ]]; then ETCD=external; fi
  elif [[ -n $ETCD_MANIFEST || -f $ROOT$PKI/etcd/server.crt || -d $ROOT/etc/etcd/pki ]]; then
    ETCD=member
  fi
  etcd_paths
}

# Without an API server manifest: what the saved ClusterConfiguration or the kubelet says, else kubeadm's default.
certificates_dir_elsewhere() {
  PKI=$(sed -n 's/^certificatesDir: *"\{0,1\}\(\/[^"[:space:]]*\)"\{0,1\} *$/\1/p' "$STATE/cluster-configuration.yaml" 2>/dev/null | head -n 1) || PKI=''
  [[ -n $PKI ]] || PKI=$KUBERNETES/pki
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
