#!/bin/bash
# kubeadm.sh CACHE_FOLDER KUBERNETES_VERSION
# kubeadm alone: as anybody, on Linux or macOS with Go. Prints where it is. That of a whole build (build.sh) is taken where there is one.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$HERE/versions.sh"
# shellcheck source-path=SCRIPTDIR source=go-modules.sh
. "$HERE/go-modules.sh"

[ $# = 2 ] || { echo "usage: kubeadm.sh CACHE_FOLDER KUBERNETES_VERSION" >&2; exit 2; }
require_known_version "$2"
mkdir -p "$1/modules" "$1/locks"
CACHE=$(cd "$1" && pwd)
WORK=$CACHE/modules
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false

# Who comes second waits for the first; macOS has no flock.
exec 9>"$CACHE/locks/kubeadm-$2"
if command -v flock >/dev/null; then flock 9; fi
for folder in "$CACHE/kubernetes-$2" "$CACHE/kubeadm-$2"; do
  if [ -x "$folder/kubeadm" ]; then echo "$folder/kubeadm" && exit; fi
done
command -v go >/dev/null || { echo "kubeadm is built from source, which needs Go 1.25 or newer in PATH; found none." >&2; exit 2; }
echo "building kubeadm $2 ..." >&2
build_kubernetes "$2" "$CACHE/kubeadm-$2" kubeadm >&2
echo "built kubeadm $2 in $SECONDS s" >&2
echo "$CACHE/kubeadm-$2/kubeadm"
