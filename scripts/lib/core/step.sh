# The life of a node step: time limit, log, one result line, exit code.
#
# A step ends in exactly one of these ways, and each prints the one result line:
#   result JSON        done, exit 0
#   fail MESSAGE       exit 1    refuse MESSAGE     exit 20   (a precondition: nothing was changed)
#   busy MESSAGE       exit 21   time limit         exit 30   (SIGTERM from `timeout`)
# A command that fails where nobody expected it (set -e) ends as `fail`, with the command in the message.
# fail, refuse and busy end the script only outside of $(...): functions answer in REPLY, never on stdout.
set -Eeuo pipefail
shopt -u patsub_replacement 2>/dev/null || true
export LC_ALL=C

ROOT=${NODE_ROOT:-}
STATE=$ROOT/var/lib/kubeadm-autopilot
if [[ -z ${NODE_STEP:-} ]]; then
  NODE_STEP=${0##*/} NODE_STEP=${NODE_STEP%.sh}
fi
: "${NODE_STEP_TIME_LIMIT:=570}"
LOG='' STEP='start' STEP_ERROR='' STEP_MESSAGE='' STEP_FAULT='' STEP_TOLD=''
# A command that runs at every end but SIGKILL, before the failure is told.
AT_END=true

# log TEXT: to the log file and to stderr.
log() {
  local line
  # bash 4.2 tells the time itself.
  TZ=UTC printf -v line '%(%H:%M:%S)T' -1 2>/dev/null || line=$(date -u +%H:%M:%S)
  line="$line [$STEP] $*"
  printf '%s\n' "$line" 2>/dev/null || true
  printf '%s\n' "$line" >&4 2>/dev/null || true
}

# step NAME: names what is being done now; a failure is reported under this name.
step() {
  STEP=$1
  log "${2:-begins}"
}

# result JSON: the answer. It is the last thing a script does.
result() {
  STEP_TOLD=yes
  printf 'KUBEADM_AUTOPILOT_RESULT %s\n' "$1" >&3
  exit 0
}

fail() { STEP_ERROR=failed STEP_MESSAGE=$1 && exit 1; }
refuse() { STEP_ERROR=refused STEP_MESSAGE=$1 && exit 20; }
busy() { STEP_ERROR=busy STEP_MESSAGE=$1 && exit 21; }

# parameter NAME -> REPLY. Parameters come as SSM_<NAME>; an SSM agent that does not know ENV_VAR leaves them unset without a word.
parameter() {
  local variable=SSM_$1
  [[ -n ${!variable+set} ]] ||
    refuse "Parameter $1 did not reach the script: the SSM agent on this node is too old to pass parameters as environment variables; update it to 3.3.2746.0 or newer."
  REPLY=${!variable}
}

# parameter_yes_no NAME -> REPLY, yes or no
parameter_yes_no() {
  parameter "$1"
  [[ $REPLY == yes || $REPLY == no ]] || refuse "Parameter $1 is '${REPLY:0:60}', expected yes or no."
}

# limited SECONDS COMMAND...: no tool may hang. In the foreground, so that it stays in the process group that gets killed as one.
# Nor may it outlive the step: bash hears SIGTERM only when the tool that it waits for has ended, so that one ends right after the limit.
limited() {
  local seconds=$1 left=$((NODE_STEP_TIME_LIMIT - SECONDS + 2))
  shift
  [[ $seconds -le $left ]] || seconds=$left
  [[ $seconds -ge 1 ]] || seconds=1
  timeout --foreground --kill-after=2 "$seconds" "$@"
}

# step_lock: one changing step at a time on this node. The lock is the kernel's, so it ends with its holder, whatever kills that.
step_lock() { step_lock_on lock; }

# step_lock_on FILE: the same for what such a lock stands for
step_lock_on() {
  mkdir -p "$STATE" && chmod 700 "$STATE" || fail "Cannot create /var/lib/kubeadm-autopilot: is the disk full or read-only?"
  { exec 9>>"$STATE/$1"; } 2>/dev/null || fail "Cannot write /var/lib/kubeadm-autopilot/$1: is the disk full or read-only?"
  # inspect-control-plane.sh holds it for a moment, to see whether it is held.
  flock -w 3 9 || busy "Another step that changes this node is still running; wait until it has ended, then run this again."
}

# What the steps print goes to the log file; fd 3 is the real stdout, fd 4 the real stderr. Without a writable disk there is no file.
step_open_log() {
  local old=()
  exec 3>&1 4>&2
  LOG=$STATE/logs/$NODE_STEP-$(date -u +%Y%m%dT%H%M%SZ)-$$.log
  (umask 077 && mkdir -p "$STATE/logs" && : >>"$LOG") 2>/dev/null || LOG=''
  exec >>"${LOG:-/dev/null}" 2>&1
  # The newest twenty stay; their names sort as their times do.
  old=("$STATE/logs/$NODE_STEP-"[0-9]*T*)
  [[ ${#old[@]} -le 20 ]] || rm -f "${old[@]:0:${#old[@]}-20}" || true
}

# What `set -e` stopped at: the command as it is written, its first line only.
step_fault() { STEP_FAULT="${1%%$'\n'*} ended with $2."; }

step_signal() {
  STEP_ERROR=failed STEP_MESSAGE="Stopped by SIG$1; run it again."
  if [[ $1 == TERM && $((SECONDS + 1)) -ge $NODE_STEP_TIME_LIMIT ]]; then
    STEP_ERROR=timed-out STEP_MESSAGE="Did not end within its limit of $NODE_STEP_TIME_LIMIT s and was stopped; run it again, it goes on where it stopped."
    exit 30
  fi
  exit 1
}

# Runs at every end but SIGKILL: the result line of a step that has not told its own.
step_end() {
  trap '' TERM INT HUP ERR
  set +e
  $AT_END
  [[ -z $STEP_TOLD ]] || exit 0
  [[ -n $STEP_ERROR ]] || STEP_ERROR=failed STEP_MESSAGE="Unexpected failure: ${STEP_FAULT:-the script ended without a result}."
  log "$STEP_ERROR: $STEP_MESSAGE"
  OBJECT=''
  put error "$STEP_ERROR"
  put step "$STEP"
  put message "$STEP_MESSAGE"
  [[ -z $LOG ]] || put logTail "$(tail -n 25 "$LOG" 2>/dev/null | tail -c 1500)"
  put_close
  printf 'KUBEADM_AUTOPILOT_RESULT %s\n' "$REPLY" >&3
  case $STEP_ERROR in
    refused) exit 20 ;;
    busy) exit 21 ;;
    timed-out) exit 30 ;;
    *) exit 1 ;;
  esac
}

# Starts the step: first this same script again below `timeout`, whose exit code stays that of the script.
step_begin() {
  export HOME=$ROOT/root KUBECONFIG=$ROOT/etc/kubernetes/admin.conf
  if [[ ${NODE_STEP_LIMITED:-} != "$PPID" ]] && command -v timeout >/dev/null; then
    export NODE_STEP_LIMITED=$$
    # In the foreground: in a process group of its own the script would survive when the agent kills the one that it started.
    exec timeout --foreground --preserve-status --signal=TERM --kill-after=25 "$NODE_STEP_TIME_LIMIT" "$BASH" "$0"
  fi
  step_open_log
  trap step_end EXIT
  trap 'step_fault "$BASH_COMMAND" "$?"' ERR
  trap 'step_signal TERM' TERM
  trap 'step_signal INT' INT
  trap 'step_signal HUP' HUP
  command -v timeout >/dev/null || fail "The command timeout is not on this node; install GNU coreutils."
  log "$NODE_STEP begins, limit $NODE_STEP_TIME_LIMIT s"
}
