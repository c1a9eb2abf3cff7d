# What this node's ports present in a TLS handshake, beside what is on disk. The handshake needs no client certificate to get that far.
# S_PORT, S_NAME, S_SERIAL, S_AFTER, S_ERROR are parallel arrays.

served_collect() {
  S_PORT=() S_NAME=() S_SERIAL=() S_AFTER=() S_ERROR=()
  if [[ $CONTROL_PLANE == yes ]]; then
    served_component "$API_SERVER" 6443 "$API_SERVING"
  fi
  if [[ -n $ETCD_MANIFEST || $ETCD == stacked || $ETCD == member ]]; then
    served "$ETCD_CLIENT_ADDRESS" etcd-server
    served "$ETCD_PEER_ADDRESS" etcd-peer
  fi
  if [[ -d $ROOT$KUBELET ]]; then
    kubelet_serves_at
    served "$REPLY" kubelet-serving
  fi
  if [[ $CONTROL_PLANE == yes ]]; then
    served_component "$CONTROLLER_MANAGER" 10257 controller-manager-serving
    served_component "$SCHEDULER" 10259 scheduler-serving
  fi
}

# served_component MANIFEST PORT NAME
served_component() {
  serves_at "$1" "$2"
  served "$REPLY" "$3"
}

# served HOST:PORT NAME: one handshake, one row; none where nothing listens with TLS.
served() {
  [[ -n $1 ]] || return 0
  local i=${#S_PORT[@]} text code=0
  text=$(limited 3 openssl s_client -connect "$1" </dev/null 2>&1) || code=$?
  served_row "$text" || x509_read_text "$text"
  if [[ -n $X_ERROR ]]; then
    case $code:$text in
      124:* | 137:*) X_ERROR='no answer within 3 s' ;;
      *efused*) X_ERROR='connection refused' ;;
      *) X_ERROR='no certificate in the TLS handshake' ;;
    esac
  fi
  S_PORT[i]=${1##*:} S_NAME[i]=$2 S_SERIAL[i]=$X_SERIAL S_AFTER[i]=$X_AFTER S_ERROR[i]=$X_ERROR
}

# served_differences -> REPLY, words `name:port` where a port serves another certificate than the one on disk, or none.
# Only for the names given; a certificate that is not on disk (self-signed in memory) is not compared.
served_differences() {
  local i differences='' row
  for ((i = 0; i < ${#S_PORT[@]}; i++)); do
    [[ " $* " == *" ${S_NAME[i]} "* ]] || continue
    row_number "${S_NAME[i]}" && row=$REPLY
    [[ -n $row && -n ${R_SERIAL[row]} && ${R_SERIAL[row]} != "${S_SERIAL[i]}" ]] || continue
    differences="$differences ${S_NAME[i]}:${S_PORT[i]}"
  done
  REPLY=${differences# }
}

# served_json -> REPLY, the array of rows
served_json() {
  local i rows='' OBJECT
  for ((i = 0; i < ${#S_PORT[@]}; i++)); do
    OBJECT=''
    put_raw port "${S_PORT[i]}"
    put certificate "${S_NAME[i]}"
    put serial "${S_SERIAL[i]}"
    put notAfter "${S_AFTER[i]}"
    put error "${S_ERROR[i]}"
    put_close
    rows="$rows,$REPLY"
  done
  REPLY="[${rows#,}]"
}

# served_row TEXT: sets X_SERIAL and X_AFTER of the first certificate in a text, where it is one of the rows. Returns 1 otherwise.
served_row() {
  local i
  first_pem "$1"
  x509_none
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    if [[ -n $REPLY && ${R_PEM[i]} == "$REPLY" ]]; then X_SERIAL=${R_SERIAL[i]} X_AFTER=${R_AFTER[i]} && return 0; fi
  done
  return 1
}
