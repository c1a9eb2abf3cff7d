#!/bin/bash
# Runs our documents through the real amazon-ssm-agent, where it is installed: `npm run test:agent`. Says so where it is not.
#
# The agent, the local AWS and the test live in namespaces of their own: no network but a loopback, and private folders in the place of
# those whose paths the agent knows by heart, so that neither an agent that serves this machine nor the machine itself notices.
set -euo pipefail
cd "${BASH_SOURCE%/*}/../.."

# Folders of the agent: configuration, state, logs.
FOLDERS=(/etc/amazon /var/lib/amazon /var/log/amazon)

skip() {
  echo "SKIPPED: $1; our documents were not run through it."
  exit 0
}

in_namespaces() {
  local work=$1 folder parent shutdown
  shift
  ip link set lo up
  mount -t tmpfs tmpfs "$work"
  for folder in "${FOLDERS[@]}"; do
    # Where the machine has no such folder it is made in a layer above, which ends with the namespace.
    parent=${folder%/*}
    if [[ ! -d $folder ]]; then
      mkdir -p "$work/upper$parent" "$work/scratch$parent"
      mount -t overlay overlay -o "lowerdir=$parent,upperdir=$work/upper$parent,workdir=$work/scratch$parent" "$parent"
      mkdir "$folder"
    fi
    mount -t tmpfs tmpfs "$folder"
  done
  # What the agent calls when a script asks for a reboot.
  shutdown=$(readlink -f /sbin/shutdown || true)
  [[ ! -f $shutdown ]] || mount --bind "$(type -P false)" "$shutdown"
  export AGENT_UNDER_TEST=$AGENT
  node_modules/.bin/jest --config test/agent/jest.config.js "$@"
}

AGENT=${AMAZON_SSM_AGENT:-$(command -v amazon-ssm-agent || true)}
if [[ ${1:-} == --in-namespaces ]]; then
  shift
  in_namespaces "$@"
  exit
fi

[[ -n $AGENT ]] ||
  skip 'amazon-ssm-agent is not installed on this machine (not in PATH, and AMAZON_SSM_AGENT names none)'
[[ -x $AGENT ]] || {
  echo "AMAZON_SSM_AGENT is $AGENT, which cannot be executed: name the file amazon-ssm-agent." >&2
  exit 1
}
[[ $(uname) == Linux && $(id -u) == 0 ]] ||
  skip "amazon-ssm-agent is here ($AGENT) but runs as root on Linux only"
{ command -v ip && unshare --mount --net --pid --fork true; } >/dev/null 2>&1 ||
  skip "amazon-ssm-agent is here ($AGENT) but cannot be kept apart from this machine without unshare, ip and the right to make namespaces"

WORK=$(mktemp -d)
trap 'rmdir "$WORK"' EXIT
export AMAZON_SSM_AGENT=$AGENT
unshare --mount --net --pid --fork --kill-child --mount-proc bash "$0" --in-namespaces "$WORK" "$@"
