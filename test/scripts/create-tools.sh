#!/bin/bash
# More tools of a bare machine, as upgrade-tools.sh has them: see create-node.bash.
set -u
TOOL=${0##*/} ALL="$*"
CONFIG=$NODE_ROOT/etc/containerd/config.toml
printf '%s\n' "$TOOL $ALL" >>"$NODE_ROOT/calls.log"
FACTS=$NODE_ROOT/facts
fault=$NODE_ROOT/faults/$TOOL
# shellcheck disable=SC2053 # the pattern is one
if [[ -f $fault && $ALL == $(head -n 1 "$fault") ]]; then exec "$NODE_ROOT/usr/bin/base/$TOOL" "$@"; fi
unknown() { echo "$TOOL is not asked like this by a script: $ALL" >&2 && exit 99; }

case "$TOOL $ALL" in
  'containerd --version') echo 'containerd github.com/containerd/containerd/v2 v2.2.1 abc' ;;
  # The other runtimes are not what is asked for.
  'containerd config dump') sed '/runtimes.other.options/,/^$/d' "$CONFIG" ;;
  'containerd config default') printf '%s\n' 'version = 3' "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]" '  SystemdCgroup = false' ;;
  'crio --version') [[ -f $FACTS/packages/cri-o ]] && echo "crio version $(cat "$FACTS/packages/cri-o")" ;;
  # As CRI-O prints it: a default is a comment. The last file wins.
  'crio config') sed -n 's/^cgroup_manager/\t&/p' "$NODE_ROOT"/etc/crio/crio.conf.d/*.conf | tail -n 1 ;;
  'curl '*' https://10.0.0.9:2379/health') echo '{"health":"true","reason":""}' ;;
  'curl '*/health) echo 'curl: (7) Failed to connect' >&2 && exit 7 ;;
  'apt-get '*' update') ;;
  'apt-get '*' install '*' cri-o') echo 1.37.1 >"$FACTS/packages/cri-o" ;;
  'apt-get '*' install '*' docker.io') ln -s "$0" "$NODE_ROOT/usr/bin/dockerd" ;;
  'apt-get '*' install '*' cri-dockerd') cp -P "$0" "$NODE_ROOT/usr/bin/cri-dockerd" ;;
  'cri-dockerd --version') echo 'cri-dockerd 0.3.21 (HEAD)' ;;
  'docker info') sed -n 's/.*cgroupdriver=\([a-z]*\).*/ Cgroup Driver: \1/p' "$NODE_ROOT/etc/docker/daemon.json" 2>/dev/null || echo ' Cgroup Driver: cgroupfs' ;;
  'systemctl enable crio' | 'systemctl enable cri-docker' | 'systemctl enable --now docker' | 'systemctl enable --now cri-docker.socket' | 'systemctl daemon-reload') ;;
  'systemctl is-active --quiet '* | 'systemctl restart containerd' | 'systemctl restart crio' | 'systemctl restart cri-docker' | 'systemctl restart docker') ;;
  'crictl --runtime-endpoint=unix:///run/crio/crio.sock version' | 'crictl --runtime-endpoint=unix:///run/cri-dockerd.sock version') ;;
  'kubeadm config images list --kubernetes-version v1.37.2') printf 'registry.k8s.io/%s\n' etcd:3.7.0-0 pause:3.10.2 ;;
  'apt-get '* | 'kubeadm '* | 'curl '*) exec "$NODE_ROOT/usr/bin/base/$TOOL" "$@" ;;
  'modprobe overlay' | 'modprobe br_netfilter') ;;
  'swapoff -a') sed -i 1q "$NODE_ROOT/proc/swaps" ;;
  'timedatectl show -p NTPSynchronized --value') echo yes ;;
  'systemctl enable containerd' | 'systemctl enable kubelet' | 'systemctl list-units '*) ;;
  'crictl --runtime-endpoint=unix:///run/containerd/containerd.sock version') ;;
  *) unknown ;;
esac
