# What an upgrade has to know of the static pods of this node.

# control_plane_json -> REPLY. Needs ENDPOINT and etcd_ask.
control_plane_json() {
  local OBJECT=''
  components_json
  put_raw components "$REPLY"
  etcd_json
  put_raw etcd "$REPLY"
  etcd_room
  put_raw disk "$REPLY"
  missing_annotations
  put_raw missingAnnotations "$REPLY"
  kubelet_server_kind
  put kubeletServer "$REPLY"
  certificates_json
  put_raw certificates "$REPLY"
  if ls "$ROOT$KUBERNETES"/tmp/kubeadm-upgraded-manifests*/*.yaml >/dev/null 2>&1; then put_raw unfinished true; fi
  put_close
}

components_json() {
  local component rows='' OBJECT text image version
  for component in $STATIC_PODS; do
    if [[ $component == etcd && $ETCD != stacked ]]; then continue; fi
    OBJECT='' version=''
    put name "$component"
    manifest_read "$component" && text=$REPLY
    manifest_image "$component" && image=$REPLY
    put image "$image"
    # A mirror pod may be that of an older manifest, so the runtime is asked; what a process says of itself counts more than its tag.
    if [[ -n $image ]] && runs_image "$component" "$image"; then version=${image##*:}; fi
    case $component in
      kube-apiserver) version=$(kubectl_here version 2>/dev/null | sed -n 's/^Server Version: //p') || version='' ;;
      etcd) version=$ETCD_VERSION ;;
    esac
    [[ ! $version =~ ^v?[0-9]+\.[0-9]+\.[0-9A-Za-z.+-]+$ ]] || put version "${version#v}"
    if healthy "$component"; then fact true ''; else fact false "$REPLY"; fi
    put_raw healthy "$REPLY"
    names_json 150 "$(printf '%s\n' "$text" | grep '^--' | flag_names)"
    put_raw flags "$REPLY"
    flag "$text" feature-gates
    names_json 80 "$(gate_names "$REPLY")"
    put_raw gates "$REPLY"
    put_close
    rows="$rows,$REPLY"
  done
  REPLY="[${rows#,}]"
}

# etcd_ask: sets ETCD_VERSION and ETCD_BYTES, as the member that runs says
etcd_ask() {
  local status
  ETCD_VERSION='' ETCD_BYTES=''
  if [[ $ETCD != stacked ]]; then return 0; fi
  status=$(etcdctl_here endpoint status -w fields) || status=''
  ETCD_VERSION=$(printf '%s\n' "$status" | sed -n 's/^"Version" : *"\([0-9.]*\)".*/\1/p' | head -n 1)
  ETCD_BYTES=$(printf '%s\n' "$status" | sed -n 's/^"DBSize" : *\([0-9]*\).*/\1/p' | head -n 1)
}

# etcd_json -> REPLY: what inspect-control-plane tells of etcd, and more
etcd_json() {
  local OBJECT='' facts
  etcd_facts && facts=${REPLY%?}
  put version "$ETCD_VERSION"
  put_raw databaseBytes "$ETCD_BYTES"
  if [[ $ETCD == stacked ]]; then
    names_json 20 "$({ etcdctl_here alarm list || true; } | sed -n 's/.*alarm:\([A-Z]*\).*/\1/p' | sort -u)"
  else
    REPLY='[]'
  fi
  put_raw alarms "$REPLY"
  REPLY="$facts$OBJECT}"
}

# etcd_room -> REPLY: kubeadm copies etcd's data below /etc/kubernetes
etcd_room() {
  local data needs free etcd_free shared=false
  flag_path "$ETCD_MANIFEST" data-dir /var/lib/etcd && data=$REPLY
  needs=$(du -sk "$ROOT$data" 2>/dev/null | awk '{ print $1 }') || needs=''
  disk_free_kib "$ROOT$KUBERNETES" && free=$REPLY
  disk_free_kib "$ROOT$data" && etcd_free=$REPLY
  [[ $(df -Pk "$ROOT$data" "$ROOT$KUBERNETES" 2>/dev/null | awk 'NR > 1 { print $1 }' | sort -u | grep -c .) != 1 ]] || shared=true
  REPLY="{\"etcdDataKiB\":${needs:-0},\"kubernetesFreeKiB\":$free,\"etcdFreeKiB\":$etcd_free,\"shared\":$shared}"
}

