# Who signed each certificate: by the signature, because a CA that was replaced under the same name signs with another key.

# inventory_signers: sets R_CA, adds the flags `external` and `another`, and sets R_SIGNER, the issuer's name, where no CA of this node signed.
inventory_signers() {
  local i
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    if [[ " ${R_FLAGS[i]} " != *' ca '* && -n ${R_PEM[i]} ]]; then row_signer "$i"; fi
  done
}

# row_signer ROW
row_signer() {
  local pair ca='' flag='' kubeadms=''
  [[ " ${R_FLAGS[$1]} " != *' kubeadm '* ]] || kubeadms=yes
  if [[ ${R_ISSUER[$1]} == "${R_SUBJECT[$1]}" ]]; then ca=self; fi
  for pair in $CA_HASHES; do
    [[ $pair == "${R_ISSUER[$1]}="* ]] || continue
    row_number "${pair#*=}"
    if signed_by "$ROOT${R_PATH[REPLY]}" "${R_PEM[$1]}"; then
      R_CA[$1]=${pair#*=}
      if [[ -n $kubeadms && $CA_EXTERNAL == *" ${pair#*=} "* ]]; then R_FLAGS[$1]="${R_FLAGS[$1]} external"; fi
      return 0
    fi
    [[ -n $ca ]] || flag=another
  done
  R_CA[$1]=$ca
  # Another CA's certificate where kubeadm's own would be. That cannot be told while a CA of this node cannot be read.
  if [[ -z $flag && -n $kubeadms && -z $CA_UNKNOWN ]]; then flag=external; fi
  [[ -n $flag ]] || return 0
  R_FLAGS[$1]="${R_FLAGS[$1]} $flag"
  REPLY=$(printf '%s\n' "${R_PEM[$1]}" | openssl x509 -noout -issuer -nameopt RFC2253)
  REPLY=${REPLY#issuer=}
  R_SIGNER[$1]=${REPLY:0:200}
}

# signed_by FILE PEM: one of the certificates in FILE signed it, whatever the dates are.
signed_by() {
  local bundle ca
  ! printf '%s\n' "$2" | openssl verify -no_check_time -partial_chain -CAfile "$1" >/dev/null 2>&1 || return 0
  # openssl compares key identifiers as well, and a CA that was made again with its old key may have another one.
  bundle=$(cat "$1")
  while [[ $bundle == *-----END* ]]; do
    ca=${bundle%%-----END*} bundle=${bundle#*-----END}
    ! signature_fits "$ca-----END CERTIFICATE-----" "$2" || return 0
  done
  return 1
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
