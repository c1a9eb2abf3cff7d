# Preconditions of renewing the files (preconditions.sh).

# cas_of_kubeadm -> stdout, a line `NAME|CERTIFICATE|KEY` each
cas_of_kubeadm() {
  if [[ $CONTROL_PLANE == yes ]]; then printf '%s\n' "ca|$PKI/ca.crt|$PKI/ca.key" "front-proxy-ca|$PKI/front-proxy-ca.crt|$PKI/front-proxy-ca.key"; fi
  if [[ $ETCD == stacked || $ETCD == member ]]; then printf '%s\n' "etcd-ca|$ETCD_CA|${ETCD_CA%.*}.key"; fi
}

# ca_keys_are_here: without one kubeadm renews nothing that this CA signed, and says so with exit code 0.
ca_keys_are_here() {
  local name certificate key
  while IFS='|' read -r name certificate key; do
    REPLY="External CA: $key is not on this node, so kubeadm cannot renew what $name signs"
    ADVICE='renew those certificates where the key is kept'
    [[ -s $ROOT$key ]] || return 1
  done < <(cas_of_kubeadm)
}

cas_are_valid() {
  local name certificate key
  while IFS='|' read -r name certificate key; do
    row_number "$name"
    [[ -n $REPLY ]] && row_ended "$REPLY" || continue
    REPLY="$name itself ended at ${R_AFTER[REPLY]}, and no certificate that it signs can be valid"
    ADVICE='rotate the CA by hand (kubernetes.io: manual rotation of CA certificates)'
    return 1
  done < <(cas_of_kubeadm)
}

# no_ca_was_replaced: kubeadm would sign with a CA that the rest of the cluster may not trust. What a foreign CA signed is left alone (gains.sh).
no_ca_was_replaced() {
  local i
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ " ${R_FLAGS[i]} " == *' kubeadm'*' another '* ]] || continue
    REPLY="${R_PATH[i]} (${R_NAME[i]}) was signed by another CA (${R_SIGNER[i]}) than those of this node, and a renewal would replace it"
    ADVICE="see 'Signed by another CA' in the runbook"
    return 1
  done
}

# ca_keys_can_sign: those that are here
ca_keys_can_sign() {
  local name certificate key
  while IFS='|' read -r name certificate key; do
    [[ -s $ROOT$key ]] || continue
    x509_read "$ROOT$certificate"
    REPLY="$certificate of $name cannot be read (${X_ERROR:-})"
    ADVICE='restore it from another control plane or a backup'
    [[ -z $X_ERROR ]] || return 1
    REPLY="$key has a passphrase, so kubeadm, which asks for none, cannot sign with it"
    ADVICE="put the key there without its passphrase (openssl pkey writes such a one), or renew what $name signs where the passphrase is known"
    ! has_passphrase <"$ROOT$key" || return 1
    REPLY="$key does not belong to $certificate, and what it signs nobody would trust"
    ADVICE='restore the pair from another control plane or a backup'
    [[ $(openssl x509 -in "$ROOT$certificate" -noout -pubkey) == "$(key_public <"$ROOT$key")" ]] || return 1
  done < <(cas_of_kubeadm)
}

# certificates_can_be_read: kubeadm copies names from the old certificate. After a kill in the middle of kubeadm's own writing, mend_half_written has
# put the old file back before.
certificates_can_be_read() {
  local i
  for i in $(renewable_rows); do
    REPLY="${R_PATH[i]} (${R_NAME[i]}) cannot be renewed: ${R_ERROR[i]}"
    ADVICE="restore it from a backup, or delete it and create it again with 'kubeadm init phase'"
    [[ -z ${R_ERROR[i]} ]] || return 1
  done
}

