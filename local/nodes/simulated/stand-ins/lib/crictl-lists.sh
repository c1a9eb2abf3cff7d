# shellcheck shell=bash
# crictl's lists and details, from the lines that the node's supervisor tells.

parse_filters() { # sets NAME STATE_FILTER LABEL NAMESPACE POD ID_FILTER QUIET ALL LATEST FULL
  NAME='' STATE_FILTER='' LABEL='' NAMESPACE='' POD='' ID_FILTER='' QUIET=no ALL=no LATEST=no FULL=no
  local option value
  while [ $# -gt 0 ]; do
    option=$1
    value=${2:-}
    case $option in --*=*)
      value=${option#*=}
      option=${option%%=*}
      set -- "$option" "$value" "${@:2}"
      ;;
    esac
    case $option in
      --name) NAME=$value ;;
      -s | --state) STATE_FILTER=$value ;;
      --label) LABEL=$value ;;
      --namespace) NAMESPACE=$value ;;
      -p | --pod) POD=$value ;;
      --id) ID_FILTER=$value ;;
      -o | --output)
        [ "$value" = table ] || fail "crictl: a simulated node only lists as a table (or with -q): got -o $value"
        ;;
      -q | --quiet) QUIET=yes ;;
      -a | --all) ALL=yes ;;
      -l | --latest) LATEST=yes ;;
      --no-trunc) FULL=yes ;;
      *) fail "flag provided but not defined: $option" ;;
    esac
    case $option in
      -q | --quiet | -a | --all | -l | --latest | --no-trunc) shift ;;
      *) shift 2 2>/dev/null || fail "flag needs an argument: $option" ;;
    esac
  done
}

matches() { # matches REGULAR-EXPRESSION TEXT : an empty expression matches
  [ -z "$1" ] || [[ $2 =~ $1 ]]
}

# same_word WORD WORD : in any case
same_word() {
  local same=1
  shopt -s nocasematch
  if [[ $1 == "$2" ]]; then same=0; fi
  shopt -u nocasematch
  return $same
}

keeps_state() { # keeps_state STATE pods|ps : crictl ps shows what runs, unless asked otherwise
  if [ -n "$STATE_FILTER" ]; then
    same_word "$1" "$STATE_FILTER"
  elif [ "$2" = ps ]; then
    [ "$ALL" = yes ] || [ "$LATEST" = yes ] || same_word "$1" running
  fi
}

is_state() { # is_state STATE... : the filter is one of them, or there is none
  local state
  for state in '' "$@"; do if same_word "$STATE_FILTER" "$state"; then return 0; fi; done
  return 1
}

short() { if [ "$FULL" = yes ]; then printf '%s' "$1"; else printf '%s' "${1:0:13}"; fi; }

image_id() { # image_id NAME : the kubelet starts containers by the id of their image, so that is what lists show
  local sum
  sum=$(printf '%s' "$1" | cksum)
  printf '%013x' "${sum%% *}"
}

ago() { # ago EPOCH
  local seconds=$(($(date +%s) - $1))
  if [ "$seconds" -lt 60 ]; then
    echo 'Less than a minute ago'
  elif [ "$seconds" -lt 3600 ]; then
    echo "$((seconds / 60)) minutes ago"
  else
    echo "$((seconds / 3600)) hours ago"
  fi
}

list() { # list pods|ps
  if [ "$1" = pods ]; then
    is_state ready notready || fatal '--state should be ready or notready'
  else
    is_state created running exited unknown || fatal '--state should be one of created, running, exited or unknown'
  fi
  if [ "$1" = pods ]; then request GET pods; else request GET containers; fi
  if [ "$QUIET" = no ]; then
    if [ "$1" = pods ]; then
      printf '%-19s %-23s %-11s %-33s %-19s %-10s %s\n' 'POD ID' CREATED STATE NAME NAMESPACE ATTEMPT RUNTIME
    else
      printf '%-19s %-19s %-23s %-11s %-25s %-10s %-19s %-33s %s\n' \
        CONTAINER IMAGE CREATED STATE NAME ATTEMPT 'POD ID' POD NAMESPACE
    fi
  fi
  if [ "$1" = pods ]; then list_pods; else list_containers; fi
}

