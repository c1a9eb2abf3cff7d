# Builds commands out of published Go modules: a small module that pins one release, `go mod tidy`, `go build`.
# Each release has a module of its own: together, version selection would lift the dependencies of one to those of another.
# shellcheck shell=bash

# build_go MODULE_FOLDER OUT_FOLDER LDFLAGS COMMAND_PACKAGE...: MODULE_FOLDER has a go.mod already. OUT_FOLDER appears whole or not at all.
build_go() {
  local module=$1 out=$2 ldflags=$3 package
  shift 3
  {
    printf '//go:build tools\n\npackage lab\n\nimport (\n'
    for package in "$@"; do printf '\t_ "%s"\n' "$package"; done
    echo ')'
  } >"$module/tools.go"
  rm -rf "$out.partial"
  mkdir -p "$out.partial"
  (
    cd "$module" || exit
    go mod tidy >tidy.log 2>&1 || { tail -n 20 tidy.log >&2; exit 1; }
    go build -trimpath -ldflags "-s -w $ldflags" -o "$out.partial/" "$@"
  )
  rm -rf "$out"
  mv "$out.partial" "$out"
}

# build_kubernetes VERSION OUT_FOLDER [COMMAND...]: those commands, or all that a cluster needs.
# k8s.io/kubernetes replaces its staging modules by folders that its published module does not carry: they are replaced here by
# the published modules of the same release (v1.34.4 -> v0.34.4). Without version flags kubeadm says v0.0.0-master and refuses to work.
build_kubernetes() {
  local version=$1 out=$2 module ldflags='' origin package name commands=()
  shift 2
  [ $# -gt 0 ] || set -- kubeadm kubelet kubectl kube-apiserver kube-controller-manager kube-scheduler kube-proxy
  module=$WORK/$(basename "$out")
  mkdir -p "$module"
  origin=$(cd / && go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^.*"GoMod": "\(.*\)",*$/\1/p')
  {
    printf 'module lab\n\ngo %s\n\nrequire k8s.io/kubernetes %s\n' "$(awk '$1 == "go" { print $2 }' "$origin")" "$version"
    grep '^godebug' "$origin" || true
    awk -v release="v0.${version#v1.}" '$2 == "=>" && $3 ~ /staging/ { print "replace " $1 " => " $1 " " release }' "$origin"
  } >"$module/go.mod"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    ldflags+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<<"$version")"
    ldflags+=" -X $package.gitTreeState=clean -X $package.gitCommit=$(printf '0%.0s' {1..40}) -X $package.buildDate=2026-01-01T00:00:00Z"
  done
  for name in "$@"; do
    commands+=("k8s.io/kubernetes/cmd/$name")
  done
  build_go "$module" "$out" "$ldflags" "${commands[@]}"
}

# build_etcd VERSION OUT_FOLDER: etcd, etcdctl, etcdutl. Server and tools are built in modules of their own: they may be of different releases.
build_etcd() {
  local version=$1 out=$2 tools path=go.etcd.io/etcd server=$WORK/etcd-server-$1 clients=$WORK/etcd-tools-$1
  tools=$(etcd_tools_version "$version")
  mkdir -p "$server" "$clients"
  printf 'module lab\n\ngo 1.24.0\n\nrequire %s\n' "$path/server/v3 $version" >"$server/go.mod"
  printf 'module lab\n\ngo 1.24.0\n\nrequire %s\nrequire %s\n' "$path/etcdctl/v3 $tools" "$path/etcdutl/v3 $tools" >"$clients/go.mod"
  # Old requirements of 3.5 lead to a release of this module that has a package which is a module of its own by now.
  case $version in
    v3.5.*) echo 'replace cloud.google.com/go => cloud.google.com/go v0.110.0' | tee -a "$server/go.mod" >>"$clients/go.mod" ;;
  esac
  build_go "$server" "$out.server" '' $path/server/v3
  build_go "$clients" "$out.tools" '' $path/etcdctl/v3 $path/etcdutl/v3
  mv "$out.server/server" "$out.tools/etcd"
  rmdir "$out.server"
  mv "$out.tools" "$out"
}

# build_coredns VERSION OUT_FOLDER
build_coredns() {
  local module=$WORK/coredns-$1
  mkdir -p "$module"
  printf 'module lab\n\ngo 1.25.0\n\nrequire github.com/coredns/coredns %s\n' "$1" >"$module/go.mod"
  build_go "$module" "$2" '' github.com/coredns/coredns
}
