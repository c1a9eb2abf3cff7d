# shellcheck shell=bash
# What every stand-in does first: record the call, and fail if a fault says so. See ../README.md.

fail() { # fail MESSAGE [EXIT-CODE]
  printf '%s\n' "$1" >&2
  exit "${2:-1}"
}

: "${NODE_ROOT:?a stand-in only works on a simulated node}"

TOOL=${0##*/} TOOL=${TOOL%-led}
TOOL_ARGUMENTS=$*
TOOL_ARGUMENTS=${TOOL_ARGUMENTS//$'\n'/ }
# shellcheck disable=SC2034  # for the stand-ins
STATE=$NODE_ROOT/run/simulated-node
printf '%s\n' "$TOOL $TOOL_ARGUMENTS" >>"$NODE_ROOT/calls.log"

# `openssl x509` loads the host's bundle of public CAs at each call, which takes six times as long as the rest of it; none is needed here.
# Nor is the host's configuration, which takes a sixth.
export SSL_CERT_FILE=/dev/null OPENSSL_CONF=/dev/null

# The host's tool of this name: the first one on PATH that is no stand-in.
# shellcheck disable=SC2034  # for the stand-ins
real() { # real TOOL ; sets REAL
  local folder IFS=:
  for folder in $PATH; do
    if [ -x "$folder/$1" ] && [ ! -d "$folder/$1" ] && [ ! -e "$folder/../lib/stand-ins" ]; then
      REAL=$folder/$1
      return 0
    fi
  done
  fail "bash: $1: command not found" 127
}

# Files of the node: a path of the node's own, whether or not it already has NODE_ROOT in front.
# shellcheck disable=SC2034  # for the stand-ins
on_node() { # on_node PATH ; sets ON_NODE
  ON_NODE=$1
  case $1 in
    "$NODE_ROOT"/*) ;;
    /*) if [ -e "$NODE_ROOT$1" ] || [ ! -e "$1" ]; then ON_NODE=$NODE_ROOT$1; fi ;;
  esac
}

# How a path is named in messages: without NODE_ROOT.
off_node() { printf '%s\n' "${1#"$NODE_ROOT"}"; }

# Asks the node's supervisor (stands for containerd's socket and systemd's bus), a hundred times in a renewal: without a process for it.
# shellcheck disable=SC2034  # for the stand-ins
ask() { # ask METHOD PATH ; sets STATUS (000: no answer) and ANSWER
  local address host line
  STATUS=000 ANSWER=''
  { read -r address <"$STATE/control"; } 2>/dev/null || return 0 # http://HOST:PORT/WORD
  address=${address#http://} host=${address%%/*}
  { exec 8<>"/dev/tcp/${host%:*}/${host##*:}"; } 2>/dev/null || return 0
  printf '%s /%s/%s HTTP/1.0\r\nContent-Length: 0\r\n\r\n' "$1" "${address#*/}" "$2" >&8
  if IFS=' ' read -r -t 60 -u 8 _ STATUS _; then
    while read -r -t 60 -u 8 line && [ "$line" != $'\r' ]; do :; done
    IFS= read -r -d '' -t 60 -u 8 ANSWER || true
    while [ "${ANSWER%$'\n'}" != "$ANSWER" ]; do ANSWER=${ANSWER%$'\n'}; done
  fi
  exec 8>&-
}

run_fault() { # run_fault ACTION STDERR STDOUT [ARGUMENT...]
  local action=$1 stderr=$2 stdout=$3 tool
  shift 3
  if [ "${action#after:}" != "$action" ]; then
    tool=$0
    FAULTS=off "$tool" "$@"
  fi
  [ "$stdout" = - ] || printf '%b\n' "$stdout"
  [ "$stderr" = - ] || printf '%b\n' "$stderr" >&2
  case $action in
    hang) while :; do sleep 1; done ;;
    kill-group) kill -KILL 0 ;;
    *) exit "${action#after:}" ;;
  esac
}

check_faults() { # check_faults [ARGUMENT...]
  local pattern action stderr call stdout line=0 counter seen
  while IFS=$'\t' read -r pattern action stderr call stdout; do
    line=$((line + 1))
    # shellcheck disable=SC2053  # the fault's pattern is a pattern
    [[ $TOOL_ARGUMENTS == $pattern ]] || continue
    if [ "${call:--}" != - ]; then
      counter=$NODE_ROOT/faults/.$TOOL.$line
      seen=0
      [ ! -f "$counter" ] || read -r seen <"$counter"
      seen=$((seen + 1))
      echo "$seen" >"$counter"
      [ "$seen" = "$call" ] || continue
    fi
    run_fault "$action" "${stderr:--}" "${stdout:--}" "$@"
  done <"$NODE_ROOT/faults/$TOOL"
}

if [ "${FAULTS:-on}" = on ] && [ -f "$NODE_ROOT/faults/$TOOL" ]; then check_faults "$@"; fi
unset FAULTS