list_pods() {
  local id name state namespace attempt created labels
  while read -r id name state namespace attempt created labels; do
    [ -n "$id" ] || continue
    if ! matches "$NAME" "$name" || ! matches "$NAMESPACE" "$namespace" || ! keeps_state "$state" pods; then continue; fi
    case $id in "$ID_FILTER"*) ;; *) continue ;; esac
    if [ -n "$LABEL" ]; then case ,$labels, in *",$LABEL,"*) ;; *) continue ;; esac; fi
    if [ "$QUIET" = yes ]; then
      printf '%s\n' "$id"
    else
      printf '%-19s %-23s %-11s %-33s %-19s %-10s %s\n' \
        "$(short "$id")" "$(ago "$created")" "$state" "$name" "$namespace" "$attempt" '(default)'
    fi
    if [ "$LATEST" = yes ]; then break; fi
  done <<<"$ANSWER"
}

list_containers() {
  local id name state pod attempt created image code log podname namespace
  # shellcheck disable=SC2034  # fields that this list does not show
  while read -r id name state pod attempt created image code log podname namespace; do
    [ -n "$id" ] || continue
    if ! matches "$NAME" "$name" || ! matches "$NAMESPACE" "$namespace" || ! keeps_state "$state" ps; then continue; fi
    case $id in "$ID_FILTER"*) ;; *) continue ;; esac
    case $pod in "$POD"*) ;; *) continue ;; esac
    if [ -n "$LABEL" ] && [ "$LABEL" != "io.kubernetes.container.name=$name" ] &&
      [ "$LABEL" != "io.kubernetes.pod.name=$podname" ] &&
      [ "$LABEL" != "io.kubernetes.pod.namespace=$namespace" ]; then continue; fi
    if [ "$QUIET" = yes ]; then
      printf '%s\n' "$id"
    else
      printf '%-19s %-19s %-23s %-11s %-25s %-10s %-19s %-33s %s\n' "$(short "$id")" "$(image_id "$image")" "$(ago "$created")" \
        "$state" "$name" "$attempt" "$(short "$pod")" "$podname" "$namespace"
    fi
    if [ "$LATEST" = yes ]; then break; fi
  done <<<"$ANSWER"
}

stopped() { # stopped pods|containers ID... : without --force only what no longer runs may go
  local kind=$1 id state rest wanted name
  shift
  for wanted in "$@"; do
    full_id "$kind" "$wanted"
    while read -r id name state rest; do
      [ "$id" = "$ID" ] || continue
      case $kind/$state in
        pods/Ready) fatal "pod sandbox \\\"$wanted\\\" is running, please stop it first" ;;
        containers/Running) fatal "container \\\"$wanted\\\" is running, please stop it first" ;;
      esac
    done <<<"$ANSWER"
  done
}

inspect() { # inspect inspect|inspectp [OPTION...] ID
  local id name state pod attempt created image code log podname namespace
  local wanted=${*: -1}
  if [ "$1" = inspectp ]; then
    full_id pods "$wanted"
    while read -r id name state namespace attempt created image; do
      [ "$id" = "$ID" ] || continue
      printf '{\n  "status": {\n    "id": "%s",\n    "metadata": { "name": "%s", "namespace": "%s", "attempt": %s },\n' \
        "$id" "$name" "$namespace" "$attempt"
      printf '    "state": "SANDBOX_%s"\n  }\n}\n' "$(printf '%s' "$state" | tr '[:lower:]' '[:upper:]')"
      return
    done <<<"$ANSWER"
    fatal "getting the status of the pod sandbox \\\"$wanted\\\": rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found"
  fi
  full_id containers "$wanted"
  # shellcheck disable=SC2034  # fields that are not told
  while read -r id name state pod attempt created image code log podname namespace; do
    [ "$id" = "$ID" ] || continue
    printf '{\n  "status": {\n    "id": "%s",\n    "metadata": { "name": "%s", "attempt": %s },\n' "$id" "$name" "$attempt"
    printf '    "state": "CONTAINER_%s",\n    "exitCode": %s,\n' "$(printf '%s' "$state" | tr '[:lower:]' '[:upper:]')" "$code"
    printf '    "image": { "image": "%s" },\n    "logPath": "%s"\n  },\n  "info": { "sandboxID": "%s" }\n}\n' "$image" "$log" "$pod"
    return
  done <<<"$ANSWER"
  fatal "getting the status of the container \\\"$wanted\\\": rpc error: code = NotFound desc = an error occurred when try to find container \\\"$wanted\\\": not found"
}
