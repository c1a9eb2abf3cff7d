# CAs, and bundles of them: a row for each certificate in a file, NAME for the first, `NAME 2` and so on for the others.

# Of a file with more, as with all public CAs, these are read.
MOST_OF_A_BUNDLE=12

# certificate_authority NAME PATH: also remembers its name for what it signed, and whether its key is on this node.
certificate_authority() {
  local flags=ca first=${#R_NAME[@]} i
  if [[ ! -e $ROOT$2 && ! -L $ROOT$2 ]]; then CA_UNKNOWN=yes && return 0; fi
  if [[ $CONTROL_PLANE == yes && ! -e $ROOT${2%.*}.key ]]; then flags='ca external' CA_EXTERNAL="$CA_EXTERNAL$1 "; fi
  authority_rows "$1" "$2" "$flags"
  CA_DATA_SEEN="$CA_DATA_SEEN$(base64 <"$ROOT$2" 2>/dev/null | tr -d '\n') "
  for ((i = first; i < ${#R_NAME[@]}; i++)); do
    if [[ -n ${R_SUBJECT[i]} ]]; then CA_HASHES="$CA_HASHES$1=${R_SUBJECT[i]} "; else CA_UNKNOWN=yes; fi
  done
  authority_beside "$1" "$first" "$2"
}

# authority_beside NAME ROW PATH: adds to CA_BESIDE. Of a bundle, which begins at this row, the CA itself is the one whose key is here, else the first.
authority_beside() {
  local i own=$2
  for ((i = $2; i < ${#R_NAME[@]}; i++)); do
    if [[ ${#R_NAME[@]} -gt $(($2 + 1)) ]] && row_has_key "$i" "${3%.*}.key"; then own=$i; fi
  done
  for ((i = $2; i < ${#R_NAME[@]}; i++)); do
    [[ ${R_SUBJECT[i]} == "${R_SUBJECT[own]}" ]] || CA_BESIDE="$CA_BESIDE$1=${R_SUBJECT[i]} "
  done
}

# row_has_key ROW KEY
row_has_key() {
  local public
  public=$([[ ! -r $ROOT$2 ]] || key_public <"$ROOT$2") && [[ -n $public && $public == "$(printf '%s\n' "${R_PEM[$1]}" | openssl x509 -noout -pubkey)" ]]
}

# authority_rows NAME PATH FLAGS [TEXT]: TEXT is what is there, where PATH is not a file of certificates alone; what is listed already is left out
authority_rows() {
  local rest pem found='' number=0 name=$1
  rest=${4:-}
  if [[ $# == 3 && -f $ROOT$2 ]] && file_text "$ROOT$2"; then rest=$REPLY; fi
  while [[ $rest == *-----BEGIN*-----END* ]]; do
    pem="-----BEGIN${rest#*-----BEGIN}" rest=${rest#*-----END}
    if [[ ! ${pem%%$'\n'*} =~ ^-----BEGIN\ (X509\ |TRUSTED\ )?CERTIFICATE----- ]]; then continue; fi
    found=yes
    x509_read_text "${pem%%-----END*}-----END CERTIFICATE-----"
    if [[ $# == 4 ]] && authority_listed; then continue; fi
    number=$((number + 1))
    if [[ $number -gt $MOST_OF_A_BUNDLE ]]; then log "$2 holds more than $MOST_OF_A_BUNDLE certificates: the others are not read" && return 0; fi
    [[ $number == 1 ]] || name="$1 $number"
    row_add "$name" "$2" "$3"
  done
  [[ -z $found ]] || return 0
  x509_none
  if [[ $# == 3 ]]; then x509_read "$ROOT$2"; fi
  [[ -n $X_SERIAL || -n $X_ERROR ]] || X_ERROR='not a PEM certificate'
  row_add "$1" "$2" "$3"
}

# authority_listed: what was read last is a CA of the list
authority_listed() {
  local i
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ -z $X_PEM || ${R_PEM[i]} != "$X_PEM" || " ${R_FLAGS[i]} " != *' ca '* ]] || return 0
  done
  return 1
}

# trusted NAME PATH: what a process is told to trust, where it is not in the list yet
trusted() {
  local i
  row_of_file "$2"
  [[ -z $REPLY && -n $CA_DATA_SEEN ]] || return 0
  if [[ ! -e $ROOT$2 && ! -L $ROOT$2 ]]; then
    x509_none
    row_add "$1" "$2" 'ca missing'
    return 0
  fi
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    if [[ " ${R_FLAGS[i]} " == *' ca '* ]] && cmp -s "$ROOT${R_PATH[i]}" "$ROOT$2"; then return 0; fi
  done
  authority_rows "$1" "$2" ca
}

# kubeconfig_authority NAME PATH: the CA of the kubeconfig that was read last, where it is another than those of this node
kubeconfig_authority() {
  local data=$K_AUTHORITY_DATA
  [[ -n $CA_DATA_SEEN ]] || return 0
  if [[ -n $data && $CA_DATA_SEEN != *" $data "* ]]; then
    CA_DATA_SEEN="$CA_DATA_SEEN$data "
    data=$(printf '%s' "$data" | base64 -d 2>/dev/null | tr -d '\000') || data=''
    authority_rows "$1 certificate-authority" "$2" ca "$data"
  elif [[ -z $data && -n $K_AUTHORITY ]]; then
    kubeconfig_path "$2" "$K_AUTHORITY"
    trusted "$1 certificate-authority" "$REPLY"
  fi
}

# authorities_unused: of each bundle, what neither signed a certificate here nor can sign one. What was signed by several with one key is the
# longest-lived's, which is what clients find, too. Where nobody can tell, the one that ends last counts.
authorities_unused() {
  local i row base used best last
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ " ${R_FLAGS[i]} " == *' ca '* && ${R_NAME[i]} == *' 2' ]] || continue
    base=${R_NAME[i]% 2} used=' ' last=''
    for ((row = i - 1; row < ${#R_NAME[@]}; row++)); do
      [[ ${R_NAME[row]} == "$base" || ${R_NAME[row]} == "$base "[0-9]* ]] || break
      [[ -n $last && ! ${R_AFTER[row]} > ${R_AFTER[last]} ]] || last=$row
    done
    bundle_signers "$base" $((i - 1)) "$row"
    [[ $used != ' ' ]] || used=" $last "
    for ((best = i - 1; best < row; best++)); do
      [[ $used == *" $best "* ]] || R_FLAGS[best]="${R_FLAGS[best]} unused"
    done
  done
}

# bundle_signers NAME FIRST END: adds to used, rows from FIRST up to END that signed what NAME signed, or whose key is here
bundle_signers() {
  local leaf ca best
  for ((leaf = 0; leaf < ${#R_NAME[@]}; leaf++)); do
    [[ ${R_CA[leaf]} == "$1" && -n ${R_PEM[leaf]} ]] || continue
    best=''
    for ((ca = $2; ca < $3; ca++)); do
      if [[ ${R_SUBJECT[ca]} == "${R_ISSUER[leaf]}" && (-z $best || ${R_AFTER[ca]} > ${R_AFTER[best]}) ]] && signed_by_one "${R_PEM[ca]}" "${R_PEM[leaf]}"; then best=$ca; fi
    done
    [[ -z $best ]] || used="$used$best "
  done
  for ((ca = $2; ca < $3; ca++)); do
    if row_has_key "$ca" "${R_PATH[ca]%.*}.key"; then used="$used$ca "; fi
  done
}
