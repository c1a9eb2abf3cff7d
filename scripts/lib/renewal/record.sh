# Writing and reading what the node remembers of a renewal; unfinished.sh says what that is.

# renewal_begin BACKUP: of the rows that gain (gains.sh). The record appears complete or not at all.
renewal_begin() {
  local new=$RENEWAL/unfinished.new before='' i
  for i in $GAINING; do
    before="$before${R_NAME[i]}|${R_SERIAL[i]}|${R_AFTER[i]}"$'\n'
  done
  if rm -rf "$new" "$RENEWAL/unfinished" && write_file "$new/began" "$(date +%s)" && write_file "$new/backup" "$1" &&
    write_file "$new/before" "${before%$'\n'}" && sync && mv "$new" "$RENEWAL/unfinished"; then
    return 0
  fi
  fail "The record of the renewal cannot be written below /var/lib/kubeadm-autopilot: is the disk full? Nothing was changed."
}

# renewable_rows -> stdout, numbers of the rows that kubeadm can renew here: it made them, they are there, their CA's key is there, and that CA
# signed them.
renewable_rows() {
  local i
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ " ${R_FLAGS[i]} " == *' kubeadm '* && " ${R_FLAGS[i]} " != *' external '* && " ${R_FLAGS[i]} " != *' another '* && " ${R_FLAGS[i]} " != *' missing '* ]] || continue
    printf '%s\n' "$i"
  done
}

# still_old -> REPLY, names of the certificates of this renewal that are on disk as they were before, or cannot be read
still_old() {
  local name serial after names=''
  while IFS='|' read -r name serial after; do
    row_number "$name"
    if [[ -z $REPLY || -z ${R_SERIAL[REPLY]} || ${R_SERIAL[REPLY]} == "$serial" ]]; then names="$names $name"; fi
  done <"$RENEWAL/unfinished/before"
  REPLY=${names# }
}

# ends_earlier -> REPLY, names of the renewed certificates that end before the old ones did
ends_earlier() {
  local name serial after names=''
  while IFS='|' read -r name serial after; do
    row_number "$name"
    if [[ -n $REPLY && ${R_AFTER[REPLY]} < $after ]]; then names="$names $name"; fi
  done <"$RENEWAL/unfinished/before"
  REPLY=${names# }
}

# recently_finished: within the last hour by the record, and the disk still has what was renewed then, valid.
recently_finished() {
  local name serial seconds rest
  [[ -r $RENEWAL/finished ]] || return 1
  { read -r seconds rest && [[ $seconds =~ ^[0-9]+$ ]]; } <"$RENEWAL/finished" || return 1
  FINISHED_AT=$rest
  seconds=$(($(date +%s) - seconds))
  [[ $seconds -ge 0 && $seconds -lt 3600 ]] || return 1
  while IFS='|' read -r name serial; do
    row_number "$name"
    [[ -n $REPLY && ${R_SERIAL[REPLY]} == "$serial" ]] && ! row_ended "$REPLY" || return 1
  done < <(sed 1d "$RENEWAL/finished")
}

# renewal_finish: the finished record first; a kill in between makes the next run find all done and finish again. What is unfinished is
# kept for refresh-kubeconfigs.sh, which has to know the backup.
renewal_finish() {
  local text name serial after
  text=$(date -u '+%s %Y-%m-%dT%H:%M:%SZ')
  while IFS='|' read -r name serial after; do
    row_number "$name"
    text="$text"$'\n'"$name|${R_SERIAL[REPLY]}"
  done <"$RENEWAL/unfinished/before"
  write_file "$RENEWAL/finished" "$text" && write_file "$RENEWAL/unfinished/proven" "${text%%$'\n'*}" ||
    fail 'All certificates are renewed and served, but the record cannot be written below /var/lib/kubeadm-autopilot: is the disk full? Make space and run this again.'
  sync || true
}
