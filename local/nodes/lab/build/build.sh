#!/bin/bash
# build.sh CACHE_FOLDER [KUBERNETES_VERSION...] [--packages KUBERNETES_VERSION...]
# Everything that lab clusters of these versions are made of, into CACHE_FOLDER; of those after --packages only what nodes install: of its seven
# commands three are built. What is there already is not built again:
#   kubernetes-VERSION/  etcd-VERSION/  coredns-VERSION/  tools-HASH/   binaries; node-commands-VERSION/ has three of those in kubernetes-VERSION/
#   repository-keys/     with what packages are signed and served
#   node-image-HASH/     the root file system of a node, out of this machine's own Debian packages
#   packages-HASH/       Kubernetes as .deb files, and in stable/ the repositories of them, one for each minor
#   node-layer-VERSION-HASH/      what the installation of the packages changes on a node, laid over the node image
#   image-archives-VERSION-HASH/  container images as docker-archive tars
#   image-store-VERSION-HASH/     the same, imported into a containerd folder that new nodes start from; with several versions, one of all of them, too
# Prints where things are, one `name=folder` a line: tools, repository_keys, node_image, packages, then for each version layer_VERSION, and
# unless it is built for its packages only image_store_VERSION and image_archives_VERSION; of several versions image_store_all. What it does goes
# to stderr.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$HERE/versions.sh"
# shellcheck source-path=SCRIPTDIR source=go-modules.sh
. "$HERE/go-modules.sh"

[ $# -ge 2 ] || { echo "usage: build.sh CACHE_FOLDER [KUBERNETES_VERSION...] [--packages KUBERNETES_VERSION...]" >&2; exit 2; }
CACHE=$1
shift
versions=() packages_only=() all_of_it=yes
for argument in "$@"; do
  if [ "$argument" = --packages ]; then
    all_of_it=no
    continue
  fi
  require_known_version "$argument"
  if [ $all_of_it = yes ]; then versions+=("$argument"); else packages_only+=("$argument"); fi
done
command -v go >/dev/null || { echo "The lab builds Kubernetes from source and needs Go 1.25 or newer in PATH; found none." >&2; exit 2; }

readonly CNI_PLUGINS=/var/lib/dpkg/info/containernetworking-plugins.md5sums
[ -e $CNI_PLUGINS ] || {
  echo 'The CNI plugins of lab nodes are those of a Debian package that is not installed: run apt-get install --no-install-recommends containernetworking-plugins.' >&2
  exit 2
}

mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd)
WORK=$CACHE/modules
mkdir -p "$WORK"
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false

say() { printf '%s\n' "$*" >&2; }

# once FOLDER WHAT COMMAND...: runs the command unless the folder is there already; who comes second waits for the first.
once() {
  local folder=$1 what=$2 started
  shift 2
  if [ ! -d "$folder" ]; then
    mkdir -p "$CACHE/locks"
    exec 9>"$CACHE/locks/$(basename "$folder")"
    flock 9
    if [ ! -d "$folder" ]; then
      say "building $what ..."
      started=$SECONDS
      "$@" >&2
      say "built $what in $((SECONDS - started)) s"
    fi
    exec 9>&-
  fi
  touch "$folder" # in use: see remove_superseded
}

