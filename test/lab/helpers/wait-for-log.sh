#!/bin/bash
# Ends when a line is in the log of a node step that begins from now on.
#
# STEP  the node step
# TEXT  extended regular expression
touch /run/wait-for-log
until logs=$(find /var/lib/kubeadm-autopilot/logs -name "$STEP-*" -newer /run/wait-for-log 2>/dev/null) && [[ -n $logs ]] &&
  xargs grep -qE -e "$TEXT" <<<"$logs"; do sleep 0.05; done
