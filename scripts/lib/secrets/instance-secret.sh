# Secrets that a node reads itself, as the role of its instance profile: so none is in a command's parameters, its output or a log.
# Nothing secret is an argument of a process or in its environment either: curl gets what it sends on stdin.

# secret_read NAME -> REPLY, the value of the SSM parameter (a SecureString). Returns 1 with REPLY = why not, in one sentence.
secret_read() {
  local METADATA=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254} METADATA_TOKEN='' ROLE=''
  local ROLE_KEY_ID='' ROLE_SECRET_KEY='' ROLE_SESSION_TOKEN='' REGION='' HTTP_CODE='' HTTP_BODY='' attempt
  if [[ ! $1 =~ ^[a-zA-Z0-9_./-]+$ ]]; then
    REPLY="'${1:0:60}' is no name of an SSM parameter: expected letters, digits, '_', '.', '-' and '/'."
    return 1
  fi
  METADATA=${METADATA%/}
  instance_credentials || return 1
  for attempt in 1 2 3; do
    ask_ssm GetParameter "{\"Name\":\"$1\",\"WithDecryption\":true}" || return 1
    case $HTTP_CODE:$HTTP_BODY in
      5??:* | 429:* | 400:*Throttl* | 400:*TooManyUpdates*) [[ $attempt == 3 ]] || sleep "$attempt" ;;
      *) break ;;
    esac
  done
  if [[ $HTTP_CODE != 200 ]]; then
    parameter_refused "$1"
    return 1
  fi
  if json_text "$HTTP_BODY" Value; then return 0; fi
  REPLY="The answer for the SSM parameter $1 has no value that this script can read: secrets are plain ASCII text."
  return 1
}

# instance_credentials: sets ROLE_KEY_ID, ROLE_SECRET_KEY, ROLE_SESSION_TOKEN, ROLE and REGION from the instance metadata service, version 2.
# Without a proxy, whatever the environment says: its address is this node's own.
instance_credentials() {
  metadata_token || return 1
  instance_role
}

# metadata_token: sets METADATA_TOKEN
metadata_token() {
  ask_http 'request = "PUT"
header = "X-aws-ec2-metadata-token-ttl-seconds: 60"' "$METADATA/latest/api/token" --noproxy '*'
  case $HTTP_CODE in
    200) METADATA_TOKEN=$HTTP_BODY ;;
    000)
      REPLY="The instance metadata service at $METADATA does not answer (${HTTP_BODY##*$'\n'}): is this an EC2 instance, and does no firewall keep root from it?"
      return 1
      ;;
    403)
      REPLY="The instance metadata service at $METADATA answers 403: switch it on in this instance's metadata options."
      return 1
      ;;
    *)
      REPLY="The instance metadata service at $METADATA gives no token, it answers $HTTP_CODE."
      return 1
      ;;
  esac
}

# instance_role: the rest of instance_credentials
instance_role() {
  metadata 'meta-data/iam/security-credentials/' || return 1
  ROLE=${HTTP_BODY%%$'\n'*}
  if [[ $HTTP_CODE != 200 || ! $ROLE =~ ^[a-zA-Z0-9_+=,.@-]+$ ]]; then
    REPLY="This instance has no role: give it an instance profile with the policy AmazonSSMManagedInstanceCore."
    return 1
  fi
  metadata "meta-data/iam/security-credentials/$ROLE" || return 1
  if ! { json_text "$HTTP_BODY" AccessKeyId && ROLE_KEY_ID=$REPLY &&
    json_text "$HTTP_BODY" SecretAccessKey && ROLE_SECRET_KEY=$REPLY &&
    json_text "$HTTP_BODY" Token && ROLE_SESSION_TOKEN=$REPLY; }; then
    json_text "$HTTP_BODY" Code || REPLY=$HTTP_CODE
    REPLY="The instance metadata service has no credentials for the role $ROLE ($REPLY): does its trust policy allow ec2.amazonaws.com?"
    return 1
  fi
  REGION=${AWS_SSM_REGION_NAME:-}
  if [[ -z $REGION ]]; then
    metadata meta-data/placement/region || return 1
    REGION=$HTTP_BODY
  fi
  [[ $REGION =~ ^[a-z0-9-]+$ ]] || {
    REPLY="'${REGION:0:40}' is no AWS region: the instance metadata service answers $HTTP_CODE."
    return 1
  }
}

# metadata PATH -> HTTP_CODE, HTTP_BODY. Returns 1 with REPLY when nobody answers.
metadata() {
  ask_http "header = \"X-aws-ec2-metadata-token: $METADATA_TOKEN\"" "$METADATA/latest/$1" --noproxy '*'
  [[ $HTTP_CODE == 000 ]] || return 0
  REPLY="The instance metadata service at $METADATA stopped answering (${HTTP_BODY##*$'\n'}); run this again."
  return 1
}

