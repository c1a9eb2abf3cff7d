# What the node remembers of a renewal, so that a second run after a kill goes on instead of beginning again.
#
# $STATE/renewal/unfinished/  there from just before the first change until all is proven and the copies of admin.conf are refreshed
#   began       seconds since 1970
#   backup      the backup that was made before
#   before      a line `name|serial|notAfter` for each certificate to renew, as it was
#   containers  a line `component|container id` for each static pod, written once all certificates are renewed
#   proven      when all was proven; only refresh-kubeconfigs.sh has still something to do then
# $STATE/renewal/finished     the last complete renewal: seconds since 1970, ISO time, then `name|serial` lines
#
# Which certificates have been renewed is told by the disk (serial differs from `before`), which pods by their container ids: never by a
# note that a kill could have come in front of.

# renewal_open: true when a renewal began and is to be gone on with. One that began more than a day ago is begun anew.
renewal_open() {
  local began=''
  [[ -d $RENEWAL/unfinished ]] || return 1
  began=$(cat "$RENEWAL/unfinished/began" 2>/dev/null) || began=''
  [[ $began =~ ^[0-9]+$ && -s $RENEWAL/unfinished/before && -s $RENEWAL/unfinished/backup ]] || return 1
  [[ $(($(date +%s) - began)) -lt 86400 ]]
}

# renewal_is_proven: of an open renewal only the copies of admin.conf are left
renewal_is_proven() { [[ -s $RENEWAL/unfinished/proven && -s $RENEWAL/unfinished/backup ]]; }

# renewal_backup -> REPLY, the path of the unfinished renewal's backup as the node knows it
renewal_backup() { REPLY=$(cat "$RENEWAL/unfinished/backup"); }

# to_restart_json -> REPLY, static pods that run in no other container yet than when all certificates had been renewed; returns 1 before that
to_restart_json() {
  local component old names=''
  [[ -r $RENEWAL/unfinished/containers ]] || return 1
  while IFS='|' read -r component old <&5; do
    static_pod_container "$component" "$old" || true
    [[ -n $REPLY ]] || names="$names,\"$component\""
  done 5<"$RENEWAL/unfinished/containers"
  REPLY="[${names#,}]"
}
