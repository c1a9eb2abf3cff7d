# Refreshing copies of admin.conf. Only what is proven to be one: it trusts this cluster's CA, and it holds, with its private key, either
# the very certificate that admin.conf had before or an older one of the same user that is still valid. So nobody gets a credential who had
# none. Everything else in the file (server, contexts, other clusters) stays as it is; so do owner, mode and ACL.

# kubectl and kubeadm write some 10 KB.
KUBECONFIG_MOST_BYTES=1000000

# refresh_admin_kubeconfigs BACKUP LIST -> KUBECONFIGS, JSON rows. LIST: absolute paths with commas between, or none. Besides them only root's own
# is touched: other people's files are theirs, unless the cluster's administrator names them.
refresh_admin_kubeconfigs() {
  local path paths=() backup=$ROOT$1 old=$ROOT$1$KUBERNETES/admin.conf own=/root/.kube/config
  KUBECONFIGS=''
  staging_remove
  # Backups once began at /etc/kubernetes.
  [[ -e $old ]] || old=$backup/admin.conf
  admin_credentials "$old" "$ROOT$KUBERNETES/admin.conf"
  if [[ -e $ROOT$own || -L $ROOT$own ]]; then paths=("$ROOT$own"); fi
  if [[ $2 != none ]]; then
    while IFS= read -r path; do
      [[ $path == "$own" ]] || paths[${#paths[@]}]=$ROOT$path
    done < <(printf '%s\n' "$2" | tr ',' '\n')
  fi
  staging_remember ${paths[@]+"${paths[@]}"} || fail 'Nothing can be written below /var/lib/kubeadm-autopilot: is the disk full? No copy of admin.conf was changed.'
  for path in ${paths[@]+"${paths[@]}"}; do
    refresh_admin_kubeconfig "$path"
  done
  staging_remove
}

admin_credentials() {
  OLD_CERTIFICATE='' OLD_KEY='' NEW_CERTIFICATE='' NEW_KEY=''
  if kubeconfig_read "$1"; then OLD_CERTIFICATE=${K_DATA[K_USER]} OLD_KEY=${K_KEY_DATA[K_USER]}; fi
  if kubeconfig_read "$2"; then NEW_CERTIFICATE=${K_DATA[K_USER]} NEW_KEY=${K_KEY_DATA[K_USER]} CA_DATA=$K_AUTHORITY_DATA; fi
  [[ -n $NEW_CERTIFICATE && -n $NEW_KEY && -n $CA_DATA ]] ||
    fail "$KUBERNETES/admin.conf holds no embedded credentials after the renewal${K_ERROR:+ ($K_ERROR)}; look at it, then run this again."
}

# refresh_admin_kubeconfig FILE: one row, whatever happens
refresh_admin_kubeconfig() {
  local OBJECT='' path=${1#"$ROOT"} reason refreshed=false
  # Without the lock: whatever may hold it up must not hold up the next run.
  if reason=$(replace_credentials "$1" 9>&-); then refreshed=true reason=''; fi
  log "$path: ${reason:-refreshed}"
  json_string "$path"
  put_raw path "$REPLY"
  put_raw refreshed "$refreshed"
  put reason "$reason"
  put_close
  KUBECONFIGS="$KUBECONFIGS,$REPLY"
}

# replace_credentials FILE: runs in a subshell, says on stdout why it left the file alone, and returns 1 then.
replace_credentials() {
  local text new saved=$backup${1#"$ROOT"} CERTIFICATE='' KEY=''
  if ! file_take "$1" "$KUBECONFIG_MOST_BYTES"; then printf 'left alone: %s' "$REPLY" && return 1; fi
  text=$(tr -d '\000' <"$STAGING/copy") || text=''
  if ! admin_credentials_in "$1" "$text"; then printf '%s' "$REPLY" && return 1; fi
  new=$(printf '%s\n' "$text" | FROM_CERTIFICATE=$CERTIFICATE TO_CERTIFICATE=$NEW_CERTIFICATE FROM_KEY=$KEY TO_KEY=$NEW_KEY awk '
    function replace(from, to,   at) { if (at = index($0, from)) $0 = substr($0, 1, at - 1) to substr($0, at + length(from)) }
    { replace(ENVIRON["FROM_CERTIFICATE"], ENVIRON["TO_CERTIFICATE"]); replace(ENVIRON["FROM_KEY"], ENVIRON["TO_KEY"]); print }')
  # A value may be spread over several lines.
  if [[ $new != *"$NEW_CERTIFICATE"* || $new != *"$NEW_KEY"* ]]; then printf 'left alone: its client certificate and key are not each on one line' && return 1; fi
  # Into the backup only now: before, it could have been any file of its user's.
  if ! (umask 077 && mkdir -p "${saved%/*}") || ! cp -p "$STAGING/copy" "$saved" || ! cmp "$STAGING/copy" "$saved"; then
    printf 'left alone: it cannot be backed up: is the disk full?' && return 1
  fi
  if ! file_give "$1" "$new"; then printf 'left alone: %s' "$REPLY" && return 1; fi
}

# admin_credentials_in FILE TEXT: sets CERTIFICATE and KEY, which are to be replaced. Returns 1 when there are none; REPLY is the reason.
admin_credentials_in() {
  if [[ $2 == *"$NEW_CERTIFICATE"* ]]; then REPLY='it holds the renewed certificate already' && return 1; fi
  if [[ $2 != *"$CA_DATA"* ]]; then REPLY="left alone: it does not name this cluster's CA" && return 1; fi
  if [[ -n $OLD_KEY && $2 == *"$OLD_CERTIFICATE"* && $2 == *"$OLD_KEY"* ]]; then
    CERTIFICATE=$OLD_CERTIFICATE KEY=$OLD_KEY
    return 0
  fi
  if ! kubeconfig_read "$1" "$2"; then REPLY="left alone: $K_ERROR" && return 1; fi
  CERTIFICATE=${K_DATA[K_USER]} KEY=${K_KEY_DATA[K_USER]}
  if [[ -z $CERTIFICATE || -z $KEY ]]; then REPLY='left alone: it holds no client certificate with its key' && return 1; fi
  if [[ $(printf '%s\n' "${K_DATA[@]}" | grep -c .) != 1 ]]; then
    REPLY="left alone: it holds several users, none with admin.conf's certificate" && return 1
  fi
  older_admin_certificate
}

# older_admin_certificate: CERTIFICATE is of this cluster's CA for the user of admin.conf, with its own key, and has not ended: the end of an
# administrator's access is not taken back.
older_admin_certificate() {
  local pem end
  pem=$(printf '%s' "$CERTIFICATE" | base64 -d) || pem=''
  if ! printf '%s\n' "$pem" | openssl verify -no_check_time -CAfile "$ROOT$PKI/ca.crt" >/dev/null; then
    REPLY="left alone: its client certificate is not of this cluster's CA" && return 1
  elif [[ $(printf '%s\n' "$pem" | openssl x509 -noout -subject) != "$(printf '%s' "$NEW_CERTIFICATE" | base64 -d | openssl x509 -noout -subject)" ]]; then
    REPLY='left alone: it belongs to another user than admin.conf' && return 1
  elif printf '%s' "$KEY" | base64 -d | has_passphrase; then
    REPLY='left alone: its key has a passphrase, so nobody can tell whether it belongs to its certificate' && return 1
  elif [[ $(printf '%s\n' "$pem" | openssl x509 -noout -pubkey) != "$(printf '%s' "$KEY" | base64 -d | key_public)" ]]; then
    REPLY='left alone: its key does not belong to its certificate' && return 1
  elif ! printf '%s\n' "$pem" | openssl x509 -noout -checkend 0 >/dev/null; then
    end=$(printf '%s\n' "$pem" | openssl x509 -noout -enddate) || end=''
    REPLY="left alone: its certificate, older than admin.conf's, expired on ${end#notAfter=}; copy admin.conf there if its owner shall have access" && return 1
  fi
}
