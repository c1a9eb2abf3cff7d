#!/bin/bash
# Installs what the steps want and this machine lacks, from Debian, where that can be done; says in one line what is missing then.
set -euo pipefail

# install WHAT-FOR PACKAGE...
install() {
  local purpose=$1 said
  shift
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! dpkg -s "$@" >/dev/null 2>&1; then
    said=$({ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } 2>&1) ||
      printf 'Packages for %s could not be installed: %s\n%s\n' "$purpose" "$*" "$said"
  fi
}

command -v shellcheck >/dev/null || install 'the shell linter' shellcheck
command -v shellcheck >/dev/null || echo 'SKIPPED: shellcheck is not installed here and cannot be (no root or no apt-get); the scripts are not linted.'
if [ "$(uname)" = Linux ] && command -v go >/dev/null; then
  # shellcheck disable=SC2046 # package names, one word each
  install 'the lab' $(cat local/nodes/lab/build/host-packages.txt)
fi
