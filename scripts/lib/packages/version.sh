# Versions as X.Y.Z, without the v that Kubernetes writes in front.

# version_parameter: sets VERSION, X.Y.Z, and MINOR, X.Y
version_parameter() {
  parameter Version
  [[ $REPLY =~ ^1\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})$ ]] || refuse "Parameter Version is '${REPLY:0:60}', expected a release of Kubernetes such as 1.37.2."
  VERSION=$REPLY MINOR=${REPLY%.*}
}

# version_newer A B: A is newer than B. Each is digits with dots; what follows the third number does not count.
version_newer() {
  local IFS=. i a b
  # shellcheck disable=SC2206 # split at the dots
  a=(${1%%[!0-9.]*}) b=(${2%%[!0-9.]*})
  for i in 0 1 2; do
    [[ ${a[i]:-0} == "${b[i]:-0}" ]] || { [[ ${a[i]:-0} -gt ${b[i]:-0} ]] && return 0 || return 1; }
  done
  return 1
}
