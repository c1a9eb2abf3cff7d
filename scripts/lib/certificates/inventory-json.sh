# The inventory as JSON.

# inventory_rows_json -> REPLY, the array of rows
inventory_rows_json() {
  local i rows='' OBJECT
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    OBJECT=''
    put name "${R_NAME[i]}"
    put path "${R_PATH[i]}"
    put ca "${R_CA[i]}"
    put notAfter "${R_AFTER[i]}"
    put serial "${R_SERIAL[i]}"
    [[ " ${R_FLAGS[i]} " != *' ca '* ]] || put_raw isCa true
    [[ " ${R_FLAGS[i]} " != *' external '* ]] || put_raw external true
    [[ " ${R_FLAGS[i]} " != *' another '* ]] || put_raw anotherCa true
    put issuer "${R_SIGNER[i]}"
    put wrongNames "${R_NAMES[i]:-}"
    put lacksNames "${R_LACKS[i]:-}"
    [[ " ${R_FLAGS[i]} " != *' missing '* ]] || put_raw missing true
    put unreadable "${R_ERROR[i]}"
    put_close
    rows="$rows,$REPLY"
  done
  REPLY="[${rows#,}]"
}

# inventory_json -> REPLY, the contract's CertificateInventory. Needs KUBEADM_VERSION, SOURCE, SOURCE_REASON (lib/kubeadm/check-expiration.sh), SERVED_JSON.
inventory_json() {
  local OBJECT='' fingerprint=''
  if [[ -r $ROOT$PKI/ca.crt ]]; then
    fingerprint=$(openssl x509 -in "$ROOT$PKI/ca.crt" -noout -fingerprint -sha256 2>/dev/null) || fingerprint=''
    fingerprint=${fingerprint##*=} fingerprint=${fingerprint//:/}
  fi
  node_name
  put node "$REPLY"
  put checkedAt "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  put kubeadm "$KUBEADM_VERSION"
  put source "$SOURCE"
  put sourceReason "$SOURCE_REASON"
  put caFingerprint "$fingerprint"
  validity_text
  [[ $REPLY == 8760h0m0s ]] || put certificateValidity "${REPLY//[^ -~]/?}"
  inventory_rows_json
  put_raw certificates "$REPLY"
  put_raw served "$SERVED_JSON"
  put_raw kubernetes "${VERSIONS_JSON:-}"
  put_close
}
