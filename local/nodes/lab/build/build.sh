#!/bin/bash
# build.sh CACHE_FOLDER KUBERNETES_VERSION...
# Everything that lab clusters of these versions are made of, into CACHE_FOLDER; what is there already is not built again:
#   kubernetes-VERSION/  etcd-VERSION/  coredns-VERSION/  tools-HASH/   binaries
#   node-image-HASH/     the root file system of a node, out of this machine's own Debian packages
#   kubernetes-layer-VERSION/     what the packages kubeadm, kubelet and kubectl put on a node, laid over the node image
#   image-archives-VERSION-HASH/  container images as docker-archive tars
#   image-store-VERSION-HASH/     the same, imported into a containerd folder that new nodes start from
# Prints where things are, one `name=folder` a line: node_image, then for each version layer_VERSION, image_store_VERSION and image_archives_VERSION.
# What it does goes to stderr.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$HERE/versions.sh"
# shellcheck source-path=SCRIPTDIR source=go-modules.sh
. "$HERE/go-modules.sh"

[ $# -ge 2 ] || { echo "usage: build.sh CACHE_FOLDER KUBERNETES_VERSION..." >&2; exit 2; }
CACHE=$1
shift
for version in "$@"; do require_known_version "$version"; done
command -v go >/dev/null || { echo "The lab builds Kubernetes from source and needs Go 1.25 or newer in PATH; found none." >&2; exit 2; }

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
hash_of() { find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | cut -d' ' -f1 | sha256sum | cut -c1-12; }

build_tools() {
  rm -rf "$1.partial"
  mkdir -p "$1.partial"
  (cd "$HERE/../tools" && go build -trimpath -ldflags '-s -w' -o "$1.partial/" ./...)
  mv "$1.partial" "$1"
}

TOOLS=$CACHE/tools-$(hash_of "$HERE/../tools")
once "$TOOLS" 'crictl, init, pause and the workload' build_tools "$TOOLS"

packages=$(hash_of /var/lib/dpkg/status "$HERE/node-image.py" "$HERE/node-image.sh" "$HERE/node-packages.txt" "$HERE/../node-files" "$TOOLS/init" "$TOOLS/crictl")
NODE_IMAGE=$CACHE/node-image-$packages
once "$NODE_IMAGE" 'the node image' "$HERE/node-image.sh" "$NODE_IMAGE" "$TOOLS"
echo "node_image=$NODE_IMAGE"

link_layer() { # VERSION OUT_FOLDER
  mkdir -p "$2.partial/usr/bin"
  ln -f "$CACHE/kubernetes-$1"/{kubeadm,kubelet,kubectl} "$2.partial/usr/bin/"
  mv "$2.partial" "$2"
}

coredns=$CACHE/coredns-$COREDNS_VERSION
once "$coredns" "CoreDNS $COREDNS_VERSION" build_coredns "$COREDNS_VERSION" "$coredns"
for version in "$@"; do
  etcd=$(etcd_version "$version")
  once "$CACHE/kubernetes-$version" "Kubernetes $version" build_kubernetes "$version" "$CACHE/kubernetes-$version"
  once "$CACHE/kubernetes-layer-$version" "the node layer of $version" link_layer "$version" "$CACHE/kubernetes-layer-$version"
  once "$CACHE/etcd-$etcd" "etcd $etcd" build_etcd "$etcd" "$CACHE/etcd-$etcd"
  hash=$(hash_of "$HERE/image-archives.sh" "$HERE/image-archive.py" "$TOOLS/pause" "$TOOLS/workload")
  archives=$CACHE/image-archives-$version-$hash
  once "$archives" "the image archives of $version" "$HERE/image-archives.sh" "$archives" "$version" "$CACHE/kubernetes-$version" "$CACHE/etcd-$etcd" "$coredns" "$TOOLS"
  store=$CACHE/image-store-$version-$hash
  once "$store" "the image store of $version" "$HERE/image-store.sh" "$store" "$archives"
  echo "layer_$version=$CACHE/kubernetes-layer-$version"
  echo "image_store_$version=$store"
  echo "image_archives_$version=$archives"
done
remove_superseded
