#!/bin/bash
# SIGKILL to what runs on this node for a node step, as soon as a line is in that step's log. Ends when it is done.
#
# STEP    the node step, such as upgrade-kubeadm
# TEXT    extended regular expression, which a line of a log matches that is begun from now on
# VICTIM  kubeadm: that process alone; script: the step's whole process group, as when the agent kills it
touch /run/kill-when

# Empty until there is one.
new_logs() { find /var/lib/kubeadm-autopilot/logs -name "$STEP-*" -newer /run/kill-when 2>/dev/null; }

until logs=$(new_logs) && [[ -n $logs ]] && xargs grep -qE -e "$TEXT" <<<"$logs"; do sleep 0.05; done
if [[ $VICTIM == kubeadm ]]; then
  until pkill -KILL -x kubeadm; do sleep 0.02; done
else
  # This script itself is run in the same way.
  group_of() { ps -o pgid= -p "$1" | tr -d ' '; }
  own=$(group_of $$)
  for process in $(pgrep -f '/run/_script[.]sh'); do
    group=$(group_of "$process")
    if [[ -n $group && $group != "$own" ]]; then break; fi
  done
  kill -KILL -- "-$group"
fi
echo killed
