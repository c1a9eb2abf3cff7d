# shellcheck shell=bash source-path=SCRIPTDIR
# Asking the API server of the simulated cluster over real TLS.
# shellcheck source=addresses.sh
. "$NODE_ROOT/usr/lib/stand-ins/addresses.sh"
# shellcheck source=kubeconfig-view.sh
. "$NODE_ROOT/usr/lib/stand-ins/kubeconfig-view.sh"

# A member of the current context's cluster or user. Of a file with one of each it is the first; of others Node.js tells.
kubeconfig_value() { # kubeconfig_value FILE MEMBER ; sets VALUE
  local member value text=''
  VALUE=
  { IFS= read -r -d '' text <"$1"; } 2>/dev/null || true
  if has_choices "$text" && text=$(printf '%s\n' "$text" | kubeconfig_view minify 2>/dev/null); then
    while read -r member value; do
      if [ "$member" = "$2:" ]; then
        VALUE=${value#\"} VALUE=${VALUE%\"}
        return
      fi
    done <<<"$text"
    return
  fi
  while read -r member value; do
    if [ "$member" = "$2:" ]; then
      VALUE=$value
      return
    fi
  done <"$1"
}

kubeconfig_pem() { # kubeconfig_pem FILE MEMBER OUT : embedded as MEMBER-data, or the file that MEMBER names
  : >"$3"
  kubeconfig_value "$1" "$2-data"
  if [ -n "$VALUE" ]; then
    base64 -d <<<"$VALUE" >"$3" 2>/dev/null || true
  else
    kubeconfig_value "$1" "$2"
    [ -n "$VALUE" ] || return 0
    on_node "$VALUE"
    cat "$ON_NODE" >"$3"
  fi
}

work_folder() { # sets WORK: a private folder that goes when the stand-in ends
  mkdir -p "$NODE_ROOT/tmp"
  WORK=$(mktemp -d "$NODE_ROOT/tmp/stand-in.XXXXXX")
  trap 'rm -rf "$WORK"' EXIT
}

# GET (or METHOD, with the file BODY) with the kubeconfig's CA and client certificate. Sets API_TEXT, API_STATUS (000: no answer), API_EXIT (curl's),
# API_ERROR (curl's words) and API_SERVER. SERVER and SERVER_NAME, where set, stand in for what the kubeconfig says.
api_get() { # api_get KUBECONFIG PATH [SECONDS]
  local answer options=() host
  kubeconfig_value "$1" server
  API_SERVER=${SERVER:-$VALUE}
  kubeconfig_pem "$1" certificate-authority "$WORK/ca"
  kubeconfig_pem "$1" client-certificate "$WORK/cert"
  kubeconfig_pem "$1" client-key "$WORK/key"
  if [ -s "$WORK/cert" ]; then options=(--cert "$WORK/cert" --key "$WORK/key"); fi
  options+=(-X "${METHOD:-GET}")
  if [ -n "${BODY:-}" ]; then options+=(-H 'Content-Type: application/json' --data-binary "@$BODY"); fi
  connect_options
  host=${API_SERVER#https://}
  if [ -n "${SERVER_NAME:-}" ]; then
    # curl takes the name to verify from the URL, so the URL has that name and is led to the address.
    real_address "$host" || PORT=${host##*:}
    CONNECT+=(--connect-to "$SERVER_NAME:${host##*:}:127.0.0.1:$PORT")
    host=$SERVER_NAME:${host##*:}
  fi
  real curl
  # shellcheck disable=SC2034  # for those who source this
  {
    API_EXIT=0
    answer=$("$REAL" -q -sS --noproxy '*' --max-time "${3:-10}" "${CONNECT[@]}" --cacert "$WORK/ca" "${options[@]+"${options[@]}"}" \
      -H 'Accept: text/plain' -w '\n%{http_code}' "https://$host$2" 2>"$WORK/curl-error") || API_EXIT=$?
    API_ERROR=''
    IFS= read -r -d '' API_ERROR <"$WORK/curl-error" || true
    API_ERROR=${API_ERROR%$'\n'}
    API_STATUS=${answer##*$'\n'}
    API_TEXT=${answer%"$API_STATUS"}
    API_TEXT=${API_TEXT%$'\n'}
  }
}
