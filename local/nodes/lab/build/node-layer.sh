#!/bin/bash
# node-layer.sh OUT_FOLDER KUBERNETES_VERSION NODE_IMAGE PACKAGES_FOLDER KEYS_FOLDER TOOLS_FOLDER COMMANDS_FOLDER
# What the installation of Kubernetes changes on a node, as a layer over the node image: the packages are installed with apt inside the image, from the
# repository at its public address. All that takes part is in namespaces of its own and ends with them.
set -euo pipefail
OUT=$1 VERSION=$2 IMAGE=$3 PACKAGES=$4 KEYS=$5 TOOLS=$6 COMMANDS=$7
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAYER=$OUT.partial
WORK=$OUT.work

if [ -z "${IN_NAMESPACES:-}" ]; then
  rm -rf "$LAYER" "$WORK"
  mkdir -p "$LAYER" "$WORK"/{work,root}
  IN_NAMESPACES=yes unshare --mount --net --uts --pid --fork --kill-child --propagation private "$0" "$@"
  for command in kubeadm kubelet kubectl; do # the same bytes need the disk once
    if cmp -s "$COMMANDS/$command" "$LAYER/usr/bin/$command"; then ln -f "$COMMANDS/$command" "$LAYER/usr/bin/$command"; fi
  done
  rm -rf "$WORK" "$OUT"
  mv "$LAYER" "$OUT"
  exit
fi

ROOT=$WORK/root
hostname node
mount -t overlay overlay -o "lowerdir=$IMAGE,upperdir=$LAYER,workdir=$WORK/work" "$ROOT"
mount -t proc proc "$ROOT/proc"
for folder in dev run tmp root var/log var/cache/apt; do # what is written there is no part of the layer
  mount -t tmpfs tmpfs "$ROOT/$folder"
done
cp -a /dev/{null,zero,full,random,urandom,tty} "$ROOT/dev/"
ln -s /proc/self/fd "$ROOT/dev/fd"
mkdir "$ROOT/dev/pts"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$ROOT/dev/pts"
ln -s pts/ptmx "$ROOT/dev/ptmx"

ip link set lo up
printf '127.0.0.1 %s\n' localhost pkgs.k8s.io prod-cdn.packages.k8s.io >"$ROOT/etc/hosts"
exec 7< <("$TOOLS/repository" "$PACKAGES/stable" "$KEYS" 127.0.0.1:443 2>&1)
read -r _ <&7 # it serves from now on
clean_environment=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root)
chroot "$ROOT" "${clean_environment[@]}" /bin/bash -c "$(cat "$HERE/install-kubernetes.sh")" install-kubernetes.sh "$VERSION" </dev/null
rm "$ROOT/etc/hosts"
