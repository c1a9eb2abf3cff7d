#!/bin/bash
# packages.sh OUT_FOLDER KUBERNETES_VERSION COMMANDS_FOLDER TOOLS_FOLDER
# The .deb files that the public repository has for a release: kubeadm, kubelet, kubectl, cri-tools and kubernetes-cni, out of the folders in
# packages/ and of binaries. Names, versions, dependencies, paths and maintainer scripts are those of github.com/kubernetes/release.
set -euo pipefail
OUT=$1 VERSION=${2#v} COMMANDS=$3 TOOLS=$4
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$HERE/versions.sh"
PARTIAL=$OUT.partial
ARCHITECTURE=$(dpkg --print-architecture)
CNI_VERSION=$(dpkg-query -W -f '${Version}' containernetworking-plugins)

# package NAME VERSION FILE...: FILE is SOURCE:FOLDER, an executable and where it goes.
package() {
  local name=$1 version=$2-1.1 tree=$PARTIAL/$1 file depends
  shift 2
  cp -r --no-preserve=ownership "$HERE/packages/$name" "$tree"
  depends=$(kubeadm_depends "v$VERSION")
  sed -i -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$ARCHITECTURE/; s/@CNI_VERSION@/$CNI_VERSION/; s/@KUBEADM_DEPENDS@/$depends/; /^Depends: $/d" "$tree/DEBIAN/control"
  find "$tree" -type d -exec chmod 755 {} +
  find "$tree" -type f -exec chmod 644 {} +
  for file in "$tree"/DEBIAN/{postinst,prerm,postrm}; do
    [ ! -e "$file" ] || chmod 755 "$file"
  done
  for file in "$@"; do
    install -D -m 755 -t "$tree${file#*:}" "${file%:*}"
  done
  dpkg-deb --root-owner-group -Zzstd -z1 --build "$tree" "$PARTIAL/${name}_${version}_$ARCHITECTURE.deb" >/dev/null
  rm -rf "$tree"
}

rm -rf "$PARTIAL"
mkdir -p "$PARTIAL"
for command in kubeadm kubelet kubectl; do
  package $command "$VERSION" "$COMMANDS/$command:/usr/bin"
done
minor=$(cut -d. -f1-2 <<<"$VERSION")
package cri-tools "$minor.0" "$TOOLS/crictl:/usr/bin"
plugins=()
for plugin in /usr/lib/cni/*; do plugins+=("$plugin:/opt/cni/bin"); done
package kubernetes-cni 1.7.1 "${plugins[@]}"
rm -rf "$OUT"
mv "$PARTIAL" "$OUT"
