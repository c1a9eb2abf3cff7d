# The inventory of a node: every certificate that its processes present or trust, by what they are told, one row each (rows.sh). kubeadm's have
# kubeadm's names; another one is called after the process and the flag that leads to it, which is why it is there.

# The whole inventory, in the order in which it is shown. Nothing here depends on an API server, on kubeadm or on a valid date.
inventory_collect() {
  inventory_clear
  CA_DATA_SEEN=' '
  authority_of ca "$PKI/ca.crt" "$API_SERVER" client-ca-file
  if [[ $ETCD == stacked || $ETCD == member ]]; then certificate_authority etcd-ca "$ETCD_CA"; fi
  if [[ $CONTROL_PLANE == yes ]]; then
    authority_of front-proxy-ca "$PKI/front-proxy-ca.crt" "$API_SERVER" requestheader-client-ca-file
    inventory_of_control_plane
  fi
  case $ETCD in
    stacked) inventory_of_etcd kubeadm ;;
    # kubeadm renews what is in its own folder.
    member) if [[ -n $ETCD_MANIFEST && $ETCD_PKI == "$PKI/etcd" ]]; then inventory_of_etcd kubeadm; else inventory_of_etcd unmanaged; fi ;;
    external) [[ -z $ETCD_MANIFEST ]] || inventory_of_etcd unmanaged ;;
  esac
  inventory_of_kubelet
  if [[ $CONTROL_PLANE == yes ]]; then inventory_of_flags; fi
  inventory_signers
}

# authority_of NAME FILE MANIFEST FLAG: kubeadm's own file, with which it signs; where that is not there, the one that is trusted.
authority_of() {
  local path=$2
  if [[ ! -e $ROOT$path && ! -L $ROOT$path ]]; then
    flag_path "$3" "$4" '' && path=$REPLY
    [[ -n $path || $1 != ca ]] || { kubelet_path authentication.x509.clientCAFile client-ca-file '' && path=$REPLY; }
  fi
  certificate_authority "$1" "${path:-$2}"
}

# is_file A B: two paths of one file
is_file() { [[ $1 == "$2" || $ROOT$1 -ef $ROOT$2 ]]; }

# certificate_of NAME FILE MANIFEST FLAG: the certificate that a flag leads to. Where that is not kubeadm's own file, kubeadm does not renew it.
certificate_of() {
  flag_path "$3" "$4" "$2"
  if is_file "$REPLY" "$2"; then certificate "$1" "$2" kubeadm; else certificate "$1" "$REPLY" unmanaged; fi
}

