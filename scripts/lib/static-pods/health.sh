# Does a component of the control plane on this node answer well? Every function returns 0 or 1 and says in REPLY why not.

# answers_ok HOST:PORT PATH: HTTPS 200. REPLY else: what came instead. HTTP_BODY, and HTTP_CODE, which is 000 without an answer.
answers_ok() {
  local answer failing
  answer=$(limited 7 curl -sk --max-time 5 -w '\n%{http_code}' "https://$1$2") || true
  HTTP_CODE=${answer##*$'\n'}
  HTTP_BODY=${answer%$'\n'*}
  [[ $HTTP_CODE != 200 ]] || return 0
  failing=$(printf '%s\n' "$HTTP_BODY" | sed -n 's/^\[-]\([^ ]*\).*/\1/p' | head -n 8 | tr '\n' ' ') || failing=''
  if [[ -z $HTTP_CODE || $HTTP_CODE == 000 ]]; then
    REPLY="no answer from https://$1$2"
  else
    REPLY="https://$1$2 answers $HTTP_CODE${failing:+, failing: ${failing% }}"
  fi
  return 1
}

# api_server_ready: /readyz as anybody; with admin.conf where anonymous requests are not allowed. HTTP_BODY lists the checks.
api_server_ready() {
  local address reason
  serves_at "$API_SERVER" 6443 && address=$REPLY
  if answers_ok "$address" '/readyz?verbose'; then return 0; fi
  reason=$REPLY
  if [[ $HTTP_CODE == 401 || $HTTP_CODE == 403 ]]; then
    HTTP_BODY=$(limited 7 kubectl --kubeconfig="$ROOT$KUBERNETES/admin.conf" --request-timeout=5s --server="https://$address" --tls-server-name=kubernetes get --raw '/readyz?verbose') && return 0
  fi
  REPLY=$reason
  return 1
}

# component_healthy MANIFEST PORT: controller-manager and scheduler let anybody ask /healthz. One that listens on no port cannot be asked.
component_healthy() {
  serves_at "$1" "$2"
  [[ -z $REPLY ]] || answers_ok "$REPLY" /healthz
}

# healthy COMPONENT: by the name of its static pod
healthy() {
  case $1 in
    etcd) etcd_member_healthy ;;
    kube-apiserver) api_server_ready ;;
    kube-controller-manager) component_healthy "$CONTROLLER_MANAGER" 10257 ;;
    kube-scheduler) component_healthy "$SCHEDULER" 10259 ;;
  esac
}