kubeadm_renews_certificates() {
  local version minor said
  kubeadm_version
  version=$REPLY minor=${REPLY#v1.} minor=${minor%%.*}
  REPLY='kubeadm does not tell its version'
  ADVICE="install the kubeadm of this cluster's version"
  [[ -n $version ]] || return 1
  REPLY="kubeadm $version cannot renew certificates by the command 'kubeadm certs renew', which 1.20 brought"
  ADVICE="renew by hand with 'kubeadm alpha certs renew all', or install a newer kubeadm"
  [[ $version != v1.* || $minor -ge 20 ]] || return 1
  said=$(limited 10 kubeadm help certs renew all 2>&1) || true
  REPLY="kubeadm $version does not know the command 'kubeadm certs renew all': $(last_words "$said")"
  ADVICE="install the kubeadm of this cluster's version"
  [[ $said == *'kubeadm certs renew all'* ]]
}

# kubeadm_accepts_the_configuration: the saved one, which a renewal gives it. `certs renew` has no dry run; this reads it by the same code, and
# asks nobody. (`config validate` is stricter: it refuses fields that a renewal takes.) One that does not answer in time has refused nothing.
kubeadm_accepts_the_configuration() {
  local said code=0
  [[ -n $KUBEADM_VERSION && -s $CLUSTER_CONFIGURATION ]] || return 0
  said=$(limited 20 kubeadm config images list --config "$CLUSTER_CONFIGURATION" 2>&1 >/dev/null) || code=$?
  case $code in 0 | 124 | 137) return 0 ;; esac
  REPLY="kubeadm $KUBEADM_VERSION does not accept the ClusterConfiguration of this cluster: $(last_words "$said")"
  ADVICE="correct it in the ConfigMap kube-system/kubeadm-config (while no API server answers, in ${CLUSTER_CONFIGURATION#"$ROOT"}), or install the kubeadm of this cluster's version"
  return 1
}

# last_words TEXT -> stdout, what kubeadm says of why it ended, in one line: its error, before 1.34 without that word, or what it says last
last_words() {
  local text
  text=$(printf '%s\n' "$1" | grep -m 1 '^error: \|^[Uu]nknown ' || printf '%s\n' "$1" | grep -v '^To see the stack trace\|^[[:space:]]*$' | tail -n 1) || text=''
  text=${text#error: } text=${text#could not convert cfg to an internal cfg: } text=${text%.}
  printf '%s' "${text:0:500}"
}

# files_can_be_written: each file that a renewal changes, opened and left as it is; and in each of their folders a new one, written and renamed.
files_can_be_written() {
  local i file folder folders=''
  ADVICE='make the file system writable (mount -o remount,rw), or take away what protects the file (lsattr, findmnt)'
  for i in $(renewable_rows); do
    for file in "${R_PATH[i]}" "${R_PATH[i]%.*}.key"; do
      [[ -e $ROOT$file ]] || continue
      can_write "$file" append_nothing "$ROOT$file" || return 1
    done
    folder=${R_PATH[i]%/*}
    [[ $'\n'$folders == *$'\n'"$folder"$'\n'* ]] || folders=$folders$folder$'\n'
  done
  while IFS= read -r folder; do
    [[ -z $folder ]] || can_write "$folder" write_and_rename "$ROOT$folder/.kubeadm-autopilot-writes" || return 1
  done < <(printf '%s\n' "$folders/var/lib/kubeadm-autopilot")
}

# can_write WHAT COMMAND...: REPLY is what the system says otherwise
can_write() {
  local said
  said=$("${@:2}" 2>&1) && return 0
  said=${said%%$'\n'*} said=${said##*: }
  REPLY="$1 cannot be written (${said:-it cannot be opened})"
  return 1
}

append_nothing() { : >>"$1"; }
write_and_rename() { printf 'kubeadm-autopilot\n' >"$1.new" && mv -f "$1.new" "$1" && rm -f "$1"; }

new_files_have_space() {
  local folder free
  ADVICE='make space'
  for folder in "$KUBERNETES" "$PKI"; do
    disk_free_kib "$ROOT$folder" && free=$REPLY
    REPLY="Disk space: $free KiB are free below $folder, the new certificates need 1024 KiB"
    [[ $free -ge 1024 ]] || return 1
  done
}

the_backup_has_space() {
  local free
  disk_free_kib "$STATE" && free=$REPLY
  backup_needs_kib
  [[ $free -lt $REPLY ]] || return 0
  REPLY="Disk space: $free KiB are free below /var/lib/kubeadm-autopilot, the backup needs $REPLY KiB"
  ADVICE='make space'
  return 1
}
