#!/bin/bash
# Every certificate of this control plane as openssl itself reads it, one a line with tabs between:
#   disk PATH serial=... notAfter=...      LOOK=disk: every file of Kubernetes that holds a certificate, kubeconfigs too
#   served PORT serial=... notAfter=...    LOOK=served: what the port presents in a TLS handshake now
#   key PATH ALGORITHM                     LOOK=keys: what kind of key each of kubeadm's own has
# Parameters: OWN_ADDRESS, this node's own, where etcd listens for its peers; PORTS, those that are asked; CERTIFICATES_DIR, kubeadm's certificatesDir.
set -euo pipefail
# Without the bundle of public CAs, whose loading takes most of each call.
export SSL_CERT_FILE=/dev/null

# tell KIND NAME: a certificate on stdin. What is none is left out.
tell() {
  local text
  if [[ $1 == key ]]; then
    text=$(openssl x509 -noout -text 2>/dev/null | sed -n 's/^ *Public Key Algorithm: //p') && [[ -n $text ]] || return 0
  else
    text=$(openssl x509 -noout -serial -enddate 2>/dev/null | paste -s) || return 0
  fi
  printf '%s\t%s\t%s\n' "$1" "$2" "$text"
}

disk() {
  of_kubeadm disk
  while IFS= read -r file; do tell disk "$file" < <(cat "$file"); done < <(find /var/lib/kubelet/pki -name '*.crt' -o -name '*-current.pem')
}
keys() { of_kubeadm key; }

# of_kubeadm KIND
of_kubeadm() {
  local file data
  while IFS= read -r file; do tell "$1" "$file" < <(cat "$file"); done < <(find /etc/kubernetes "$CERTIFICATES_DIR" -name '*.crt' | sort -u)
  for file in /etc/kubernetes/*.conf; do
    [[ -e $file ]] || continue
    data=$(sed -n 's/^ *client-certificate-data: //p' "$file")
    # kubeadm writes both at once: where a kill has cut the key off, what is there counts as nothing.
    sed -n 's/^ *client-key-data: //p' "$file" | base64 -d 2>/dev/null | openssl pkey -noout 2>/dev/null || data=''
    [[ -z $data ]] || printf '%s' "$data" | base64 -d | tell "$1" "$file"
  done
}

# Where a client certificate is asked for, openssl fails after it has printed the server's. On a busy machine a controller-manager or
# scheduler loses its lease and starts anew: half a minute.
served() {
  local port address line try
  # shellcheck disable=SC2086 # numbers, one word each
  for port in $PORTS; do
    address=127.0.0.1
    [[ $port != 2380 ]] || address=$OWN_ADDRESS
    for ((try = 0; try < 60; try++)); do
      line=$( (openssl s_client -connect "$address:$port" </dev/null 2>/dev/null || true) | tell served "$port")
      [[ -z $line ]] || break
      sleep 0.5
    done
    [[ -n $line ]] || { printf 'port %s presents no certificate\n' "$port" >&2 && exit 1; }
    printf '%s\n' "$line"
  done
}

"$LOOK"
