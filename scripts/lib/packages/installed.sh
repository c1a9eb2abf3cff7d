# What dpkg has installed on Debian and Ubuntu.

# package_version NAME -> REPLY, X.Y.Z of an installed package without its revision; empty when it is not installed
package_version() {
  # shellcheck disable=SC2016 # dpkg-query's own variables
  REPLY=$(limited 10 dpkg-query -W -f '${db:Status-Abbrev}${Version}' "$1" 2>/dev/null) || REPLY=''
  case $REPLY in
    [a-z]i*) REPLY=${REPLY#???} REPLY=${REPLY%%-*} ;;
    *) REPLY='' ;;
  esac
}
