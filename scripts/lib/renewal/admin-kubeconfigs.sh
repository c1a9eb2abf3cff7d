# Refreshing copies of admin.conf. Only what is proven to be one: it trusts this cluster's CA, and it holds, with its private key, either
# the very certificate that admin.conf had before or an older one of the same user. So nobody gets a credential who had none. Everything
# else in the file (server, contexts, other clusters) stays as it is; so do owner and mode.
#
# /home belongs to others: a file is opened once, and owner, mode and content are those of the open file; the folder is entered, so that
# it cannot be swapped; the new file is made anew in it (never written through a link) and takes the old one's place in one step.

# refresh_admin_kubeconfigs BACKUP LIST -> KUBECONFIGS, JSON rows. LIST: absolute paths with commas between, or none.
refresh_admin_kubeconfigs() {
  local path paths=() backup=$ROOT$1
  KUBECONFIGS=''
  admin_credentials "$backup$KUBERNETES/admin.conf" "$ROOT$KUBERNETES/admin.conf"
  for path in "$ROOT/root/.kube/config" "$ROOT"/home/*/.kube/config; do
    if [[ -e $path || -L $path ]]; then paths[${#paths[@]}]=${path#"$ROOT"}; fi
  done
  if [[ $2 != none ]]; then
    while IFS= read -r path; do paths[${#paths[@]}]=$path; done < <(printf '%s\n' "$2" | tr ',' '\n')
  fi
  for path in ${paths[@]+"${paths[@]}"}; do
    refresh_admin_kubeconfig "$path"
  done
}

admin_credentials() {
  kubeconfig_value "$1" client-certificate-data && OLD_CERTIFICATE=$REPLY
  kubeconfig_value "$1" client-key-data && OLD_KEY=$REPLY
  kubeconfig_value "$2" client-certificate-data && NEW_CERTIFICATE=$REPLY
  kubeconfig_value "$2" client-key-data && NEW_KEY=$REPLY
  kubeconfig_value "$2" certificate-authority-data && CA_DATA=$REPLY
  [[ -n $CA_DATA && -n $NEW_CERTIFICATE && -n $NEW_KEY ]] || fail "$KUBERNETES/admin.conf holds no embedded credentials after the renewal; look at it, then run this again."
}

# refresh_admin_kubeconfig PATH: one row, whatever happens
refresh_admin_kubeconfig() {
  local OBJECT='' reason refreshed=false
  if reason=$(replace_credentials "$ROOT$1"); then refreshed=true reason=''; fi
  log "$1: ${reason:-refreshed}"
  json_string "$1"
  put_raw path "$REPLY"
  put_raw refreshed "$refreshed"
  put reason "$reason"
  put_close
  KUBECONFIGS="$KUBECONFIGS,$REPLY"
}

# replace_credentials FILE: runs in a subshell, says on stdout why it left the file alone, and returns 1 then.
replace_credentials() {
  local name=${1##*/} text listing mode new temporary certificate key saved=$backup${1#"$ROOT"}
  if [[ -L $1 ]]; then printf 'left alone: it is a symbolic link' && return 1; fi
  if [[ ! -f $1 ]]; then printf 'left alone: there is no such file' && return 1; fi
  if ! cd -P "${1%/*}" || ! exec 6<"./$name"; then printf 'left alone: it cannot be opened' && return 1; fi
  listing=$(ls -lnL /dev/fd/6) || { printf 'left alone: its owner cannot be told' && return 1; }
  text=$(head -c 1000000 <&6 | tr -d '\000') || text=''
  if [[ $text == *"$NEW_CERTIFICATE"* ]]; then printf 'it holds the renewed certificate already' && return 1; fi
  if [[ $text != *"$CA_DATA"* ]]; then printf "left alone: it does not name this cluster's CA" && return 1; fi
  if [[ -n $OLD_KEY && $text == *"$OLD_CERTIFICATE"* && $text == *"$OLD_KEY"* ]]; then
    certificate=$OLD_CERTIFICATE key=$OLD_KEY
  else
    kubeconfig_value - client-certificate-data < <(printf '%s\n' "$text") && certificate=$REPLY
    kubeconfig_value - client-key-data < <(printf '%s\n' "$text") && key=$REPLY
    if [[ -z $certificate || -z $key ]]; then printf 'left alone: it holds no client certificate with its key' && return 1; fi
    if [[ $(printf '%s\n' "$text" | grep -c 'client-certificate-data:') != 1 ]]; then
      printf "left alone: it holds several users, none with admin.conf's certificate" && return 1
    fi
    older_admin_certificate "$certificate" "$key" || return 1
  fi
  new=$(printf '%s\n' "$text" | FROM_CERTIFICATE=$certificate TO_CERTIFICATE=$NEW_CERTIFICATE FROM_KEY=$key TO_KEY=$NEW_KEY awk '
    function replace(name, from, to,   at) {
      at = index($0, name ":")
      if (at && index($0, from)) $0 = substr($0, 1, at + length(name)) " " to
    }
    { replace("client-certificate-data", ENVIRON["FROM_CERTIFICATE"], ENVIRON["TO_CERTIFICATE"]); replace("client-key-data", ENVIRON["FROM_KEY"], ENVIRON["TO_KEY"]); print }')
  # Into the backup only now: before, it could have been any file of its user's.
  if ! (umask 077 && mkdir -p "${saved%/*}") || ! cp -Lp /dev/fd/6 "$saved" || ! cmp /dev/fd/6 "$saved"; then
    printf 'left alone: it cannot be backed up: is the disk full?' && return 1
  fi
  # shellcheck disable=SC2086 # fields of ls: mode, links, owner, group
  set -- $listing
  octal_mode "$1" && mode=$REPLY
  temporary=./.kubeadm-autopilot.$$.$RANDOM
  # Owned through the open file: under its name its folder's owner could have put a hard link to somebody else's file meanwhile.
  if ! (umask "$(printf '%o' $((0777 & ~mode)))" && set -C && exec 7>"$temporary" && { [[ $3:$4 == "$(id -u):$(id -g)" ]] ||
    chown "$3:$4" /dev/fd/7; } && printf '%s\n' "$new" >&7) || ! mv -f "$temporary" "./$name"; then
    rm -f "$temporary"
    printf 'could not be written: is the disk full?' && return 1
  fi
}

# older_admin_certificate CERTIFICATE KEY, both base64: a certificate of this cluster's CA for the user of admin.conf, with its own key.
older_admin_certificate() {
  local pem
  pem=$(printf '%s' "$1" | base64 -d) || pem=''
  if ! printf '%s\n' "$pem" | openssl verify -no_check_time -CAfile "$ROOT$PKI/ca.crt" >/dev/null; then
    printf "left alone: its client certificate is not of this cluster's CA" && return 1
  elif [[ $(printf '%s\n' "$pem" | openssl x509 -noout -subject) != "$(printf '%s' "$NEW_CERTIFICATE" | base64 -d | openssl x509 -noout -subject)" ]]; then
    printf 'left alone: it belongs to another user than admin.conf' && return 1
  elif [[ $(printf '%s\n' "$pem" | openssl x509 -noout -pubkey) != "$(printf '%s' "$2" | base64 -d | openssl pkey -pubout)" ]]; then
    printf 'left alone: its key does not belong to its certificate' && return 1
  fi
}

# octal_mode -rw-r----- -> REPLY, the number
octal_mode() {
  local i bits=0
  for ((i = 1; i < 10; i++)); do
    bits=$((bits * 2))
    [[ ${1:i:1} == - ]] || bits=$((bits + 1))
  done
  REPLY=$bits
}
