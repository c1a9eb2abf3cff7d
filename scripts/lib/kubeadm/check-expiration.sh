# What kubeadm itself says about the certificates (`check-expiration -o json`, kubeadm 1.30 and newer), laid over the inventory when it is
# sound. kubeadm knows which certificates there should be and which CAs are kept elsewhere; it does not know serial numbers.

# inventory_ask_kubeadm: sets SOURCE and SOURCE_REASON.
inventory_ask_kubeadm() {
  local answer rows minor code=0
  SOURCE=openssl SOURCE_REASON='' KUBEADM_VERSION=''
  if [[ $CONTROL_PLANE != yes ]]; then
    SOURCE_REASON='kubeadm knows the certificates of control planes only'
    return 0
  fi
  if ! command -v kubeadm >/dev/null; then
    SOURCE_REASON='kubeadm is not installed'
    return 0
  fi
  kubeadm_version
  if [[ -z $REPLY ]]; then
    SOURCE_REASON='kubeadm did not tell its version within 5 s'
    return 0
  fi
  minor=${REPLY#v1.} minor=${minor%%[!0-9]*}
  if [[ $REPLY != v1.* || ${minor:-0} -lt 30 ]]; then
    SOURCE_REASON="kubeadm $REPLY does not tell expiry dates as JSON (1.30 and newer do)"
    return 0
  fi
  # With the saved configuration kubeadm needs no API server, and knows a certificatesDir that is not the default.
  kubeadm_configuration
  answer=$(limited 10 kubeadm certs check-expiration -o json ${KUBEADM_CONFIGURATION[@]+"${KUBEADM_CONFIGURATION[@]}"}) || code=$?
  case $code in
    0) ;;
    124 | 137) SOURCE_REASON='kubeadm did not answer within 10 s' && return 0 ;;
    *) SOURCE_REASON="kubeadm certs check-expiration failed with exit code $code" && return 0 ;;
  esac
  rows=$(kubeadm_answer_rows "$answer") || rows=''
  kubeadm_answer_merge "$rows"
}

# kubeadm_answer_rows JSON -> stdout, a line `name|expirationDate|externallyManaged|missing|yes for a CA` for each object in the two arrays.
# kubeadm may print lines of text before the JSON; the order of keys does not matter.
kubeadm_answer_rows() {
  printf '%s\n' "$1" | awk '
    function flush() { if (value != "" && depth == 3) field[key] = value; value = "" }
    { text = text $0 "\n" }
    END {
      n = length(text); i = index(text, "{"); depth = 0; value = ""
      if (i == 0) exit 1
      for (; i <= n; i++) {
        c = substr(text, i, 1)
        if (c == "\"") {
          string = ""
          while (++i <= n && (c = substr(text, i, 1)) != "\"") { if (c == "\\") { i++; c = substr(text, i, 1) } string = string c }
          value = string
        }
        else if (c == ":") { key = value; value = ""; if (depth == 1) section = key }
        else if (c == "{" || c == "[") { depth++; value = ""; split("", field) }
        else if (c == ",") flush()
        else if (c == "}" || c == "]") {
          flush()
          if (c == "}" && depth == 3 && (section == "certificates" || section == "certificateAuthorities"))
            printf "%s|%s|%s|%s|%s\n", field["name"], field["expirationDate"], field["externallyManaged"], field["missing"], section == "certificates" ? "" : "yes"
          if (--depth == 0) { complete = 1; break }
        }
        else if (c !~ /[ \t\r\n]/) value = value c
      }
      exit complete ? 0 : 1
    }'
}

# kubeadm_answer_merge ROWS: first compared with what openssl read; an answer that contradicts the disk is not used at all.
kubeadm_answer_merge() {
  local name date external missing ca count=0 contradiction=''
  while IFS='|' read -r name date external missing ca; do
    [[ -n $name ]] || continue
    count=$((count + 1))
    row_number "$name"
    # What the process reads from another file is not what kubeadm sees.
    [[ -n $REPLY && " ${R_FLAGS[REPLY]} " != *' unmanaged '* ]] || continue
    if [[ $missing == true ]]; then
      [[ " ${R_FLAGS[REPLY]} " == *' missing '* ]] || contradiction="kubeadm says $name is missing, but ${R_PATH[REPLY]} is there"
    elif [[ ${R_AFTER[REPLY]} != "$date" ]]; then
      contradiction="kubeadm says $name ends ${date:-never}, the file says ${R_AFTER[REPLY]:-nothing}"
    fi
  done < <(printf '%s\n' "$1")
  if [[ $count == 0 ]]; then
    SOURCE_REASON="kubeadm's answer holds no certificates" && return 0
  elif [[ -n $contradiction ]]; then
    SOURCE_REASON=$contradiction && return 0
  fi
  SOURCE=kubeadm
  while IFS='|' read -r name date external missing ca; do
    [[ -n $name ]] || continue
    row_number "$name"
    # Its own serving certificate is not missed where the API server has another.
    if [[ -z $REPLY && $name == apiserver && $missing == true ]]; then continue; fi
    if [[ -z $REPLY ]]; then
      kubeadm_answer_row "$name" "$date" "$missing" "$ca"
      row_number "$name"
    fi
    if [[ $external == true && " ${R_FLAGS[REPLY]} " != *' external '* ]]; then R_FLAGS[REPLY]="${R_FLAGS[REPLY]} external"; fi
  done < <(printf '%s\n' "$1")
}

# A certificate that kubeadm lists and we have no row for: super-admin.conf on most control planes, or one that a newer kubeadm brings.
kubeadm_answer_row() {
  local path=$PKI/$1.crt
  [[ $1 != *.conf ]] || path=$KUBERNETES/$1
  x509_none
  [[ $3 == true ]] || X_AFTER=$2
  row_add "$1" "$path" "kubeadm${4:+ ca}$([[ $3 != true ]] || printf ' missing')"
}
