# Who signed each certificate: by the signature, because a CA that was replaced under the same name signs with another key.

# inventory_signers: sets R_CA, adds the flags `external` and `another`, and sets R_SIGNER, the issuer's name, where the CA for it did not sign.
inventory_signers() {
  local i beside='' own=' '
  signers_of_files
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    if [[ " ${R_FLAGS[i]} " != *' ca '* && -n ${R_PEM[i]} ]]; then row_signer "$i"; fi
  done
  # While CAs are rotated, one beside the other signed them all. Where the CA itself has signed some, the other is somebody else's.
  for i in $beside; do
    if [[ $own == *" ${R_CA[i]} "* ]]; then R_CA[i]='' && row_not_its_ca "$i" external; fi
  done
  authorities_unused
}

# signers_of_files: sets SIGNED, words ROW=NAME: of the files that a CA may have signed, by its name, those that openssl says it did, all asked for at
# once. The others are asked for one by one.
signers_of_files() {
  local name i rows files said
  SIGNED=' '
  for name in ca etcd-ca front-proxy-ca; do
    rows=() files=()
    for ((i = 0; i < ${#R_NAME[@]}; i++)); do
      if [[ -n ${R_PEM[i]} && " ${R_FLAGS[i]} " != *' ca '* && $CA_HASHES == *" $name=${R_ISSUER[i]} "* ]] && row_is_file "$i"; then
        rows+=("$i") files+=("$ROOT${R_PATH[i]}")
      fi
    done
    row_number "$name"
    if [[ -z $REPLY || ${#rows[@]} -lt 2 ]]; then continue; fi
    said=$(openssl verify -no_check_time -partial_chain -CAfile "$ROOT${R_PATH[REPLY]}" "${files[@]}" 2>/dev/null) || true
    for i in "${rows[@]}"; do
      [[ $'\n'$said$'\n' != *$'\n'"$ROOT${R_PATH[i]}: OK"$'\n'* ]] || SIGNED="$SIGNED$i=$name "
    done
  done
}

# row_is_file ROW: its certificate is the first in a file of certificates, not part of a kubeconfig
row_is_file() { file_text "$ROOT${R_PATH[$1]}" && first_pem "$REPLY" && [[ $REPLY == "${R_PEM[$1]}" ]]; }

# row_signer ROW: also adds to beside and own, of kubeadm's certificates
row_signer() {
  local pair name usual='' flag='' kubeadms=''
  [[ " ${R_FLAGS[$1]} " != *' kubeadm '* ]] || kubeadms=yes
  case ${R_NAME[$1]} in
    etcd-* | apiserver-etcd-client) usual=etcd-ca ;;
    front-proxy-client) usual=front-proxy-ca ;;
    apiserver | apiserver-kubelet-client | kubelet-client | *.conf) usual=ca ;;
  esac
  if [[ ${R_ISSUER[$1]} == "${R_SUBJECT[$1]}" ]]; then R_CA[$1]=self; fi
  for pair in "$usual=${R_ISSUER[$1]}" $CA_HASHES; do
    [[ $pair == *"=${R_ISSUER[$1]}" && $CA_HASHES == *" $pair "* ]] || continue
    name=${pair%=*}
    row_number "$name"
    if [[ $SIGNED == *" $1=$name "* ]] || signed_by "$ROOT${R_PATH[REPLY]}" "${R_PEM[$1]}"; then
      R_CA[$1]=$name
      if [[ ${usual:-$name} != "$name" ]]; then
        row_not_its_ca "$1" "${kubeadms:+external}"
      elif [[ -n $kubeadms ]]; then
        if [[ $CA_EXTERNAL == *" $name "* ]]; then R_FLAGS[$1]="${R_FLAGS[$1]} external"; fi
        if [[ $CA_BESIDE == *" $pair "* ]]; then beside="$beside $1"; else own="$own$name "; fi
      fi
      return 0
    fi
    [[ -n ${R_CA[$1]} || $CA_BESIDE == *" $pair "* ]] || flag=another
  done
  # Another CA's certificate where kubeadm's own would be. That cannot be told while a CA of this node cannot be read.
  if [[ -z $flag && -n $kubeadms && -z $CA_UNKNOWN ]]; then flag=external; fi
  [[ -z $flag ]] || row_not_its_ca "$1" "$flag"
}

# row_not_its_ca ROW FLAG
row_not_its_ca() {
  R_FLAGS[$1]="${R_FLAGS[$1]} $2"
  REPLY=$(printf '%s\n' "${R_PEM[$1]}" | openssl x509 -noout -issuer -nameopt RFC2253)
  REPLY=${REPLY#issuer=}
  R_SIGNER[$1]=${REPLY:0:200}
}

# signed_by FILE PEM: one of the certificates in FILE signed it, whatever the dates are.
signed_by() {
  local bundle ca
  ! printf '%s\n' "$2" | openssl verify -no_check_time -partial_chain -CAfile "$1" >/dev/null 2>&1 || return 0
  bundle=$(cat "$1")
  while [[ $bundle == *-----END* ]]; do
    ca=${bundle%%-----END*} bundle=${bundle#*-----END}
    ! signature_fits "$ca-----END CERTIFICATE-----" "$2" || return 0
  done
  return 1
}

# signed_by_one CA PEM: openssl compares key identifiers as well, and a CA that was made again with its old key may have another one.
signed_by_one() {
  printf '%s\n' "$2" | openssl verify -no_check_time -partial_chain -CAfile <(printf '%s\n' "$1") >/dev/null 2>&1 || signature_fits "$1" "$2"
}

# signature_fits CA PEM: the signature alone. Also where `openssl dgst` cannot tell, as with RSA-PSS.
signature_fits() {
  local parts digest said
  parts=$(printf '%s\n' "$2" | openssl asn1parse)
  [[ ${parts##*OBJECT} =~ :(ecdsa-with-SHA[0-9]+|sha[0-9]+WithRSA) ]] || return 0
  digest=${BASH_REMATCH[1]} parts=${parts##*$'\n'} parts=${parts%%:*}
  said=$(printf '%s\n' "$2" | openssl asn1parse -strparse 4 -noout -out /dev/stdout |
    openssl dgst "-sha${digest//[!0-9]/}" -verify <(printf '%s\n' "$1" | openssl x509 -noout -pubkey) \
      -signature <(printf '%s\n' "$2" | openssl asn1parse -strparse "${parts// /}" -noout -out /dev/stdout) 2>/dev/null) || true
  [[ $said != *ailure* ]]
}
