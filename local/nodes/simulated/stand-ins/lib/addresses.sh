# shellcheck shell=bash
# Addresses of the simulated cluster (HOST:PORT) and the real ports on 127.0.0.1 behind them.

# Options for curl that lead each address to its real port.
connect_options() { # sets CONNECT
  local address port
  CONNECT=()
  while read -r address port; do
    CONNECT+=(--connect-to "$address:127.0.0.1:$port")
  done <"$STATE/addresses"
}

real_address() { # real_address HOST:PORT ; sets PORT, returns 1 for an address of another world
  local address
  # shellcheck disable=SC2034  # for those who ask
  while read -r address PORT; do
    if [ "$address" = "$1" ]; then return 0; fi
  done <"$STATE/addresses"
  return 1
}
