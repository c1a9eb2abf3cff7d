#!/bin/bash
# node-image.sh OUT_FOLDER TOOLS_FOLDER KEYS_FOLDER
# The root file system that all nodes share (read-only below each node's own layer).
set -euo pipefail
OUT=$1 TOOLS=$2 KEYS=$3
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$OUT.partial
rm -rf "$ROOT"

"$HERE/node-image.py" "$ROOT" "$HERE/node-packages.txt"

# What packages make when they are installed, made anew so that nothing of this machine's own configuration comes along.
cp "$ROOT/usr/share/base-passwd/passwd.master" "$ROOT/etc/passwd"
cp "$ROOT/usr/share/base-passwd/group.master" "$ROOT/etc/group"
sed -i 's/^\([^:]*\):\*:/\1:x:/' "$ROOT/etc/passwd" "$ROOT/etc/group"
echo '_apt:x:42:65534::/nonexistent:/usr/sbin/nologin' >>"$ROOT/etc/passwd"
sed 's/^\([^:]*\):.*/\1:*:19700:0:99999:7:::/' "$ROOT/etc/passwd" >"$ROOT/etc/shadow"
chmod 640 "$ROOT/etc/shadow"
cp "$ROOT/usr/share/libc-bin/nsswitch.conf" "$ROOT/etc/nsswitch.conf"
for folder in proc sys dev run boot home media mnt opt srv var/log/journal var/lib/kubelet var/lib/etcd var/lib/containerd \
  var/tmp etc/kubernetes/manifests etc/cni/net.d etc/apt/sources.list.d etc/apt/keyrings usr/local/bin; do
  mkdir -p "$ROOT/$folder"
done
mkdir -p "$ROOT/tmp" "$ROOT/root"
chmod 1777 "$ROOT/tmp"
chmod 700 "$ROOT/root"
mkdir -p "$ROOT/lib/modules"
[ -e "$ROOT/var/run" ] || ln -s /run "$ROOT/var/run"
ln -sf /usr/share/zoneinfo/Etc/UTC "$ROOT/etc/localtime"
ldconfig -r "$ROOT"
mkdir -p "$ROOT/etc/ssl/certs"
(cd "$ROOT/usr/share/ca-certificates" && find . -name '*.crt' | sed 's|^\./||' | LC_ALL=C sort) >"$ROOT/etc/ca-certificates.conf"
install -D -m 644 "$KEYS/ca.crt" "$ROOT/usr/local/share/ca-certificates/lab.crt" # of the package repository
chroot "$ROOT" /usr/sbin/update-ca-certificates --fresh >/dev/null 2>&1

# The stand-in for systemd, and how containerd and crictl are configured. Kubernetes' own packages are not installed yet.
install -m 755 "$TOOLS/init" "$ROOT/usr/sbin/init"
for name in systemctl journalctl reboot poweroff; do
  rm -f "$ROOT/usr/bin/$name" "$ROOT/usr/sbin/$name"
  ln -s /usr/sbin/init "$ROOT/usr/bin/$name"
done
cp -r "$HERE/../node-files/." "$ROOT/"
chown -R root:root "$ROOT/etc/containerd" "$ROOT/etc/crictl.yaml"
chroot "$ROOT" /usr/bin/systemctl enable containerd
rm -rf "$OUT"
mv "$ROOT" "$OUT"
