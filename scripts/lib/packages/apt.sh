# Packages of Kubernetes on Debian and Ubuntu: exact versions, held again afterwards, the administrator's configuration files kept.

# Downloaded packages: `apt-get clean` does not know them.
ARCHIVES=$STATE/upgrade/packages
# Packages that are unheld just now, a line each: what was cut off in between is held again by the next run.
UNHELD=$STATE/upgrade/unheld

apt_get() {
  # needrestart, where it is installed, would restart containerd and the kubelet after the installation.
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 limited 900 apt-get -q -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confold -o "Dir::Cache::archives=$ARCHIVES" "$@" 2>&1
}

# apt_says TEXT -> stdout, what apt complains of, for a message
apt_says() { printf '%s\n' "$1" | grep '^ *[EW]: \|^ [a-z0-9.+-]* : ' | tail -n 2 | tr -s '\n ' ' ' | head -c 400; }

# packages_begin: refuses where packages cannot be installed; holds again what a run that was cut off left unheld.
packages_begin() {
  local said
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    refuse 'This node has no apt-get: this step knows Debian and Ubuntu only; do it by hand on this node.'
  (umask 077 && mkdir -p "$ARCHIVES/partial") || fail "The folder ${ARCHIVES#"$ROOT"} cannot be made: is the disk full or read-only?"
  AT_END=packages_hold_again
  # It waits for whoever else installs packages just now.
  said=$(apt_get check) || refuse "apt-get check fails: $(apt_says "$said") Put that right on the node (dpkg --configure -a, apt-get -f install), then run this again."
  said=$(limited 60 dpkg --audit 2>&1) || true
  [[ -z $said ]] || refuse "dpkg was interrupted on this node: $(printf '%s' "$said" | tail -n 1 | sed 's/^ *//' | head -c 200). Run 'dpkg --configure -a' there, then run this again."
  packages_hold_again
}

# packages_refuse_older VERSION NAME...: kubeadm would take an older patch release without a word.
packages_refuse_older() {
  local version=$1 name
  shift
  for name in "$@"; do
    package_version "$name"
    [[ -n $REPLY ]] || refuse "The package $name is not installed on this node: install it with apt from the Kubernetes repository, then run this again."
    ! version_newer "$REPLY" "$version" || refuse "$name $REPLY is installed, newer than $version: Kubernetes is never downgraded; choose $REPLY or newer."
  done
}

# packages_hold_again: returns 0 always, because it also runs at the end of a step.
packages_hold_again() {
  local name
  [[ -s $UNHELD ]] || return 0
  while IFS= read -r name; do
    limited 30 apt-mark hold "$name" || log "$name could not be held again: run 'apt-mark hold $name'"
  done <"$UNHELD"
  rm -f "$UNHELD"
}

# packages_wanted VERSION NAME...: sets WANTED, as apt-get takes them
packages_wanted() {
  local version=$1 name
  shift
  WANTED=()
  for name in "$@"; do WANTED+=("$name=$version-*"); done
}

# packages_install VERSION NAME...: exactly these, and what they depend on. What was held is held again.
packages_install() {
  local version=$1 said held name code=0 unheld=''
  packages_wanted "$@"
  said=$(apt_get install --simulate --allow-change-held-packages --no-remove "${WANTED[@]}") || fail "$2 $version cannot be installed: $(apt_says "$said")"
  held=$'\n'$(limited 30 apt-mark showhold)$'\n'
  for name in $(printf '%s\n' "$said" | sed -n 's/^Inst \([^ ]*\) .*/\1/p'); do
    if [[ $held == *$'\n'"$name"$'\n'* ]]; then unheld=$unheld$name$'\n'; fi
  done
  if [[ -n $unheld ]]; then
    write_or_fail "$UNHELD" "${unheld%$'\n'}"
    # shellcheck disable=SC2086 # names of packages, one word each
    limited 30 apt-mark unhold $unheld || fail "apt-mark unhold $2 failed: run it by hand to see why."
  fi
  said=$(apt_get install --yes --no-remove "${WANTED[@]}") || code=$?
  printf '%s\n' "$said"
  packages_hold_again
  [[ $code == 0 ]] || fail "apt-get install ended with $code: $(apt_says "$said") Put that right on the node, then run this again."
  shift
  for name in "$@"; do
    package_version "$name"
    [[ $REPLY == "$version" ]] || fail "dpkg has $name ${REPLY:-not installed}, not $version: look at 'apt-cache policy $name'."
  done
}
