# AWS's Signature Version 4 with nothing but openssl. curl --aws-sigv4 signs the x-amz-* headers only from version 7.86 on, and many nodes
# have an older one (RHEL 9: 7.76, Ubuntu 22.04: 7.81). No key is an argument of a process: openssl reads what it hashes on stdin.

# aws_authorization KEY_ID SECRET_KEY REGION SERVICE TIME HEADERS BODY -> REPLY, the value of the header Authorization.
# Of a POST to the path /. TIME is that of the header x-amz-date; HEADERS are lines name:value, sorted, in lower case. Returns 1 without openssl.
aws_authorization() {
  local scope=${5%%T*}/$3/$4/aws4_request names='' line part
  while IFS= read -r line; do
    names="$names;${line%%:*}"
  done < <(printf '%s\n' "$6")
  names=${names#;}
  sha256 "$7" || return 1
  sha256 $'POST\n/\n\n'"$6"$'\n\n'"$names"$'\n'"$REPLY" || return 1
  local text=$'AWS4-HMAC-SHA256\n'"$5"$'\n'"$scope"$'\n'"$REPLY"
  hexadecimal_of "AWS4$2"
  for part in "${5%%T*}" "$3" "$4" aws4_request "$text"; do
    hmac_sha256 "$REPLY" "$part" || return 1
  done
  REPLY="AWS4-HMAC-SHA256 Credential=$1/$scope, SignedHeaders=$names, Signature=$REPLY"
}

# sha256 TEXT -> REPLY, hexadecimal
sha256() {
  REPLY=$(printf '%s' "$1" | openssl dgst -sha256) || return 1
  REPLY=${REPLY##*[= ]}
}

# hmac_sha256 KEY TEXT -> REPLY; KEY and REPLY are hexadecimal, KEY has at most 64 bytes (AWS's secret keys have 40 characters).
# The bytes go through printf as escapes: no shell variable holds a zero byte.
# shellcheck disable=SC2059
hmac_sha256() {
  local key=$1 inner outer
  while [[ ${#key} -lt 128 ]]; do key=${key}00; done
  octal_escapes "$key" 0x36 && inner=$REPLY
  octal_escapes "$key" 0x5c && outer=$REPLY
  REPLY=$({ printf "$inner" && printf '%s' "$2"; } | openssl dgst -sha256) || return 1
  octal_escapes "${REPLY##*[= ]}" 0
  REPLY=$({ printf "$outer" && printf "$REPLY"; } | openssl dgst -sha256) || return 1
  REPLY=${REPLY##*[= ]}
}

# octal_escapes HEXADECIMAL MASK -> REPLY, escapes for printf: each byte, exclusive or MASK
octal_escapes() {
  local i escapes=''
  for ((i = 0; i < ${#1}; i += 2)); do
    printf -v REPLY '\\%03o' "$((16#${1:i:2} ^ $2))"
    escapes=$escapes$REPLY
  done
  REPLY=$escapes
}

# hexadecimal_of TEXT -> REPLY; ASCII
hexadecimal_of() {
  local i text=''
  for ((i = 0; i < ${#1}; i++)); do
    printf -v REPLY '%02x' "'${1:i:1}"
    text=$text$REPLY
  done
  REPLY=$text
}
