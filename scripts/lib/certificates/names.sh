# Whether certificates were made for this node: one that was copied from another one has that one's name and address.

# inventory_names: sets R_NAMES, the names in the certificate, of those that an API server or etcd serves and that do not fit. Clients connect to
# the address at which a component says that it is served, so that has to be in it; the node's name counts only where no address is said. Only
# what a CA of this node signed is asked: a company may share one certificate between its nodes, under names that only its own clients know.
inventory_names() {
  local name
  node_name
  name=$REPLY
  # Of an API server's addresses one is the service's, which all of them have.
  if [[ ${API_SERVING:-} == apiserver ]]; then
    flag "$API_SERVER" advertise-address
    names_of apiserver 2 "$name" "$REPLY"
    names_of_all_clients
  fi
  flag "$ETCD_MANIFEST" advertise-client-urls && url_host "$REPLY"
  names_of etcd-server 1 "$name" "$REPLY"
  flag "$ETCD_MANIFEST" initial-advertise-peer-urls && url_host "$REPLY"
  names_of etcd-peer 1 "$name" "$REPLY"
  name_of_kubelet
}

# names_of_all_clients: sets R_LACKS, what is not in the API server's certificate of the names that every control plane is asked by: the
# cluster's endpoint, by the saved ClusterConfiguration, and that of pods.
names_of_all_clients() {
  local row name lacks=''
  signed_row apiserver || return 0
  row=$REPLY
  yaml_at "$SAVED_CONFIGURATION" controlPlaneEndpoint && name=$REPLY
  case $name in
    \[*) name=${name#\[} name=${name%%]*} ;;
    *:*:*) ;;
    *) name=${name%:*} ;;
  esac
  for name in $name kubernetes.default.svc; do
    names_fit "${R_PEM[row]}" "$name" || lacks="$lacks, $name"
  done
  R_LACKS[row]=${lacks#, }
}

# name_of_kubelet: NODE_NAME is whom the kubelet's client certificate says it is. A kubelet is called as it is told to be, else after the host;
# kubeadm calls etcd's member the same.
name_of_kubelet() {
  local row name names
  [[ -n ${NODE_NAME:-} ]] && signed_row kubelet-client || return 0
  row=$REPLY
  flag "$KUBELET_FLAGS" hostname-override && names=$REPLY
  flag "$ETCD_MANIFEST" name && names="$names $REPLY"
  for name in $names $(uname -n | tr '[:upper:]' '[:lower:]'); do
    # A host may know itself by the first part of its name alone.
    [[ ${name%%.*} != "${NODE_NAME%%.*}" ]] || return 0
  done
  R_NAMES[row]=$NODE_NAME
}

# signed_row NAME -> REPLY, its row; returns 1 where there is none that a CA of this node signed
signed_row() {
  row_number "$1"
  [[ -n $REPLY && -n ${R_CA[REPLY]:-} && ${R_CA[REPLY]} != self ]]
}

# url_host URLS -> REPLY, the first one's host
url_host() {
  REPLY=${1#*://} REPLY=${REPLY%%[,/]*} REPLY=${REPLY%:*} REPLY=${REPLY#\[} REPLY=${REPLY%\]}
}

# names_of CERTIFICATE LEAST NODE ADDRESS: a loopback is none. With fewer than LEAST addresses the certificate was not made for one node.
names_of() {
  local row text addresses
  case $4 in
    '' | 127.* | ::1 | localhost | 0.0.0.0 | ::) set -- "$1" "$2" "$3" "$(uname -n)" ;;
    *) set -- "$1" "$2" "$4" "$4" ;;
  esac
  signed_row "$1" || return 0
  row=$REPLY
  ! names_fit "${R_PEM[row]}" "$3" "$4" || return 0
  text=$(printf '%s\n' "${R_PEM[row]}" | openssl x509 -noout -text | sed -n '/Subject Alternative Name/{n;s/^ *//;s/DNS://g;p;}')
  addresses=$(printf '%s\n' "$text" | tr ',' '\n' | grep 'IP Address:' | grep -vc ':127\.\|:0:0:0:0:0:0:0:1$') || true
  [[ $addresses -ge $2 ]] || return 0
  text=${text//IP Address:/}
  R_NAMES[row]=${text:0:300}
}

# names_fit PEM NAME...: one of them is in the certificate; also when there is none to look for.
names_fit() {
  local pem=$1 name kind answer differs=''
  shift
  for name in "$@"; do
    kind=-checkhost
    case $name in
      *:*) kind=-checkip ;;
      *[!0-9.]*) ;;
      *) kind=-checkip ;;
    esac
    answer=$(printf '%s\n' "$pem" | openssl x509 -noout "$kind" "$name" 2>/dev/null) || true
    case $answer in
      *'does match'*) return 0 ;;
      *'does NOT match'*) differs=yes ;;
    esac
  done
  [[ -z $differs ]]
}