# ask_ssm ACTION JSON -> HTTP_CODE, HTTP_BODY. Returns 1 with REPLY when nobody answers.
ask_ssm() {
  local endpoint time headers domain=amazonaws.com host
  case $REGION in cn-*) domain=amazonaws.com.cn ;; esac
  endpoint=${AWS_ENDPOINT_URL_SSM:-${AWS_ENDPOINT_URL:-https://ssm.$REGION.$domain}}
  endpoint=${endpoint%/}
  host=${endpoint#*://}
  case $endpoint in https://*) host=${host%:443} ;; *) host=${host%:80} ;; esac
  time=$(date -u +%Y%m%dT%H%M%SZ)
  headers="content-type:application/x-amz-json-1.1
host:$host
x-amz-date:$time
x-amz-security-token:$ROLE_SESSION_TOKEN
x-amz-target:AmazonSSM.$1"
  if ! aws_authorization "$ROLE_KEY_ID" "$ROLE_SECRET_KEY" "$REGION" ssm "$time" "$headers" "$2"; then
    REPLY="openssl does not hash with SHA-256 on this node; try: openssl dgst -sha256 /dev/null."
    return 1
  fi
  ask_http "request = \"POST\"
header = \"content-type: application/x-amz-json-1.1\"
header = \"host: $host\"
header = \"x-amz-date: $time\"
header = \"x-amz-security-token: $ROLE_SESSION_TOKEN\"
header = \"x-amz-target: AmazonSSM.$1\"
header = \"authorization: $REPLY\"
data = \"${2//\"/\\\"}\"" "$endpoint/"
  [[ $HTTP_CODE == 000 ]] || return 0
  REPLY="No way from this node to $endpoint (${HTTP_BODY##*$'\n'}): a subnet without internet access needs the VPC endpoint ssm."
  return 1
}

# parameter_refused NAME -> REPLY, what HTTP_CODE and HTTP_BODY mean
parameter_refused() {
  local said
  json_text "$HTTP_BODY" message || json_text "$HTTP_BODY" Message || REPLY=''
  said=${REPLY:0:300}
  case $HTTP_BODY in
    *ParameterNotFound*)
      REPLY="There is no SSM parameter $1 in $REGION: it has been deleted, or has never been there; start the operation again."
      ;;
    *AccessDenied*[Cc]iphertext* | *AccessDenied*kms:*)
      REPLY="The role $ROLE of this node may not decrypt the SSM parameter $1: allow it kms:Decrypt with the parameter's key."
      ;;
    *AccessDenied*)
      REPLY="The role $ROLE of this node may not read the SSM parameter $1: allow it ssm:GetParameter (the policy AmazonSSMManagedInstanceCore does)."
      ;;
    *) REPLY="SSM does not give the parameter $1, it answers $HTTP_CODE${said:+: $said}" ;;
  esac
}

# ask_http CONFIGURATION URL [OPTION...] -> HTTP_CODE, HTTP_BODY. CONFIGURATION is in the form of curl --config; without an answer the code is 000
# and the body ends with what curl says.
ask_http() {
  local configuration=$1 url=$2 answer code=0
  shift 2
  answer=$(printf '%s\n' "$configuration" |
    limited 12 curl -q -sS --stderr - --connect-timeout 3 --max-time 10 -w '\n%{http_code}' "$@" --config - "$url") || code=$?
  HTTP_CODE=${answer##*$'\n'} HTTP_BODY=${answer%$'\n'*}
  [[ $code != 0 || ! $HTTP_CODE =~ ^[1-5][0-9][0-9]$ ]] || return 0
  HTTP_BODY=${HTTP_BODY%$'\n'} HTTP_CODE=000
  case $code in
    124 | 137) HTTP_BODY='no answer in time' ;;
    126 | 127) HTTP_BODY='curl is not installed' ;;
  esac
}

# json_text JSON NAME -> REPLY, the first text of that name. Returns 1 without one, or when it is more than ASCII can say.
json_text() {
  local rest value='' part escape pattern="\"$2\"[[:space:]]*:[[:space:]]*\"(.*)"
  [[ $1 =~ $pattern ]] || return 1
  rest=${BASH_REMATCH[1]}
  while part=${rest%%[\"\\]*} && rest=${rest#"$part"} && value=$value$part && [[ $rest == \\* ]]; do
    escape=${rest:1:1} rest=${rest:2}
    case $escape in
      n) escape=$'\n' ;;
      r) escape=$'\r' ;;
      t) escape=$'\t' ;;
      u)
        [[ $rest =~ ^00[0-7][0-9a-fA-F] && $rest != 0000* ]] || return 1
        printf -v escape '%03o' "$((16#${rest:0:4}))"
        printf -v escape '%b' "\\0$escape"
        rest=${rest:4}
        ;;
      \" | \\ | /) ;;
      *) return 1 ;;
    esac
    value=$value$escape
  done
  [[ $rest == \"* ]] || return 1
  REPLY=$value
}
