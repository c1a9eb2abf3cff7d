# Where a process of this node can be asked: at the address that it listens on.

# loopback_for ADDRESS -> REPLY, as it is before a port: one that stands for all is the loopback.
loopback_for() {
  REPLY=${1#\[} REPLY=${REPLY%\]}
  case $REPLY in
    '' | 0.0.0.0 | ::) REPLY=127.0.0.1 ;;
    *:*) REPLY="[$REPLY]" ;;
  esac
}

# listen_address MANIFEST -> REPLY, where an API server, controller manager or scheduler listens
listen_address() { flag "$1" bind-address && loopback_for "$REPLY"; }

# serves_at MANIFEST PORT -> REPLY, its host:port; empty where it listens on none
serves_at() {
  local port
  flag_port "$1" "$2" && port=$REPLY
  listen_address "$1"
  REPLY=$REPLY:$port
  [[ $port != 0 ]] || REPLY=''
}

# kubelet_serves_at -> REPLY, host:port; empty where its server is off
kubelet_serves_at() {
  local port
  kubelet_setting port port && port=$REPLY
  [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || port=10250
  kubelet_setting address address && loopback_for "$REPLY"
  port=$REPLY:$port
  kubelet_setting enableServer enable-server
  if [[ $REPLY == false ]]; then REPLY=''; else REPLY=$port; fi
}

# url_address URLS DEFAULT -> REPLY, host:port to connect to with TLS. Of several the loopback is taken, else the first; DEFAULT without any, nothing
# where none has TLS.
url_address() {
  local urls=${1//[, ]/$'\n'} url host first=''
  REPLY=$2
  [[ -n $1 ]] || return 0
  while IFS= read -r url; do
    [[ $url =~ ^https://(.*):([0-9]{1,5})/?$ ]] || continue
    loopback_for "${BASH_REMATCH[1]}"
    host=$REPLY REPLY=$REPLY:${url##*:} REPLY=${REPLY%/}
    case $host in 127.* | localhost | '[::1]') return 0 ;; esac
    first=${first:-$REPLY}
  done < <(printf '%s\n' "$urls")
  REPLY=$first
}
