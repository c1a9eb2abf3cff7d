# The certificates of this node: one row each in parallel arrays. Every file is read with openssl, which alone says serial and date;
# kubeadm's own answer is laid over it (lib/kubeadm/check-expiration.sh), and inventory-json.sh writes them down.
#
# R_FLAGS holds words: ca external missing. CA_HASHES maps a CA's subject hash to its name: " hash=name hash=name".

inventory_clear() {
  R_NAME=() R_PATH=() R_CA=() R_AFTER=() R_SERIAL=() R_FLAGS=() R_ERROR=() CA_HASHES=' ' CA_EXTERNAL=' ' NODE_NAME=''
}

# row_number NAME -> REPLY, empty when there is no such row
row_number() {
  local i
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ ${R_NAME[i]} != "$1" ]] || { REPLY=$i && return 0; }
  done
  REPLY=''
}

# row_ended ROW: its certificate has run out. REPLY, which often is the row, stays.
row_ended() {
  local REPLY
  iso_now
  [[ -n ${R_AFTER[$1]} && ${R_AFTER[$1]} < $REPLY ]]
}

# row_add NAME PATH FLAGS: from the X_ variables that an x509_read left behind.
row_add() {
  local i=${#R_NAME[@]} flags=$3 ca=''
  case " $flags " in
    *' ca '*) ;;
    *)
      if [[ -n $X_ISSUER && $X_ISSUER == "$X_SUBJECT" ]]; then
        ca=self
      elif [[ -n $X_ISSUER && $CA_HASHES == *" $X_ISSUER="* ]]; then
        ca=${CA_HASHES#*" $X_ISSUER="} ca=${ca%% *}
      fi
      if [[ -n $ca && $CA_EXTERNAL == *" $ca "* && $flags == *kubeadm* ]]; then flags="$flags external"; fi
      ;;
  esac
  R_NAME[i]=$1 R_PATH[i]=$2 R_CA[i]=$ca R_FLAGS[i]=$flags
  R_AFTER[i]=$X_AFTER R_SERIAL[i]=$X_SERIAL R_ERROR[i]=$X_ERROR
}

# certificate NAME PATH [FLAGS]: FLAGS `optional`: no row when the file is not there. `kubeadm`: kubeadm made it and can renew it.
certificate() {
  local flags=${3:-}
  if [[ ! -e $ROOT$2 && ! -L $ROOT$2 ]]; then
    [[ $flags != *optional* ]] || return 0
    x509_none
    row_add "$1" "$2" "$flags missing"
    return 0
  fi
  x509_read "$ROOT$2"
  row_add "$1" "$2" "$flags"
}

# kubeconfig NAME PATH [FLAGS]: the client certificate inside.
kubeconfig() {
  local flags=${3:-}
  if [[ ! -e $ROOT$2 ]]; then
    [[ $flags != *optional* ]] || return 0
    x509_none
    row_add "$1" "$2" "$flags missing"
    return 0
  fi
  x509_none
  if [[ ! -f $ROOT$2 ]]; then
    X_ERROR='not a regular file'
  else
    kubeconfig_value "$ROOT$2" client-certificate-data
    if [[ -n $REPLY ]]; then x509_read_base64 "$REPLY"; else X_ERROR='no client-certificate-data in it'; fi
  fi
  row_add "$1" "$2" "$flags"
}

# certificate_authority NAME PATH: also remembers its name for what it signed, and whether its key is on this node.
certificate_authority() {
  [[ -e $ROOT$2 || -L $ROOT$2 ]] || return 0
  x509_read "$ROOT$2"
  [[ -z $X_SUBJECT ]] || CA_HASHES="$CA_HASHES$X_SUBJECT=$1 "
  if [[ $CONTROL_PLANE == yes && ! -e $ROOT${2%.*}.key ]]; then
    CA_EXTERNAL="$CA_EXTERNAL$1 "
    row_add "$1" "$2" 'ca external'
  else
    row_add "$1" "$2" ca
  fi
}

