#!/bin/bash
# The tools of a node, as the upgrade's scripts call them, under each tool's name: see upgrade-node.bash. What a tool knows is in files of
# $NODE_ROOT/facts; it answers no more than the scripts read, and an unknown call fails. A file $NODE_ROOT/faults/TOOL holds a pattern for the
# arguments in its first line, an exit code in its second and what to print after that; `once` in front of the code: the first time only.
set -u
TOOL=${0##*/}
FACTS=$NODE_ROOT/facts ALL="$*"
printf '%s\n' "$TOOL $ALL" >>"$NODE_ROOT/calls.log"

fault=$NODE_ROOT/faults/$TOOL
if [[ -f $fault ]]; then
  { read -r pattern && read -r code; } <"$fault"
  # shellcheck disable=SC2053 # the pattern is one
  if [[ $ALL == $pattern ]]; then
    sed 1,2d "$fault"
    [[ $code != once\ * ]] || rm "$fault"
    exit "${code#once }"
  fi
fi

unknown() { echo "$TOOL is not asked like this by a script: $ALL" >&2 && exit 99; }
images() {
  local part
  for part in kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do echo "registry.k8s.io/$part:v$1"; done
  printf 'registry.k8s.io/%s\n' coredns/coredns:v1.14.6 pause:3.10.2 etcd:3.7.0-0
}
manifest() { sed -n 's/^ *image: //p' "$NODE_ROOT/etc/kubernetes/manifests/$1.yaml"; }

apt_get() {
  local word archives=''
  for word in "$@"; do
    case $word in Dir::Cache::archives=*) archives=${word#*=} ;; esac
  done
  case $ALL in
    *' check' | *' update '*) ;;
    *--simulate*) for word in "$@"; do [[ $word != *=*-\* ]] || echo "Inst ${word%%=*} [old] (new)"; done ;;
    *--download-only*) for word in "$@"; do [[ $word != *=*-\* ]] || { word=${word%-\*} && : >"$archives/${word%%=*}_${word#*=}-1.1_amd64.deb"; }; done ;;
    *' install '*)
      for word in "$@"; do
        [[ $word == *=*-\* ]] || continue
        ! grep -qx "${word%%=*}" "$FACTS/held" || { echo "E: Held packages were changed and -y was used without --allow-change-held-packages." && exit 100; }
        word=${word%-\*}
        echo "${word#*=}" >"$FACTS/packages/${word%%=*}"
      done
      ;;
    *) unknown ;;
  esac
}

apt_mark() {
  local verb=$1 name
  shift
  case $verb in
    showhold) cat "$FACTS/held" ;;
    hold) printf '%s\n' "$@" >>"$FACTS/held" ;;
    unhold) for name in "$@"; do sed -i "/^$name\$/d" "$FACTS/held"; done ;;
    *) unknown ;;
  esac
}

kubeadm() {
  local version component
  version=$(cat "$FACTS/packages/kubeadm")
  [[ $0 != */aside/* ]] || version=$(sed -n 's/^kubernetesVersion: v//p' "${5:-/dev/null}")
  case $ALL in
    'version -o short') echo "v$version" ;;
    'config images list --config '*) images "$version" ;;
    'upgrade diff '*) cat "$FACTS/diff" ;;
    'upgrade apply '* | 'upgrade node '*)
      for component in etcd kube-apiserver kube-controller-manager kube-scheduler; do
        [[ -f $NODE_ROOT/etc/kubernetes/manifests/$component.yaml ]] || continue
        echo "[upgrade/staticpods] Preparing for \"$component\" upgrade"
        sed -i "s,image: .*,image: $(images "$version" | grep "/$component:")," "$NODE_ROOT/etc/kubernetes/manifests/$component.yaml"
        echo "[upgrade/staticpods] Component \"$component\" upgraded successfully!"
      done
      mkdir -p "$NODE_ROOT/etc/kubernetes/tmp/kubeadm-backup-etcd-2026" "$NODE_ROOT/etc/kubernetes/tmp/kubeadm-backup-manifests-2026"
      echo old >"$NODE_ROOT/etc/kubernetes/tmp/kubeadm-backup-manifests-2026/etcd.yaml"
      echo new >"$NODE_ROOT/var/lib/kubelet/config.yaml"
      sed -i "s/^kubernetesVersion: .*/kubernetesVersion: v$version/" "$FACTS/configuration"
      # At its end kubeadm has the kubelet of a control plane talk to its own API server.
      sed -i 's,server: https://api:6443,server: https://10.0.0.1:6443,' "$NODE_ROOT/etc/kubernetes/kubelet.conf"
      ;;
    *) unknown ;;
  esac
}

kubectl() {
  local component
  case $ALL in
    *' get configmap kubeadm-config '*) cat "$FACTS/configuration" ;;
    *' get pods '*) for component in etcd kube-apiserver kube-controller-manager kube-scheduler; do echo "$component-cp-1 $(manifest "$component")"; done ;;
    *' -n kube-node-lease get lease '*) echo "$(date -u +%Y-%m-%dT%H:%M:%S).000000Z" ;;
    *' get lease '*) echo "cp-1_1234 2026-11-29T10:00:00.${RANDOM}Z" ;;
    *' get node '*) cat "$FACTS/node" ;;
    *' patch node '*)
      # What uncordons takes the annotation away, too.
      case $ALL in
        *'"unschedulable":true'*) sed -i 's/^\([0-9]*\)|[^|]*|[^|]*|/\11|true|drain-node|/' "$FACTS/node" ;;
        *'"unschedulable":null'*) sed -i 's/^\([0-9]*\)|[^|]*|[^|]*|/\11|||/' "$FACTS/node" ;;
      esac
      ;;
    *' drain '*) cat "$FACTS/drain" 2>/dev/null || true ;;
    *' create --raw '*) echo '{"message":"The disruption budget web needs 2 healthy pods and has 2 currently"}' && exit 1 ;;
    *) unknown ;;
  esac
}

