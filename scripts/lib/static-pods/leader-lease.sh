# Leases of controller managers and schedulers. One that is killed does not give its lease back, and who waits for it trusts no clock but its own:
# it has to see the lease unchanged for all its 15 s before it leads. In a dead cluster kubelets wait for that, because who leads signs.

# lease_of_this_node COMPONENT -> REPLY, who holds it: `HOST_UUID`, a process of this very node, now or before; empty when that is another's,
# nobody's, or not told. (Each node has a host name of its own.) LEASE_RENEWED, and LEASE_SECONDS for which it is valid from then.
lease_of_this_node() {
  local answer holder rest
  answer=$(kubectl_here -n kube-system get lease "$1" -o 'jsonpath={.spec.holderIdentity} {.spec.leaseDurationSeconds} {.spec.renewTime}' 2>/dev/null) || answer=''
  holder=${answer%% *} rest=${answer#* } REPLY=''
  LEASE_SECONDS=${rest%% *} LEASE_RENEWED=${rest#* }
  if [[ $holder =~ ^[A-Za-z0-9.-]+_[0-9a-f-]+$ && ${holder%_*} == "$(uname -n)" && $LEASE_SECONDS =~ ^[0-9]{1,5}$ && $LEASE_RENEWED == 2*Z ]]; then
    REPLY=$holder
  fi
}

# lease_has_lapsed: the one that lease_of_this_node told. Its holder wrote that time by the clock of this node.
lease_has_lapsed() {
  local REPLY
  iso_in "-$LEASE_SECONDS"
  [[ $LEASE_RENEWED < $REPLY ]]
}

# lease_release COMPONENT HOLDER [RENEWED]: HOLDER has ended. Does nothing once it is somebody else's, every process has a UUID of its own; with
# RENEWED, once it has been renewed since.
lease_release() {
  local tests patch
  printf -v tests '{"op":"test","path":"/spec/holderIdentity","value":"%s"}' "$2"
  if [[ -n ${3-} ]]; then printf -v tests '%s,{"op":"test","path":"/spec/renewTime","value":"%s"}' "$tests" "$3"; fi
  patch="[$tests,"'{"op":"replace","path":"/spec/holderIdentity","value":""}]'
  if kubectl_here -n kube-system patch lease "$1" --type=json -p "$patch"; then
    log "gave back the lease of $1, which $2 held"
  fi
}
