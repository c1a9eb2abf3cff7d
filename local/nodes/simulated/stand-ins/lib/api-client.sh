# shellcheck shell=bash
# shellcheck source=addresses.sh
. "$NODE_ROOT/usr/lib/stand-ins/addresses.sh"

# A member of the first cluster or user of a kubeconfig file.
kubeconfig_value() { # kubeconfig_value FILE MEMBER
  sed -n "s/^ *$2: *//p" "$1" | head -1
}

kubeconfig_pem() { # kubeconfig_pem FILE MEMBER OUT : embedded as MEMBER-data, or the file that MEMBER names
  local data file
  data=$(kubeconfig_value "$1" "$2-data")
  if [ -n "$data" ]; then
    printf '%s' "$data" | "$(real openssl)" base64 -d -A >"$3"
  else
    file=$(kubeconfig_value "$1" "$2")
    if [ -n "$file" ]; then cat "$(on_node "$file")" >"$3"; fi
  fi
}

work_folder() { # sets WORK: a private folder that goes when the stand-in ends
  mkdir -p "$NODE_ROOT/tmp"
  WORK=$(mktemp -d "$NODE_ROOT/tmp/stand-in.XXXXXX")
  trap 'rm -rf "$WORK"' EXIT
}

# GET over real TLS, with the kubeconfig's CA and client certificate. Sets API_TEXT, API_STATUS (000: no answer), API_EXIT (curl's),
# API_ERROR (curl's words) and API_SERVER.
api_get() { # api_get KUBECONFIG PATH [SECONDS]
  local answer options=()
  API_SERVER=$(kubeconfig_value "$1" server)
  kubeconfig_pem "$1" certificate-authority "$WORK/ca"
  kubeconfig_pem "$1" client-certificate "$WORK/cert"
  kubeconfig_pem "$1" client-key "$WORK/key"
  if [ -s "$WORK/cert" ]; then options=(--cert "$WORK/cert" --key "$WORK/key"); fi
  connect_options
  API_EXIT=0
  answer=$("$(real curl)" -q -sS --noproxy '*' --max-time "${3:-10}" "${CONNECT[@]}" --cacert "$WORK/ca" \
    "${options[@]+"${options[@]}"}" -H 'Accept: text/plain' -w '\n%{http_code}' "$API_SERVER$2" 2>"$WORK/curl-error") || API_EXIT=$?
  # shellcheck disable=SC2034
  API_ERROR=$(cat "$WORK/curl-error")
  API_STATUS=${answer##*$'\n'}
  API_TEXT=${answer%"$API_STATUS"}
  API_TEXT=${API_TEXT%$'\n'}
}
