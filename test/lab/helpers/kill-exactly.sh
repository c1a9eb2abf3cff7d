#!/bin/bash
# What bash reads before the script that it runs (BASH_ENV), so that the script's process group gets SIGKILL at an exact moment. A signal from
# outside comes when it comes: on a busy machine some steps later.
#
# KILL_WHEN_LOGGED    regular expression: killed when the script has written such a line into its log
# KILL_BEFORE_WRITE   absolute path of a file, or nothing: killed when, after that line, a process is about to write the file

# A script's `log` is what calls printf with a whole line.
printf() {
  # shellcheck disable=SC2059 # the format is the caller's
  builtin printf "$@" || return
  [[ ${FUNCNAME[1]:-} == log && $1 == '%s\n' && $2 =~ $KILL_WHEN_LOGGED ]] || return 0
  [[ -n $KILL_BEFORE_WRITE ]] || kill -KILL 0
  unset -f printf
  exec {KILLER}< <(exec setsid perl /run/kill-before-write.pl "$KILL_BEFORE_WRITE" "$$" 2>&1)
  read -r KILLER_SAID <&"$KILLER" || KILLER_SAID='nothing'
  [[ $KILLER_SAID == ready ]] || { echo "kill-before-write.pl said: $KILLER_SAID" >&4 && kill -TERM 0; }
}