# missing_annotations -> REPLY: by these kubeadm finds etcd and the API server
missing_annotations() {
  local etcd=kubeadm.kubernetes.io/etcd.advertise-client-urls api=kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint
  if [[ $ETCD != stacked || $ETCD_MANIFEST == *"$etcd"* ]]; then etcd=''; fi
  if [[ $API_SERVER == *"$api"* ]]; then api=''; fi
  names_json 4 "$etcd"$'\n'"$api"
}

# kubelet_server_kind -> REPLY: own, endpoint or other
kubelet_server_kind() {
  local server host
  kubeconfig_salvage "$ROOT$KUBERNETES/kubelet.conf"
  server=${K_SERVER#https://} server=${server%/} host=${server%:*} host=${host#[} host=${host%]}
  flag "$API_SERVER" advertise-address
  if [[ $host == "$REPLY" || $host == 127.0.0.1 || $host == localhost || $host == "$(uname -n)" ]]; then
    REPLY=own
  elif [[ -n $ENDPOINT && $server == "$ENDPOINT" ]]; then
    REPLY=endpoint
  else
    REPLY=other
  fi
}

# certificates_json -> REPLY: those that kubeadm would renew. Where a CA's key is elsewhere it leaves them alone by itself.
certificates_json() {
  local name rows=''
  for name in apiserver apiserver-kubelet-client; do certificate_row "$name" "$PKI/$name.crt" "$PKI/ca"; done
  for name in admin.conf super-admin.conf controller-manager.conf scheduler.conf; do certificate_row "$name" "$KUBERNETES/$name" "$PKI/ca"; done
  certificate_row front-proxy-client "$PKI/front-proxy-client.crt" "$PKI/front-proxy-ca"
  if [[ $ETCD == stacked ]]; then
    certificate_row apiserver-etcd-client "$PKI/apiserver-etcd-client.crt" "${ETCD_CA%.*}"
    certificate_row etcd-server "$ETCD_CERT" "${ETCD_CA%.*}"
    certificate_row etcd-peer "$ETCD_PEER_CERT" "${ETCD_CA%.*}"
    certificate_row etcd-healthcheck-client "$ETCD_PKI/healthcheck-client.crt" "${ETCD_CA%.*}"
  fi
  REPLY="[${rows#,}]"
}

# certificate_row NAME PATH CA: adds to `rows`. CA is the path of the CA's certificate and key without .crt and .key.
certificate_row() {
  local OBJECT='' in_files=''
  if [[ ! -r $ROOT$2 || ! -s $ROOT$3.key ]]; then return 0; fi
  case $1 in
    *.conf) kubeconfig_row "$2" ;;
    *) x509_read "$ROOT$2" ;;
  esac
  put name "$1"
  put notAfter "$X_AFTER"
  put serial "$X_SERIAL"
  put_raw inFiles "$in_files"
  if [[ -n $X_PEM ]] && ! printf '%s\n' "$X_PEM" | openssl verify -no_check_time -partial_chain -CAfile "$ROOT$3.crt" >/dev/null 2>&1; then put_raw foreign true; fi
  put_close
  rows="$rows,$REPLY"
}

# kubeconfig_row PATH: reads its user's certificate. Sets in_files to true where it, or the CA's, is in a file: kubeadm fails at such a kubeconfig.
kubeconfig_row() {
  x509_read_base64 ''
  kubeconfig_read_file "$ROOT$1" || return 0
  if [[ -n ${K_DATA[K_USER]} ]]; then
    x509_read_base64 "${K_DATA[K_USER]}"
  elif [[ -n ${K_CERTIFICATE[K_USER]} ]]; then
    in_files=true
    kubeconfig_path "$1" "${K_CERTIFICATE[K_USER]}" && x509_read "$ROOT$REPLY"
  fi
  [[ -z $K_AUTHORITY || -n $K_AUTHORITY_DATA ]] || in_files=true
}
