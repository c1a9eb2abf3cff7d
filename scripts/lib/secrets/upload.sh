# Files that leave the node by a presigned URL: who has it may upload this one object until it expires, so it is a secret as a password is. It
# goes into curl's stdin and nowhere else.

# upload_parameter: sets SECRET, the name of the SSM parameter with this node's own URL. What came instead is not told: it might be the URL.
upload_parameter() {
  parameter Secret
  [[ $REPLY =~ ^/kubeadm-autopilot/secrets/[a-z0-9-]{1,32}/[a-z0-9-]{1,64}$ ]] ||
    refuse "Parameter Secret has ${#REPLY} characters that are no name like /kubeadm-autopilot/secrets/<cluster>/<name>."
  [[ ${AWS_SSM_INSTANCE_ID:-} =~ ^m?i-[0-9a-f]+$ ]] || refuse 'The SSM agent does not tell the id of this instance (AWS_SSM_INSTANCE_ID): update it.'
  SECRET=$REPLY-$AWS_SSM_INSTANCE_ID
}

# upload_url_read: sets UPLOAD_URL
upload_url_read() {
  secret_read "$SECRET" || refuse "The URL for the upload cannot be read from the parameter $SECRET: ${REPLY:-no reason was given.}"
  UPLOAD_URL=$REPLY REPLY=''
  [[ $UPLOAD_URL =~ ^https?://[^[:space:]\"\\]+$ ]] || refuse "The parameter $SECRET holds no URL: start the operation again."
}

# upload FILE: Content-Length is that of the file, because S3 takes no upload without it.
upload() {
  local attempt said endpoint=${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-}} to=()
  # The URL is signed for its host: another way there keeps the name.
  if [[ -n $endpoint ]]; then
    endpoint=${endpoint#*://}
    to=(--connect-to "::${endpoint%%/*}")
  fi
  for attempt in 1 2 3; do
    upload_once "$1" "${to[@]+"${to[@]}"}"
    case $HTTP_CODE in
      200) return 0 ;;
      000 | 5??) [[ $attempt == 3 ]] || sleep "$attempt" ;;
      *) break ;;
    esac
    log "the upload was answered with $HTTP_CODE: attempt $attempt of 3"
  done
  case $HTTP_CODE:$HTTP_BODY in
    000:*) fail "No way from this node to the bucket (${HTTP_BODY##*$'\n'}): a subnet without internet access needs the VPC endpoint s3." ;;
    403:*'Request has expired'*) fail 'The URL for the upload had expired before the archive was ready: start the operation again; if it happens again, compact and defragment etcd.' ;;
  esac
  said=$(printf '%s' "$HTTP_BODY" | tr '\n' ' ' | sed -n 's/.*<Code>\([A-Za-z]*\)<.*<Message>\([^<]*\)<.*/\1: \2/p' | head -c 300)
  fail "S3 did not take the archive, it answers $HTTP_CODE${said:+ ($said)}: look at the policies of the bucket, its key and the VPC endpoint s3, then start the operation again."
}

# upload_once FILE [OPTION...] -> HTTP_CODE, HTTP_BODY
upload_once() {
  local file=$1 answer code=0
  shift
  answer=$(printf 'url = "%s"\n' "$UPLOAD_URL" |
    limited 1200 curl -q -sS --stderr - --connect-timeout 10 --speed-limit 1000 --speed-time 60 -w '\n%{http_code}' "$@" -T "$file" --config -) || code=$?
  HTTP_CODE=${answer##*$'\n'} HTTP_BODY=${answer%$'\n'*}
  [[ $code != 0 || ! $HTTP_CODE =~ ^[1-5][0-9][0-9]$ ]] || return 0
  HTTP_BODY=${HTTP_BODY%$'\n'} HTTP_CODE=000
}
