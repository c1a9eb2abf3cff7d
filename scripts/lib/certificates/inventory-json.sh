# The inventory as JSON.

# inventory_rows_json -> REPLY, the array of rows
inventory_rows_json() {
  local i rows='' OBJECT
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    OBJECT=''
    put name "${R_NAME[i]}"
    put path "${R_PATH[i]}"
    put ca "${R_CA[i]}"
    put notBefore "${R_BEFORE[i]}"
    put notAfter "${R_AFTER[i]}"
    put serial "${R_SERIAL[i]}"
    [[ " ${R_FLAGS[i]} " != *' ca '* ]] || put_raw isCa true
    [[ " ${R_FLAGS[i]} " != *' external '* ]] || put_raw external true
    [[ " ${R_FLAGS[i]} " != *' another '* ]] || put_raw anotherCa true
    [[ " ${R_FLAGS[i]} " != *' unmanaged '* ]] || put_raw unmanaged true
    [[ " ${R_FLAGS[i]} " != *' unused '* ]] || put_raw unused true
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

# ca_keys -> REPLY, members of an array: hashes of the public keys in the cluster's CA file, as kubeadm's --discovery-token-ca-cert-hash has them
ca_keys() {
  local i hash keys=''
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ ${R_NAME[i]} == ca || ${R_NAME[i]} == 'ca '[0-9]* ]] || continue
    hash=$(printf '%s\n' "${R_PEM[i]}" | openssl x509 -noout -pubkey 2>/dev/null | openssl pkey -pubin -outform der 2>/dev/null | openssl dgst -sha256) || continue
    hash=${hash##*[= ]}
    [[ ! $hash =~ ^[0-9a-f]{64}$ || $keys == *"$hash"* ]] || keys="$keys,\"$hash\""
  done
  REPLY=${keys#,}
}

# inventory_json OBSTACLES -> REPLY, the contract's CertificateInventory. Needs KUBEADM_VERSION, SOURCE, SOURCE_REASON (lib/kubeadm/check-expiration.sh),
# SERVED_JSON. OBSTACLES: an array of those of a renewal, or empty.
inventory_json() {
  local OBJECT=''
  node_name
  put node "$REPLY"
  put checkedAt "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  put kubeadm "$KUBEADM_VERSION"
  put source "$SOURCE"
  put sourceReason "$SOURCE_REASON"
  ca_keys
  put_raw caPublicKeys "${REPLY:+[$REPLY]}"
  validity_text
  [[ $REPLY == 8760h0m0s ]] || put certificateValidity "${REPLY//[^ -~]/?}"
  inventory_rows_json
  put_raw certificates "$REPLY"
  put_raw served "$SERVED_JSON"
  put_raw kubernetes "${VERSIONS_JSON:-}"
  put_raw obstacles "$1"
  put_close
}
