# The certificates of this node: one row each in parallel arrays. Every file is read with openssl, which alone says serial and date;
# kubeadm's own answer is laid over it (lib/kubeadm/check-expiration.sh), and inventory-json.sh writes them down.
#
# R_FLAGS holds words: ca external missing; another: a CA signed it that only has the name of one of this node's (signature.sh); unused: of a
# bundle, it signed nothing here (authorities.sh); unmanaged: it has the name of one of kubeadm's, and kubeadm does not renew it.
# CA_HASHES: " NAME=HASH NAME=HASH ", a CA and the hash of its subject, for each certificate in its file; CA_BESIDE those of them that are
# there beside the CA itself. CA_UNKNOWN: one of them cannot be read. CA_DATA_SEEN: CA files in base64, as kubeconfigs have them; empty where no
# CAs are wanted.

inventory_clear() {
  R_NAME=() R_PATH=() R_CA=() R_BEFORE=() R_AFTER=() R_SERIAL=() R_FLAGS=() R_ERROR=() R_PEM=() R_SUBJECT=() R_ISSUER=() R_SIGNER=() R_NAMES=() R_LACKS=() CA_UNKNOWN='' CA_HASHES=' ' CA_BESIDE=' ' CA_EXTERNAL=' ' CA_DATA_SEEN='' NODE_NAME=''
}

# row_number NAME -> REPLY, empty when there is no such row
row_number() {
  local i
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ ${R_NAME[i]} != "$1" ]] || { REPLY=$i && return 0; }
  done
  REPLY=''
}

# row_ended ROW: its certificate has run out. REPLY, which often is the row, stays.
row_ended() {
  local REPLY
  iso_now
  [[ -n ${R_AFTER[$1]} && ${R_AFTER[$1]} < $REPLY ]]
}

# row_add NAME PATH FLAGS: from the X_ variables that an x509_read left behind. Who signed it is told later, when all CAs are known.
row_add() {
  local i=${#R_NAME[@]}
  R_NAME[i]=$1 R_PATH[i]=$2 R_CA[i]='' R_FLAGS[i]=$3 R_SIGNER[i]=''
  R_BEFORE[i]=$X_BEFORE R_AFTER[i]=$X_AFTER R_SERIAL[i]=$X_SERIAL R_ERROR[i]=$X_ERROR R_SUBJECT[i]=$X_SUBJECT R_ISSUER[i]=$X_ISSUER R_PEM[i]=$X_PEM
}

# certificate NAME PATH [FLAGS]: FLAGS `optional`: no row when the file is not there. `kubeadm`: kubeadm made it and can renew it.
certificate() {
  local flags=${3:-}
  if [[ ! -e $ROOT$2 && ! -L $ROOT$2 ]]; then
    [[ $flags != *optional* ]] || return 0
    x509_none
    row_add "$1" "$2" "$flags missing"
    return 0
  fi
  x509_read "$ROOT$2"
  row_add "$1" "$2" "$flags"
}

# row_of_file PATH -> REPLY, the number of the first row of this file, by whatever name; empty when there is none
row_of_file() {
  local i
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ ${R_PATH[i]} != "$1" && ! $ROOT${R_PATH[i]} -ef $ROOT$1 ]] || { REPLY=$i && return 0; }
  done
  REPLY=''
}

# kubeconfig_in_container PATH MANIFEST: kubeconfig_read, with the files that it names as they are on the node
kubeconfig_in_container() {
  local i inside
  kubeconfig_read_file "$ROOT$1" || return 1
  container_path "$2" "$1" && inside=$REPLY
  for ((i = 0; i < ${#K_NAME[@]}; i++)); do
    [[ -n ${K_CERTIFICATE[i]} ]] || continue
    kubeconfig_path "$inside" "${K_CERTIFICATE[i]}" && node_path "$2" "$REPLY"
    K_CERTIFICATE[i]=$REPLY
  done
  [[ -n $K_AUTHORITY ]] || return 0
  kubeconfig_path "$inside" "$K_AUTHORITY" && node_path "$2" "$REPLY"
  K_AUTHORITY=$REPLY
}

# kubeconfig NAME PATH [FLAGS [MANIFEST]]: the client certificate of its current context's user, in it or in the file that it names, which kubeadm does not
# renew; of every other user in it, a row `NAME user USER`; and the CA that it trusts (authorities.sh). FLAGS `optional` alone: only if it has one.
# MANIFEST: of the container that reads it.
kubeconfig() {
  local flags=${3:-} path=$2 i node
  if [[ ! -e $ROOT$2 ]]; then
    [[ $flags != *optional* ]] || return 0
    x509_none
    row_add "$1" "$2" "$flags missing"
    return 0
  fi
  x509_none
  if ! kubeconfig_in_container "$2" "${4:-}"; then
    X_ERROR=$K_ERROR
  elif [[ -n ${K_DATA[K_USER]} ]]; then
    x509_read_base64 "${K_DATA[K_USER]}"
    [[ -n $K_AUTHORITY_DATA ]] || flags=${flags/kubeadm/unmanaged}
  elif [[ -n ${K_CERTIFICATE[K_USER]} ]]; then
    path=${K_CERTIFICATE[K_USER]}
    if [[ $flags == optional ]]; then row_of_file "$path" && [[ -z $REPLY ]] || return 0; fi
    x509_read "$ROOT$path"
    flags=${flags/kubeadm/unmanaged}
  elif [[ $flags == optional ]]; then
    return 0
  else
    X_ERROR='no client certificate in it'
  fi
  row_add "$1" "$path" "$flags"
  node=$X_NODE
  kubeconfig_authority "$1" "$2"
  for ((i = 0; i < ${#K_NAME[@]}; i++)); do
    if [[ $i == "$K_USER" ]]; then continue; fi
    if [[ -n ${K_DATA[i]} ]]; then
      x509_read_base64 "${K_DATA[i]}"
    elif [[ -n ${K_CERTIFICATE[i]} ]]; then
      x509_read "$ROOT${K_CERTIFICATE[i]}"
    else
      continue
    fi
    # Printable ASCII, 200 characters in all: the name of a row (identifier in lambdas/contracts/node-steps.ts).
    REPLY="$1 user ${K_NAME[i]//[^ -~]/?}" REPLY=${REPLY:0:200}
    row_add "${REPLY%"${REPLY##*[! ]}"}" "$2" ''
  done
  X_NODE=$node
}

# x509_read_text TEXT: x509_read of the first PEM certificate in a text, such as openssl s_client's.
x509_read_text() { x509_parse "$(printf '%s\n' "$1" | openssl x509 "${X509_FIELDS[@]}" 2>/dev/null)"; }

# first_pem TEXT -> REPLY, its first block if that is a certificate; else empty
first_pem() {
  REPLY=''
  [[ $1 == *-----BEGIN*-----END* ]] || return 0
  REPLY=-----BEGIN${1#*-----BEGIN} REPLY="${REPLY%%-----END*}-----END CERTIFICATE-----"
  [[ $REPLY == '-----BEGIN CERTIFICATE-----'* ]] || REPLY=''
}
