# What the lab can build, and at which version. The one place to change when a new release is to be had.
# Kubernetes: the newest patch release of each minor whose staging modules are all published.
# shellcheck shell=bash disable=SC2034
readonly COREDNS_VERSION=v1.14.7
readonly KUBERNETES_VERSIONS='v1.33.13 v1.34.4 v1.35.4 v1.36.3 v1.37.2'

# etcd_version KUBERNETES_VERSION: the etcd that kubeadm of this version pins (DefaultEtcdVersion in its constants.go).
etcd_version() {
  case $1 in
    v1.33.*) echo v3.5.24 ;;
    v1.34.*) echo v3.6.5 ;;
    v1.35.*) echo v3.6.6 ;;
    v1.36.*) echo v3.6.8 ;;
    v1.37.*) echo v3.7.0 ;;
  esac
}

# further_etcd_version KUBERNETES_VERSION: another etcd that its image store has, for clusters that raise etcd by its image tag. etcd wants
# every member at 3.6.11 or newer before 3.7 (etcd.io, "Upgrade etcd from v3.6 to v3.7"), and no kubeadm 1.36 pins one that is new enough.
further_etcd_version() {
  case $1 in
    v1.36.*) echo v3.6.12 ;;
  esac
}

# etcd_tools_version ETCD_VERSION: the etcdctl and etcdutl of its minor that go with it: those of some releases are not published as Go modules.
etcd_tools_version() {
  case $1 in
    v3.5.24) echo v3.5.34 ;;
    v3.6.12) echo v3.6.16 ;;
    *) echo "$1" ;;
  esac
}

# kubeadm_depends KUBERNETES_VERSION: what its package asks for. kubeadm 1.32 and newer needs no other package; until April 2026 its packages
# asked for cri-tools by mistake (kubernetes/release 0ffd6e1f), and these came after that.
kubeadm_depends() {
  case $1 in
    v1.33.13 | v1.36.* | v1.37.*) ;;
    *) echo 'cri-tools (>= 1.30.0)' ;;
  esac
}

# require_known_version VERSION: ends with one sentence unless the lab can build it.
require_known_version() {
  local version
  for version in $KUBERNETES_VERSIONS; do
    [ "$version" = "$1" ] && return
  done
  echo "The lab cannot build Kubernetes $1: expected one of $KUBERNETES_VERSIONS (local/nodes/lab/build/versions.sh)." >&2
  exit 2
}