# The whole inventory, in the order in which it is shown. Nothing here depends on an API server, on kubeadm or on a valid date.
inventory_collect() {
  inventory_clear
  certificate_authority ca "$PKI/ca.crt"
  if [[ $ETCD == stacked || $ETCD == member ]]; then certificate_authority etcd-ca "$ETCD_CA"; fi
  if [[ $CONTROL_PLANE == yes ]]; then
    certificate_authority front-proxy-ca "$PKI/front-proxy-ca.crt"
    inventory_of_control_plane
  fi
  case $ETCD in
    stacked) inventory_of_etcd kubeadm ;;
    member) inventory_of_etcd '' ;;
  esac
  inventory_of_kubelet
}

inventory_of_control_plane() {
  certificate apiserver "$PKI/apiserver.crt" kubeadm
  # Somebody's own serving certificate: kubeadm does not renew it, and port 6443 serves it instead.
  flag_path "$API_SERVER" tls-cert-file "$PKI/apiserver.crt" && API_SERVING=apiserver
  if [[ $REPLY != "$PKI/apiserver.crt" ]]; then certificate apiserver-serving "$REPLY" && API_SERVING=apiserver-serving; fi
  certificate apiserver-kubelet-client "$PKI/apiserver-kubelet-client.crt" kubeadm
  certificate front-proxy-client "$PKI/front-proxy-client.crt" kubeadm
  if [[ $ETCD == external ]]; then
    flag_path "$API_SERVER" etcd-cafile '' && [[ -z $REPLY ]] || certificate_authority etcd-ca "$REPLY"
    flag_path "$API_SERVER" etcd-certfile "$PKI/apiserver-etcd-client.crt" && certificate external-etcd-client "$REPLY" 'external optional'
  else
    certificate apiserver-etcd-client "$PKI/apiserver-etcd-client.crt" kubeadm
  fi
  kubeconfig admin.conf "$KUBERNETES/admin.conf" kubeadm
  kubeconfig super-admin.conf "$KUBERNETES/super-admin.conf" 'kubeadm optional'
  kubeconfig controller-manager.conf "$KUBERNETES/controller-manager.conf" kubeadm
  kubeconfig scheduler.conf "$KUBERNETES/scheduler.conf" kubeadm
  # Serving certificates that somebody configured; without one these components sign their own in memory.
  flag_path "$CONTROLLER_MANAGER" tls-cert-file '' && [[ -z $REPLY ]] || certificate controller-manager-serving "$REPLY"
  flag_path "$SCHEDULER" tls-cert-file '' && [[ -z $REPLY ]] || certificate scheduler-serving "$REPLY"
}

# inventory_of_etcd FLAGS
inventory_of_etcd() {
  certificate etcd-server "$ETCD_CERT" "$1"
  certificate etcd-peer "$ETCD_PEER_CERT" "$1"
  if [[ $ETCD == stacked ]]; then
    certificate etcd-healthcheck-client "$ETCD_PKI/healthcheck-client.crt" "$1"
  else
    certificate etcd-healthcheck-client "$ETCD_PKI/healthcheck-client.crt" optional
  fi
}

inventory_of_kubelet() {
  local config path
  [[ -d $ROOT$KUBELET ]] || return 0
  if kubeconfig_value "$ROOT$KUBERNETES/kubelet.conf" client-certificate && path=$REPLY && [[ -n $path ]]; then
    [[ $path == /* ]] || path=$KUBERNETES/$path
    certificate kubelet-client "$path"
  elif [[ $ETCD == member && ! -e $ROOT$KUBERNETES/kubelet.conf ]]; then
    # On an etcd node the kubelet runs on its own, without an API server to log in to.
    x509_none
  else
    kubeconfig kubelet-client "$KUBERNETES/kubelet.conf"
  fi
  NODE_NAME=$X_NODE
  config=$ROOT$KUBELET/config.yaml
  kubeconfig_value "$config" tlsCertFile && path=$REPLY
  if [[ -z $path ]]; then
    path=$KUBELET/pki/kubelet.crt
    kubeconfig_value "$config" serverTLSBootstrap
    if [[ $REPLY == true || ! -e $ROOT$path ]] && [[ -e $ROOT$KUBELET/pki/kubelet-server-current.pem ]]; then path=$KUBELET/pki/kubelet-server-current.pem; fi
  fi
  certificate kubelet-serving "$path" optional
}
