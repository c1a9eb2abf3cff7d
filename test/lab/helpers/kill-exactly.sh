#!/bin/bash
# What bash reads before the script that it runs (BASH_ENV), so that the script's process group gets SIGKILL at an exact moment. A signal from
# outside comes when it comes: on a busy machine some steps later.
#
# KILL_WHEN_LOGGED   regular expression: killed when the script has written such a line into its log
# KILL_WHEN_WRITTEN  absolute paths with spaces between, or nothing: killed as soon as one of these files is written after that line

KILL_SINCE=/run/kill-since

# A script's `log` is what calls printf with a whole line.
printf() {
  # shellcheck disable=SC2059 # the format is the caller's
  builtin printf "$@" || return
  [[ ${FUNCNAME[1]:-} == log && $1 == '%s\n' && $2 =~ $KILL_WHEN_LOGGED ]] || return 0
  [[ -n $KILL_WHEN_WRITTEN ]] || kill -KILL 0
  unset -f printf
  : >"$KILL_SINCE"
  kill_when_written "$$" &
}

# kill_when_written SCRIPT: looks without a pause, as long as the script lives.
kill_when_written() {
  local file
  trap - ERR EXIT
  set +e
  while kill -0 "$1" 2>/dev/null; do
    for file in $KILL_WHEN_WRITTEN; do
      [[ ! $file -nt $KILL_SINCE ]] || kill -KILL 0
    done
  done
}
