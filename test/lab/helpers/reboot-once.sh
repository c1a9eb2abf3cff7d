#!/bin/bash
# What an SSM script does that wants a reboot in the middle: it ends with 194, and begins anew when the node is up again.
if [[ ! -e /var/lib/rebooted ]]; then
  touch /var/lib/rebooted /run/rebooted
  echo before
  exit 194
fi
[[ -e /run/rebooted ]] || echo 'after, /run is empty'
