#!/bin/bash
# Asks the cluster's name server (CoreDNS) from this node for the API server's Service: so Services and the network of pods work from here, too.
# Result: ClusterDns (lambdas/contracts/create-steps.ts).

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/create/record.sh"

QUERY=$STATE/cluster-dns-query
# As long as images of the network plugin and of CoreDNS may take.
LONGEST=$((NODE_STEP_TIME_LIMIT - 40))

# query_write NAME TYPE: a question of DNS. In a file, because what the shell prints goes out at each byte 10, and a datagram has to go out whole.
# shellcheck disable=SC2059
query_write() {
  local label text='\113\101\001\000\000\001\000\000\000\000\000\000' IFS=.
  for label in $1; do
    printf -v REPLY '\\%03o' "${#label}"
    text=$text$REPLY$label
  done
  (umask 077 && printf "$text\\000\\000\\$2\\000\\001" >"$QUERY") || fail "${QUERY#"$ROOT"} cannot be written: is the disk full or read-only?"
}

# ask_name_server ADDRESS LENGTH -> REPLY, the last LENGTH bytes of its answer, hexadecimal. Returns 1 with REPLY = why there is none.
ask_name_server() {
  local answer
  REPLY="no answer from $1 port 53"
  { exec 5<>"/dev/udp/$1/53"; } 2>/dev/null || return 1
  limited 5 dd if="$QUERY" bs=512 count=1 >&5 2>/dev/null || true
  answer=$(limited 5 dd bs=512 count=1 <&5 2>/dev/null | od -An -v -tx1 | tr -d ' \n') || answer=''
  exec 5<&- 5>&-
  [[ $answer == 4b41* ]] || return 1
  REPLY="$1 answers without an address (response code $((16#${answer:7:1})))"
  [[ ${answer:7:1} == 0 && ${answer:12:4} != 0000 ]] || return 1
  REPLY=${answer: -$((2 * $2))}
}

step_begin

step 'find the name server'
kubelet_read
kubelet_setting clusterDNS.0 cluster-dns && SERVER=${REPLY%%,*}
[[ $SERVER =~ ^[0-9a-f.:]+$ ]] || refuse "The kubelet's configuration names no clusterDNS ($KUBELET_CONFIG): has this machine joined a cluster?"
kubelet_setting clusterDomain cluster-domain
DOMAIN=${REPLY:-cluster.local}
[[ $DOMAIN =~ ^[a-z0-9.-]{1,200}$ ]] || refuse "The kubelet's clusterDomain is '${DOMAIN:0:60}', expected a DNS name."

step 'ask it'
case $SERVER in
  *:*) query_write "kubernetes.default.svc.$DOMAIN" 034 && LENGTH=16 ;;
  *) query_write "kubernetes.default.svc.$DOMAIN" 001 && LENGTH=4 ;;
esac
until ask_name_server "$SERVER" "$LENGTH"; do
  WHY=$REPLY
  [[ $SECONDS -lt $LONGEST ]] || fail "The cluster's DNS does not answer on this node: $WHY. Look at the pods of CoreDNS, of kube-proxy and of the network plugin (kubectl -n kube-system get pods -o wide)."
  sleep 1
done
HEX=$REPLY
rm -f "$QUERY" "$CREATE_UNPROVEN"
if [[ $LENGTH == 4 ]]; then
  printf -v ADDRESS '%d.%d.%d.%d' "$((16#${HEX:0:2}))" "$((16#${HEX:2:2}))" "$((16#${HEX:4:2}))" "$((16#${HEX:6:2}))"
else
  ADDRESS=$(printf '%s' "$HEX" | sed 's/..../&:/g; s/:$//')
fi

step 'answer'
OBJECT=''
put node "$(uname -n)"
put server "$SERVER"
put address "$ADDRESS"
put_close
result "$REPLY"