# remove_superseded: what older states of these scripts made, unless a cluster uses it or anybody used it within a day.
remove_superseded() {
  local folder
  find "$CACHE" -maxdepth 1 -mmin +1440 -name '*-????????????' | while read -r folder; do
    grep -qs -F "$(basename "$folder")" "$CACHE"/clusters/*/cluster.json || rm -rf "$folder"
  done
}

# hash_of FILE_OR_FOLDER...: changes when any of their content does, wherever they are.
hash_of() { find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | cut -d' ' -f1 | short_hash; }
short_hash() { sha256sum | cut -c1-12; }

build_tools() {
  rm -rf "$1.partial"
  mkdir -p "$1.partial"
  (cd "$HERE/../tools" && go build -trimpath -ldflags '-s -w' -o "$1.partial/" ./...)
  mv "$1.partial" "$1"
}

TOOLS=$CACHE/tools-$(hash_of "$HERE/../tools")
once "$TOOLS" 'crictl, init, pause, the package repository and the workload' build_tools "$TOOLS"
echo "tools=$TOOLS"

KEYS=$CACHE/repository-keys
once "$KEYS" 'the keys of the package repository' "$HERE/repository-keys.sh" "$KEYS"
echo "repository_keys=$KEYS"

image_hash=$(hash_of /var/lib/dpkg/status "$HERE/node-image.py" "$HERE/node-image.sh" "$HERE/node-packages.txt" "$HERE/../node-files" "$TOOLS/init" "$KEYS/ca.crt")
NODE_IMAGE=$CACHE/node-image-$image_hash
once "$NODE_IMAGE" 'the node image' "$HERE/node-image.sh" "$NODE_IMAGE" "$TOOLS" "$KEYS"
echo "node_image=$NODE_IMAGE"

package_hash=$(hash_of $CNI_PLUGINS "$HERE/packages" "$HERE/packages.sh" "$HERE/versions.sh" "$HERE/package-repository.sh" "$TOOLS/crictl" "$KEYS/signing-key.asc")
PACKAGES=$CACHE/packages-$package_hash
mkdir -p "$PACKAGES"
touch "$PACKAGES"
echo "packages=$PACKAGES"

# build_node_layer VERSION BINARIES_FOLDER: its packages, the repository of its minor, and a node on which they are installed.
build_node_layer() {
  local version=$1 binaries=$2 layer
  once "$PACKAGES/pool/$version" "the packages of $version" "$HERE/packages.sh" "$PACKAGES/pool/$version" "$version" "$binaries" "$TOOLS"
  once "$PACKAGES/published/$version" "the package repository with $version" \
    "$HERE/package-repository.sh" "$PACKAGES/published/$version" "$PACKAGES" "$version" "$KEYS"
  layer=$CACHE/node-layer-$version-$(echo "$image_hash $package_hash $(hash_of "$HERE/node-layer.sh" "$HERE/install-kubernetes.sh")" | short_hash)
  once "$layer" "the node layer of $version" "$HERE/node-layer.sh" "$layer" "$version" "$NODE_IMAGE" "$PACKAGES" "$KEYS" "$TOOLS" "$binaries"
  echo "layer_$version=$layer"
}

for version in "${packages_only[@]}"; do
  binaries=$CACHE/kubernetes-$version
  if [ ! -d "$binaries" ]; then
    binaries=$CACHE/node-commands-$version
    once "$binaries" "kubeadm, kubelet and kubectl $version" build_kubernetes "$version" "$binaries" kubeadm kubelet kubectl
  fi
  build_node_layer "$version" "$binaries"
done

coredns=$CACHE/coredns-$COREDNS_VERSION
all_archives=()
for version in "${versions[@]}"; do
  etcd=$(etcd_version "$version")
  once "$coredns" "CoreDNS $COREDNS_VERSION" build_coredns "$COREDNS_VERSION" "$coredns"
  once "$CACHE/kubernetes-$version" "Kubernetes $version" build_kubernetes "$version" "$CACHE/kubernetes-$version"
  once "$CACHE/etcd-$etcd" "etcd $etcd" build_etcd "$etcd" "$CACHE/etcd-$etcd"
  further_etcd=$(further_etcd_version "$version")
  [ -z "$further_etcd" ] || once "$CACHE/etcd-$further_etcd" "etcd $further_etcd" build_etcd "$further_etcd" "$CACHE/etcd-$further_etcd"
  build_node_layer "$version" "$CACHE/kubernetes-$version"
  hash=$({ hash_of "$HERE/image-archives.sh" "$HERE/image-archive.py" "$TOOLS/pause" "$TOOLS/workload"; echo "$etcd $further_etcd"; } | short_hash)
  archives=$CACHE/image-archives-$version-$hash
  once "$archives" "the image archives of $version" "$HERE/image-archives.sh" "$archives" "$version" "$CACHE/kubernetes-$version" "$CACHE/etcd-$etcd" "$coredns" "$TOOLS" ${further_etcd:+"$CACHE/etcd-$further_etcd"}
  store=$CACHE/image-store-$version-$hash
  once "$store" "the image store of $version" "$HERE/image-store.sh" "$store" "$archives"
  echo "image_store_$version=$store"
  echo "image_archives_$version=$archives"
  all_archives+=("$archives")
done
if [ ${#versions[@]} -gt 1 ]; then
  store=$CACHE/image-store-$(IFS=+ && echo "${versions[*]}")-$(printf '%s\n' "${all_archives[@]##*-}" | short_hash)
  once "$store" "the image store of ${versions[*]}" "$HERE/image-store.sh" "$store" "${all_archives[@]}"
  echo "image_store_all=$store"
fi
remove_superseded
