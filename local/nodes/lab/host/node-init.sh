#!/bin/bash
# node-init.sh DISK NODE LOWER_FOLDERS
# First process in a node's new namespaces: puts its file system together and becomes its init. All mounts are in the node's own mount
# namespace: they vanish with its last process.
set -euo pipefail
DISK=$1 NODE=$2 LOWER=$3
ROOT=$DISK/root

read -r pid _ </proc/self/stat # /proc is still this machine's
echo "$pid" >"$DISK/pid"

hostname "$NODE"
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$DISK/upper,workdir=$DISK/work" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t sysfs sysfs "$ROOT/sys"
mount -t tmpfs -o mode=755 tmpfs "$ROOT/dev" # not the machine's: its disks are none of the node's business
cp -a /dev/{null,zero,full,random,urandom,tty,kmsg} "$ROOT/dev/"
[ ! -e /dev/fuse ] || cp -a /dev/fuse "$ROOT/dev/"
mkdir "$ROOT"/dev/{pts,shm,mqueue}
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$ROOT/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/dev/shm"
ln -s pts/ptmx "$ROOT/dev/ptmx"
ln -s /proc/self/fd "$ROOT/dev/fd"
for descriptor in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${descriptor%:*}" "$ROOT/dev/${descriptor#*:}"; done
mount -t tmpfs -o mode=755 tmpfs "$ROOT/run"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
for folder in containerd kubelet etcd; do
  mount --bind "$DISK/plain/$folder" "$ROOT/var/lib/$folder"
done
mount --bind "$DISK/plain/log" "$ROOT/var/log"

# Control groups: mounted afresh inside the new control group namespace, a node sees its own as the root.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup"
  mkdir -p "$ROOT/sys/fs/cgroup/init"
  echo 0 >"$ROOT/sys/fs/cgroup/init/cgroup.procs"
else
  mount -t tmpfs -o mode=755 tmpfs "$ROOT/sys/fs/cgroup"
  while IFS=: read -r _ controllers _; do
    [ -n "$controllers" ] || continue
    name=${controllers#name=}
    [ "$name" = "$controllers" ] || controllers=none,$controllers
    mkdir "$ROOT/sys/fs/cgroup/$name"
    mount -t cgroup -o "$controllers" cgroup "$ROOT/sys/fs/cgroup/$name"
  done </proc/self/cgroup
fi

# Settings that are not per namespace, and that the kubelet writes: a private file in the place of each.
mkdir -p "$ROOT/run/machine"
while read -r setting value; do
  file=$ROOT/run/machine/$(basename "$setting")
  echo "$value" >"$file"
  mount --bind "$file" "$ROOT/proc/sys/$setting"
done <<'SETTINGS'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SETTINGS

# The machine's DMI table is not the node's; the kubelet reads its system UUID there. sysfs takes no new folders: /sys/class is made anew.
mkdir -p "$ROOT/run/machine/class/dmi/id" "$ROOT/run/machine/class/net"
(cd "$ROOT/sys/class" && find . -mindepth 2 -maxdepth 2 -type l ! -path './dmi/*' ! -path './net/*' -exec cp -P --parents -t "$ROOT/run/machine/class" {} +)
cp "$DISK/product_uuid" "$ROOT/run/machine/class/dmi/id/product_uuid"
cp "$DISK/product_uuid" "$ROOT/run/machine/class/dmi/id/product_serial"
chmod 400 "$ROOT"/run/machine/class/dmi/id/*
mkdir -p "$ROOT/run/machine/net" # network devices come and go: the live folder
mount --bind "$ROOT/sys/class/net" "$ROOT/run/machine/net"
mount --bind "$ROOT/run/machine/class" "$ROOT/sys/class"
mount --move "$ROOT/run/machine/net" "$ROOT/sys/class/net"

cd "$ROOT"
mkdir -p run/old-root
pivot_root . run/old-root
mount --make-rshared / # pods' mounts propagate, as below systemd
umount -l /run/old-root
rmdir /run/old-root
echo 1 >/proc/sys/net/ipv4/ip_forward
[ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 /usr/sbin/init
