#!/bin/bash
# image-archives.sh OUT_FOLDER KUBERNETES_VERSION KUBERNETES_FOLDER ETCD_FOLDER COREDNS_FOLDER TOOLS_FOLDER [FURTHER_ETCD_FOLDER]
# The container images of a kubeadm cluster, under the names and tags that this version's kubeadm asks for, and workload.tar. A further etcd
# gets the tag of its own version.
set -euo pipefail
OUT=$1 VERSION=$2 KUBERNETES=$3 ETCD=$4 COREDNS=$5 TOOLS=$6 FURTHER_ETCD=${7:-}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PARTIAL=$OUT.partial
rm -rf "$PARTIAL"
mkdir -p "$PARTIAL"

archive() { local name=$1; shift; "$HERE/image-archive.py" "$PARTIAL/$name.tar" "$@"; }
image_name() { grep "/$1:" <<<"$IMAGES"; }

IMAGES=$("$KUBERNETES/kubeadm" config images list --kubernetes-version "$VERSION")
for component in kube-apiserver kube-controller-manager kube-scheduler; do
  archive $component "$(image_name $component)" '' "$KUBERNETES/$component"
done

# etcd_archive FILE IMAGE FOLDER: refuses an image whose tag is not the version of the etcd in it: gates of an upgrade read the tag.
etcd_archive() {
  local version
  version=$("$3/etcd" --version | sed -n 's/^etcd Version: //p')
  [ "${2##*:}" = "$version-0" ] || { echo "The image $2 would hold etcd $version: set etcd_version in versions.sh to what kubeadm $VERSION pins." >&2; exit 1; }
  archive "$1" "$2" '' "$3/etcd" "$3/etcdctl" "$3/etcdutl"
}
etcd=$(image_name etcd)
etcd_archive etcd "$etcd" "$ETCD"
if [ -n "$FURTHER_ETCD" ]; then
  etcd_archive further-etcd "${etcd%:*}:$("$FURTHER_ETCD/etcd" --version | sed -n 's/^etcd Version: //p')-0" "$FURTHER_ETCD"
fi
archive coredns "$(image_name 'coredns/coredns')" /coredns "$COREDNS/coredns:/coredns"
archive pause "$(image_name pause)" /pause "$TOOLS/pause:/pause"
archive sandbox registry.k8s.io/pause:lab /pause "$TOOLS/pause:/pause" # the same on all versions: containerd's sandbox_image
archive workload lab.local/workload:1 /workload "$TOOLS/workload:/workload"

# kube-proxy calls iptables and conntrack of its own image.
XTABLES=$(readlink -f /usr/sbin/xtables-nft-multi)
LINKS=$(printf ',/usr/sbin/%s' iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore)
EXTENSIONS=()
for library in /usr/lib/*-linux-gnu/xtables/*.so; do EXTENSIONS+=("$library:$library"); done
archive kube-proxy "$(image_name kube-proxy)" '' "$KUBERNETES/kube-proxy" --libraries \
  "$XTABLES:/usr/sbin/xtables-nft-multi@${LINKS#,}" /usr/sbin/conntrack:/usr/sbin/conntrack "${EXTENSIONS[@]}"
mv "$PARTIAL" "$OUT"
