# An etcd that somebody else runs, as kubeadm is going to be told of it.

# external_etcd_parameters: sets ETCD_ENDPOINTS (with a comma between them, or none) and ETCD_FILES (certificate of its CA, client certificate and key)
external_etcd_parameters() {
  parameter EtcdEndpoints
  ETCD_ENDPOINTS=$REPLY
  [[ $REPLY == none || $REPLY =~ ^https://[A-Za-z0-9.:-]+(,https://[A-Za-z0-9.:-]+)*$ ]] || refuse "Parameter EtcdEndpoints is '${REPLY:0:60}', expected https:// addresses with a comma between them, or none."
  parameter EtcdFiles
  ETCD_FILES=$REPLY
  [[ $REPLY == none || $REPLY =~ ^/[A-Za-z0-9._/-]+,/[A-Za-z0-9._/-]+,/[A-Za-z0-9._/-]+$ ]] || refuse "Parameter EtcdFiles is '${REPLY:0:60}', expected three absolute paths with a comma between them, or none."
}

# external_etcd_json -> REPLY: the files that are not there, and the endpoints that do not answer with them. Empty where etcd is not external.
external_etcd_json() {
  local OBJECT='' file files missing='' silent='' endpoint said
  REPLY=''
  [[ $ETCD_ENDPOINTS != none ]] || return 0
  files=${ETCD_FILES//,/ }
  for file in $files; do
    if [[ ! -s $ROOT$file ]]; then missing=$missing$file$'\n'; fi
  done
  if [[ -z $missing ]]; then
    # shellcheck disable=SC2086 # paths, one word each
    set -- $files
    for endpoint in ${ETCD_ENDPOINTS//,/ }; do
      said=$(limited 10 curl -q -sS --max-time 5 --cacert "$ROOT$1" --cert "$ROOT$2" --key "$ROOT$3" "$endpoint/health" 2>&1) || true
      [[ $said == *'"health":"true"'* ]] || silent="$silent$endpoint ($(printf '%s' "${said:-no answer}" | tail -n 1 | head -c 150))"$'\n'
    done
  fi
  names_json 3 "$missing" && put_raw missing "$REPLY"
  names_json 9 "$silent" && put_raw silent "$REPLY"
  put_close
}