crictl() {
  local component
  case $ALL in
    'ps --label io.kubernetes.pod.namespace=kube-system --name ^'*'$ --state Running -q')
      component=${5#^}
      [[ -f $FACTS/down-${component%$} ]] || echo "id-${component%$}"
      ;;
    'ps --id id-'*' -o json') printf '{"containers":[{"id":"%s","image":{"image":"sha256:%s"}}]}\n' "$3" "$3" ;;
    'ps -a --name '*) echo id-ended ;;
    'logs --tail 20 id-ended') echo '"command failed" err="unrecognized feature gate: SidecarContainers"' ;;
    'images -o json')
      for component in etcd kube-apiserver kube-controller-manager kube-scheduler; do
        printf '{"id": "sha256:id-%s", "repoTags": ["%s"]}\n' "$component" "$(cat "$FACTS/runs-$component" 2>/dev/null || manifest "$component")"
      done
      sed 's/.*/{"id": "other", "repoTags": ["&"]}/' "$FACTS/images"
      ;;
    'pull '*) echo "$2" >>"$FACTS/images" ;;
    'exec '*'member list') printf '%s\n' '8e9, started, cp-1, https://10.0.0.1:2380, https://10.0.0.1:2379, false' '9af, started, cp-2, https://10.0.0.2:2380, https://10.0.0.2:2379, false' ;;
    'exec '*'endpoint health --cluster') printf 'https://10.0.0.%s:2379 is healthy: successfully committed proposal\n' 1 2 ;;
    'exec '*'move-leader 9af') echo 'Leadership transferred from 8e9 to 9af' ;;
    'exec '*'endpoint health') echo 'https://127.0.0.1:2379 is healthy: successfully committed proposal' ;;
    *) unknown ;;
  esac
}

curl() {
  case $ALL in
    */readyz* | */healthz*) printf 'ok\n200' ;;
    *Release.key)
      local i
      for ((i = 1; i <= $#; i++)); do [[ ${!i} != -o ]] || { i=$((i + 1)) && cp "$FACTS/key.asc" "${!i}"; }; done
      ;;
    *) unknown ;;
  esac
}

case $TOOL in
  apt-get) apt_get "$@" ;;
  apt-mark) apt_mark "$@" ;;
  dpkg) [[ $ALL == --audit ]] || unknown ;;
  dpkg-query) [[ ! -f $FACTS/packages/$4 ]] || printf 'hi %s-1.1' "$(cat "$FACTS/packages/$4")" ;;
  dpkg-deb)
    tool=${2##*/} tool=${tool%%_*}
    mkdir -p "$3/usr/bin" && ln -sf "$(readlink -f "$0")" "$3/usr/bin/$tool"
    ;;
  systemctl)
    case $ALL in
      'is-active kubelet') cat "$FACTS/kubelet" ;;
      'show kubelet '*) echo 7 ;;
      'restart kubelet' | daemon-reload) ;;
      *) unknown ;;
    esac
    ;;
  journalctl) echo 'E1129 "command failed" err="unknown flag: --containerd"' ;;
  # The new one, unpacked aside, and the new API server out of its image.
  kubelet) [[ $ALL != *--containerd* ]] || { echo 'Error: failed to parse kubelet flag: unknown flag: --containerd' && exit 1; } ;;
  kube-*) [[ $ALL != *SidecarContainers* ]] || { echo 'unrecognized feature gate: SidecarContainers' && exit 1; } ;;
  ctr)
    case $ALL in
      *' images mount '*) mkdir -p "$6/usr/local/bin" && tool=${5##*/} && ln -sf "$(readlink -f "$0")" "$6/usr/local/bin/${tool%%:*}" ;;
      *' images unmount '*) rm -rf "${6:?}/usr" ;;
      *) unknown ;;
    esac
    ;;
  kubeadm | kubectl | crictl | curl) "$TOOL" "$@" ;;
  *) unknown ;;
esac
