# `kubectl drain`, read line by line: who leaves, who does not, and which PodDisruptionBudget keeps it.

# BLOCKED_POD (NAMESPACE/NAME), BLOCKED_BUDGET and BLOCKED_REASON are parallel arrays, 20 at most. GONE holds names between blanks.

# drain_target SECONDS: sets DRAINED (yes or empty), EVICTED (how many), WHY (what kubectl complains of) and the arrays above
drain_target() {
  local line code='' pod
  local options=(--ignore-daemonsets --delete-emptydir-data "--timeout=$1s")
  [[ $FORCE == no ]] || options+=(--force --disable-eviction)
  DRAINED='' WHY=''
  while IFS= read -r line; do
    log "$line"
    case $line in
      'kubectl ended with '*) code=${line##* } ;;
      'pod/'*' evicted' | 'pod/'*' deleted'*) pod=${line#pod/} && GONE="$GONE${pod%% *} " && EVICTED=$((EVICTED + 1)) ;;
      *'declare no controller'*) unmanaged "${line##*): }" ;;
      # The sum of what was said of each pod before.
      *'unable to drain'* | *'There are pending pods'*) WHY=${line:0:300} ;;
      *'error when evicting pod'*'disruption budget'*) blocked_of "$line" && blocked_by_budget "$REPLY" ;;
      *'error when evicting pod'*'timeout reached'*) blocked_of "$line" && blocked "$REPLY" '' 'it was not evicted in time' ;;
      *'error when evicting pod'*) blocked_of "$line" && blocked "$REPLY" '' "${line##*: }" ;;
      *'error when waiting for pod'*) blocked_of "$line" && blocked "$REPLY" '' 'it has been told to end and does not' ;;
      *rror*) WHY=${line:0:300} ;;
    esac
  done < <(
    code=0
    kubectl_for $(($1 + 30)) drain "$TARGET" "${options[@]}" 2>&1 </dev/null || code=$?
    printf 'kubectl ended with %s\n' "$code"
  )
  [[ $code != 0 ]] || DRAINED=yes
}

# blocked_of LINE -> REPLY, NAMESPACE/NAME out of kubectl's words: pods/"NAME" -n "NAMESPACE", or pod "NAME" in namespace "NAMESPACE".
# Returns 1 when there are none.
blocked_of() {
  REPLY=$(printf '%s\n' "$1" | sed -n 's/.*pods\{0,1\}[\/ ]"\([a-z0-9.-]*\)" \(-n\|in namespace\) "\([a-z0-9-]*\)".*/\3\/\1/p')
  [[ -n $REPLY ]]
}

# blocked POD BUDGET REASON: once for each pod; what is said first says most.
blocked() {
  local i=${#BLOCKED_POD[@]}
  if [[ $i -ge 20 ]] || is_blocked "$1"; then return 0; fi
  BLOCKED_POD[i]=$1 BLOCKED_BUDGET[i]=$2 BLOCKED_REASON[i]=$3
  log "$1 does not leave${2:+, because of the PodDisruptionBudget $2}: $3"
}

is_blocked() {
  local pod
  for pod in ${BLOCKED_POD[@]+"${BLOCKED_POD[@]}"}; do
    [[ $pod != "$1" ]] || return 0
  done
  return 1
}

# blocked_by_budget POD: asks for its eviction once more, for the answer's words only: it names the budget. kubectl prints the whole answer at
# this level, and no credentials: it logs in with a certificate.
blocked_by_budget() {
  local said body
  is_blocked "$1" && return 0
  printf -v body '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"%s"} }' "${1#*/}" "${1%/*}"
  said=$(printf '%s\n' "$body" | kubectl_here -v=8 create --raw "/api/v1/namespaces/${1%/*}/pods/${1#*/}/eviction?dryRun=All" -f - 2>&1) || true
  said=$(printf '%s\n' "$said" | grep -o 'The disruption budget [a-z0-9.-]* [A-Za-z0-9 ]*' | head -n 1) || said=''
  REPLY=${said#The disruption budget }
  blocked "$1" "${REPLY%% *}" "${said:-the disruption budget does not let it go}"
}

# unmanaged PODS: pods that nobody would make anew elsewhere, NAMESPACE/NAME with commas between
unmanaged() {
  local pod
  for pod in $(printf '%s' "${1%%;*}" | sed 's/, continuing.*//' | tr -d ' ' | tr ',' ' '); do
    blocked "$pod" '' 'no controller would make it anew on another node'
  done
}

# blocked_json -> REPLY: those that have not gone after all
blocked_json() {
  local i rows='' OBJECT
  for ((i = 0; i < ${#BLOCKED_POD[@]}; i++)); do
    if [[ $GONE == *" ${BLOCKED_POD[i]#*/} "* ]]; then continue; fi
    OBJECT=''
    put pod "${BLOCKED_POD[i]}"
    put budget "${BLOCKED_BUDGET[i]}"
    put reason "${BLOCKED_REASON[i]}"
    put_close
    rows="$rows,$REPLY"
  done
  REPLY="[${rows#,}]"
}
