# Whether this machine reaches the others of its cluster over the network. A port that refuses has been reached; of security groups and network
# ACLs comes silence.

# peers_parameters: sets CONTROL_PLANES and WORKERS, addresses with a space between
peers_parameters() {
  local name
  for name in ControlPlanes Workers; do
    parameter "$name"
    [[ $REPLY == none || $REPLY =~ ^[0-9a-f.:]+(,[0-9a-f.:]+)*$ ]] || refuse "Parameter $name is '${REPLY:0:60}', expected addresses with a comma between them, or none."
    REPLY=${REPLY/#none/}
    if [[ $name == Workers ]]; then WORKERS=${REPLY//,/ }; else CONTROL_PLANES=${REPLY//,/ }; fi
  done
}

# is_own ADDRESS
is_own() { [[ -n $(limited 5 ip -o address show to "$1" 2>/dev/null) ]]; }

# try_port ADDRESS PORT: prints ADDRESS:PORT where nothing comes back
try_port() {
  local said
  # shellcheck disable=SC2016 # the shell in there expands it
  said=$(limited 4 "$BASH" -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1) || [[ $said == *'Connection refused'* ]] || printf '%s:%s\n' "$1" "$2"
}

# unreached ETCD -> REPLY, address:port, a line each: where this machine does not come to. A control plane needs the kubelets of all, and with ETCD
# (yes) the members of etcd on the others; every machine needs the API servers, to which the Service kubernetes leads.
unreached() {
  local address port others='' control_plane=no to_control_plane=6443 to_worker=''
  for address in $CONTROL_PLANES; do
    if is_own "$address"; then control_plane=yes; else others="$others $address"; fi
  done
  if [[ $control_plane == yes ]]; then
    to_control_plane='6443 10250' to_worker=10250
    [[ $1 != yes ]] || to_control_plane="$to_control_plane 2379 2380"
  fi
  REPLY=$(
    for address in $others; do
      for port in $to_control_plane; do try_port "$address" "$port" & done
    done
    for address in $WORKERS; do
      for port in $to_worker; do try_port "$address" "$port" & done
    done
    wait
  )
  REPLY=$(printf '%s\n' "$REPLY" | sort)
}
