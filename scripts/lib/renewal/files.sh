# Renewing the files with kubeadm, and proving it: kubeadm exits 0 also when it renewed nothing.

# renew_files FORCE
renew_files() {
  local force=$1 rest name code=0 output reason
  still_old && rest=$REPLY
  if [[ -n $rest ]]; then
    kubeadm_configuration
    if [[ ! -s $CLUSTER_CONFIGURATION ]]; then
      log 'no saved ClusterConfiguration: kubeadm renews with what it finds itself, which are its defaults when the API server is down'
    fi
    # shellcheck disable=SC2086 # names of kubeadm's own, one word each
    set -- $rest
    # All in one call where all are old and gain; else by name: nothing is renewed twice, and what does not gain is left alone.
    if [[ -z $LEFT_ALONE && $# -eq $(renewable_rows | wc -l) ]]; then set -- all; else log "still to renew: $rest"; fi
    for name in "$@"; do
      log "kubeadm certs renew $name"
      output=$(limited 120 kubeadm certs renew "$name" ${KUBEADM_CONFIGURATION[@]+"${KUBEADM_CONFIGURATION[@]}"} 2>&1) || code=$?
      printf '%s\n' "$output"
    done
    inventory_collect
    still_old && rest=$REPLY
    reason=$(printf '%s\n' "$output" | grep -v '^[[:space:]]*$' | tail -n 2 | tr '\n' ' ' | head -c 400) || reason=''
    [[ -z $rest ]] || fail "Not renewed: $rest. kubeadm ended with $code and said: ${reason:-nothing}. No static pod was restarted; fix what kubeadm says and run this again, it renews only these."
    [[ $code == 0 ]] || log "kubeadm ended with $code, but every certificate is new"
  else
    log 'all certificates had been renewed before the last run ended'
  fi
  ends_earlier
  [[ -z $REPLY || $force == yes ]] || fail "The renewed $REPLY end earlier than the old ones did: check certificateValidityPeriod in the ConfigMap kubeadm-config; to accept it, run this again with Force=yes. No static pod was restarted."
}

# mend_half_written: a kill inside kubeadm can leave a file cut off. kubeadm needs the old certificate to make the new one: put it back.
# (Of a pair of files kubeadm writes the key first, so a new certificate always has its key; a kubeconfig holds both.)
mend_half_written() {
  local backup i saved mended=''
  # Every file was seen to be well before the first restart.
  [[ -z $FILES_DONE ]] || return 0
  renewal_backup && backup=$REPLY
  for i in $(renewable_rows); do
    [[ -n ${R_ERROR[i]} ]] || { [[ ${R_PATH[i]} == *.conf ]] && ! kubeconfig_key_fits "$ROOT${R_PATH[i]}"; } || continue
    saved=$ROOT$backup${R_PATH[i]}
    # Backups once began at /etc/kubernetes.
    [[ -e $ROOT$backup$KUBERNETES ]] || saved=$ROOT$backup${R_PATH[i]#"$KUBERNETES"}
    [[ -s $saved ]] || continue
    log "${R_PATH[i]} was left unreadable: put back from $backup"
    # Through a link, as kubeadm wrote it. Cut off here, it is put back again.
    cp -p "$saved" "$ROOT${R_PATH[i]}" ||
      fail "${R_PATH[i]} is unreadable and could not be restored from $backup: is the disk full?"
    mended=yes
  done
  [[ -z $mended ]] || inventory_collect
}

# kubeconfig_key_fits FILE: its client key belongs to its client certificate. One with a passphrase is no half of what kubeadm wrote.
kubeconfig_key_fits() {
  local of_certificate of_key
  kubeconfig_read "$1" || return 1
  of_certificate=$(printf '%s' "${K_DATA[K_USER]}" | base64 -d | openssl x509 -noout -pubkey) || return 1
  if printf '%s' "${K_KEY_DATA[K_USER]}" | base64 -d | has_passphrase; then return 0; fi
  of_key=$(printf '%s' "${K_KEY_DATA[K_USER]}" | base64 -d | key_public) || return 1
  [[ -n $of_certificate && $of_certificate == "$of_key" ]]
}

# remember_containers: once every certificate is renewed. What runs in another container later has read the new ones, whoever restarted it:
# in a dead cluster controller managers and schedulers come and go by themselves, and the one that leads must not be ended again.
remember_containers() {
  local component text=''
  [[ ! -f $RENEWAL/unfinished/containers ]] || return 0
  for component in $STATIC_PODS; do
    static_pod_is_here "$component" || continue
    static_pod_container "$component" || fail 'crictl does not answer: look at the container runtime, then run this again. No static pod was restarted.'
    text="$text$component|$REPLY"$'\n'
  done
  write_file "$RENEWAL/unfinished/containers" "${text%$'\n'}" || fail 'The record of the containers cannot be written below /var/lib/kubeadm-autopilot: is the disk full? No static pod was restarted.'
}

# restart_static_pods UNTIL: those that still run in the container that was there when the last certificate had been renewed; up to the
# one that UNTIL names.
restart_static_pods() {
  local component old
  while IFS='|' read -r component old <&5; do
    # With an etcd elsewhere there is none to stop after.
    if [[ $1 == etcd && $component != etcd ]]; then return 0; fi
    step "restart $component"
    static_pod_restart "$component" "$old" "$1"
    restarted_row "$component" "$old" "$REPLY"
    if [[ $component == "$1" ]]; then return 0; fi
  done 5<"$RENEWAL/unfinished/containers"
}

# restarted_row COMPONENT OLD NEW: adds to RESTARTED, JSON rows
restarted_row() {
  local OBJECT=''
  put component "$1"
  put oldContainer "$2"
  put newContainer "$3"
  put_close
  RESTARTED="$RESTARTED,$REPLY"
}

# prove_served: the ports serve what is on disk. The API server may take half a minute to load a serving certificate by itself.
prove_served() {
  local until=$((SECONDS + PATIENCE)) names
  names=$(cut -d '|' -f 1 "$RENEWAL/unfinished/before" | tr '\n' ' ')
  while :; do
    served_collect
    # shellcheck disable=SC2086 # names of kubeadm's own, one word each
    served_differences $names
    [[ -n $REPLY ]] || return 0
    [[ $SECONDS -lt $until ]] || fail "Still not served $PATIENCE s after the restart: $REPLY (certificate:port). The files are renewed; look at 'crictl logs' of that component and at what listens on the port, then run this again."
    sleep 0.5
  done
}

# renewed_json -> REPLY, the rows before and after
renewed_json() {
  local name serial after rows='' OBJECT row
  while IFS='|' read -r name serial after; do
    row_number "$name" && row=$REPLY
    OBJECT=''
    put name "$name"
    put path "${R_PATH[row]}"
    put_raw before "{\"serial\":\"$serial\",\"notAfter\":\"$after\"}"
    put_raw after "{\"serial\":\"${R_SERIAL[row]}\",\"notAfter\":\"${R_AFTER[row]}\"}"
    put_close
    rows="$rows,$REPLY"
  done <"$RENEWAL/unfinished/before"
  REPLY="[${rows#,}]"
}
