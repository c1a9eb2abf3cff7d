#!/usr/bin/env bats
# kubeadm's patches as a directory of a node.
load helpers

setup() {
  ROOT=$BATS_TEST_TMPDIR/node STATE=$ROOT/state
  mkdir -p "$ROOT/etc/kubernetes"
  parameter() { local variable=SSM_$1 && REPLY=${!variable}; }
  refuse() { echo "refused: $1" && exit 20; }
  fail() { echo "failed: $1" && exit 1; }
  for name in core/disk kubernetes/paths kubeadm/patches; do . "$SCRIPTS/lib/$name.sh"; done
  DIRECTORY=$ROOT/etc/kubernetes/kubeadm-autopilot/patches
}

encoded() { printf '%s' "$1" | base64 | tr -d '\n'; }
# written PATCHES
written() {
  SSM_Patches=$1
  patches_parameter
  patches_write
}

@test "the directory becomes what the parameter says, for root alone; again: nothing changed; other files go; none removes it" {
  written "etcd+json.yaml:$(encoded '[]'),kube-apiserver0.yaml:$(encoded $'spec:\n  a: "$(id)"')"
  expect changed "$PATCHES_CHANGED $(ls "$DIRECTORY" | tr '\n' ' ')" 'true etcd+json.yaml kube-apiserver0.yaml '
  expect text "$(cat "$DIRECTORY/kube-apiserver0.yaml")" $'spec:\n  a: "$(id)"'
  expect modes "$(stat -c %a "$DIRECTORY" "$DIRECTORY/etcd+json.yaml" | tr '\n' ' ')" '700 600 '
  patches_write
  expect again "$PATCHES_CHANGED" false
  echo old >"$DIRECTORY/etcd.yaml" && echo cut >"$DIRECTORY/etcd+json.yaml.new.77"
  written "etcd+json.yaml:$(encoded '[1]')"
  expect other "$PATCHES_CHANGED $(ls -A "$DIRECTORY") $(cat "$DIRECTORY/etcd+json.yaml")" 'true etcd+json.yaml [1]'
  patches_flag
  expect flag "$REPLY" "--patches=$DIRECTORY"
  written none
  patches_flag
  expect none "$PATCHES_CHANGED $(ls "$ROOT/etc/kubernetes/kubeadm-autopilot")$REPLY" 'true '
  written none
  expect 'none again' "$PATCHES_CHANGED" false
}

@test "what is no patch is refused before anything is written" {
  local patches
  for patches in '../etcd.yaml:YQ==' 'etcd.yaml' 'etcd.yaml:Y Q' 'etcd.yaml:Y' "etcd.yaml:YQ==,/etc/x.yaml:YQ==" 'etcd+other.yaml:YQ==' 'etcd.txt:YQ==' ',' ''; do
    run written "$patches"
    expect_match "'$patches'" "$status $output" '20 refused: Parameter Patches has *'
  done
  expect untouched "$(ls "$ROOT/etc/kubernetes")" ''
}
