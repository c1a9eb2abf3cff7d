# shellcheck shell=bash

# Options for curl that lead each address of the simulated cluster to the real port behind it.
connect_options() { # sets CONNECT
  local address port
  CONNECT=()
  while read -r address port; do
    CONNECT+=(--connect-to "$address:127.0.0.1:$port")
  done <"$STATE/addresses"
}