# kubeconfig_of NAME MANIFEST: the same for the kubeconfig of a component; one in its configuration file counts more than its flag.
kubeconfig_of() {
  local path
  flag_path "$2" kubeconfig "$KUBERNETES/$1" && path=$REPLY
  configured_files "$2" config 'clientConnection\.kubeconfig'
  if [[ ${#FLAG_FILES[@]} -gt 0 ]]; then path=${FLAG_FILES[${#FLAG_FILES[@]} - 1]}; fi
  if is_file "$path" "$KUBERNETES/$1"; then kubeconfig "$1" "$KUBERNETES/$1" kubeadm "$2"; else kubeconfig "$1" "$path" unmanaged "$2"; fi
}

inventory_of_control_plane() {
  # Somebody's own serving certificate: kubeadm renews its own beside it, where that is still there, and port 6443 serves the other.
  flag_path "$API_SERVER" tls-cert-file "$PKI/apiserver.crt"
  if is_file "$REPLY" "$PKI/apiserver.crt"; then
    certificate apiserver "$PKI/apiserver.crt" kubeadm && API_SERVING=apiserver
  else
    certificate apiserver "$PKI/apiserver.crt" 'kubeadm optional' && certificate apiserver-serving "$REPLY" && API_SERVING=apiserver-serving
  fi
  certificate_of apiserver-kubelet-client "$PKI/apiserver-kubelet-client.crt" "$API_SERVER" kubelet-client-certificate
  certificate_of front-proxy-client "$PKI/front-proxy-client.crt" "$API_SERVER" proxy-client-cert-file
  if [[ $ETCD == external ]]; then
    flag_path "$API_SERVER" etcd-cafile '' && [[ -z $REPLY ]] || certificate_authority etcd-ca "$REPLY"
    flag_path "$API_SERVER" etcd-certfile "$PKI/apiserver-etcd-client.crt" && certificate external-etcd-client "$REPLY" 'external optional'
  else
    certificate_of apiserver-etcd-client "$PKI/apiserver-etcd-client.crt" "$API_SERVER" etcd-certfile
  fi
  kubeconfig admin.conf "$KUBERNETES/admin.conf" kubeadm
  kubeconfig super-admin.conf "$KUBERNETES/super-admin.conf" 'kubeadm optional'
  kubeconfig_of controller-manager.conf "$CONTROLLER_MANAGER"
  kubeconfig_of scheduler.conf "$SCHEDULER"
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
    certificate etcd-healthcheck-client "$ETCD_PKI/healthcheck-client.crt" "$1 optional"
  fi
}

# inventory_of_flags: what else the static pods are told to present and to trust
inventory_of_flags() {
  flags_present kube-apiserver "$API_SERVER" tls-sni-cert-key etcd-certfile egress-selector-config-file=clientCert
  flags_present etcd "$ETCD_MANIFEST" client-cert-file peer-client-cert-file
  flags_trust kube-apiserver "$API_SERVER" client-ca-file requestheader-client-ca-file kubelet-certificate-authority etcd-cafile oidc-ca-file \
    egress-selector-config-file=caBundle
  flags_trust kube-controller-manager "$CONTROLLER_MANAGER" root-ca-file client-ca-file requestheader-client-ca-file cluster-signing-cert-file \
    cluster-signing-kubelet-client-cert-file cluster-signing-kubelet-serving-cert-file cluster-signing-kube-apiserver-client-cert-file cluster-signing-legacy-unknown-cert-file
  flags_trust kube-scheduler "$SCHEDULER" client-ca-file requestheader-client-ca-file
  flags_trust etcd "$ETCD_MANIFEST" trusted-ca-file peer-trusted-ca-file
  flags_kubeconfig kube-apiserver "$API_SERVER" authentication-token-webhook-config-file authorization-webhook-config-file audit-webhook-config-file \
    authorization-config=kubeConfigFile
  flags_kubeconfig kube-controller-manager "$CONTROLLER_MANAGER" authentication-kubeconfig authorization-kubeconfig
  flags_kubeconfig kube-scheduler "$SCHEDULER" authentication-kubeconfig authorization-kubeconfig
}

# flag_files MANIFEST FLAG -> FLAG_FILES, the files that every one of this flag leads to; of `file,key` the first. Some thirty flags are asked for, so
# without a process.
flag_files() {
  local line IFS=$'\n'
  FLAG_FILES=()
  set -f
  for line in $1; do
    if [[ $line != "--$2=/"* || ${#FLAG_FILES[@]} -ge 20 ]]; then continue; fi
    line=${line#*=} line=${line%%,*}
    [[ $'\n'"${FLAG_FILES[*]-}"$'\n' == *$'\n'"$line"$'\n'* ]] || FLAG_FILES+=("$line")
  done
  set +f
}

# configured_files MANIFEST FLAG KEY -> FLAG_FILES, the files that are values of this key in the configuration that a flag leads to
configured_files() {
  local path
  FLAG_FILES=()
  flag_path "$1" "$2" ''
  if [[ -z $REPLY || ! -f $ROOT$REPLY ]] || ! yaml_file "$ROOT$REPLY"; then return 0; fi
  while IFS= read -r path; do
    node_path "$1" "$path" && FLAG_FILES+=("$REPLY")
  done < <(printf '%s\n' "$REPLY" | sed -n "s|^\(.*\.\)\{0,1\}$3=\(/.*\)|\2|p" | awk '!seen[$0]++' | head -n 20)
}

# flags_present, flags_trust, flags_kubeconfig COMPONENT MANIFEST FLAG...: a row for each file that is not in the list yet. FLAG=KEY: the files at
# that key in the configuration that the flag leads to
flags_present() { flags_each certificate "$@"; }
flags_trust() { flags_each trusted "$@"; }
flags_kubeconfig() { flags_each kubeconfig "$@"; }
flags_each() {
  local kind=$1 component=$2 manifest=$3 name path row
  shift 3
  for name in "$@"; do
    if [[ $name == *=* ]]; then configured_files "$manifest" "${name%=*}" "${name#*=}"; else flag_files "$manifest" "$name"; fi
    for path in ${FLAG_FILES[@]+"${FLAG_FILES[@]}"}; do
      row_of_file "$path"
      if [[ -n $REPLY ]]; then continue; fi
      row="$component --${name/=/ }"
      if [[ $kind == kubeconfig ]]; then kubeconfig "$row" "$path" optional "$manifest"; else "$kind" "$row" "$path"; fi
    done
  done
}
