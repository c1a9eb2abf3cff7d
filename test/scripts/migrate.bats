#!/usr/bin/env bats
# The user's own kubeadm YAML in an older API version, migrated by kubeadm.
load helpers

setup() {
  ROOT=$BATS_TEST_TMPDIR/node STATE=$ROOT/state
  mkdir -p "$ROOT/run"
  limited() { shift && "$@"; }
  log() { :; }
  refuse() { echo "refused: $1" && exit 20; }
  fail() { echo "failed: $1" && exit 1; }
  for name in core/disk create/kubeadm-run create/migrate; do . "$SCRIPTS/lib/$name.sh"; done
  INIT='{"apiVersion":"kubeadm.k8s.io/v1beta3","kind":"InitConfiguration","token":"SECRET"}'
  CLUSTER='{"apiVersion":"kubeadm.k8s.io/v1beta3","kind":"ClusterConfiguration"}'
  KUBELET='{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration"}'
  CONFIGURATION=$INIT$'\n---\n'$CLUSTER$'\n---\n'$KUBELET
  HIDDEN=(SECRET)
  kubeadm() { cp "$4" "$BATS_TEST_TMPDIR/asked" && echo 'apiVersion: kubeadm.k8s.io/v1beta4' >"$6"; }
}

@test "kubeadm's own documents are migrated, those of the kubelet stay" {
  VERSION=1.36.3
  configuration_migrate
  expect asked "$(cat "$BATS_TEST_TMPDIR/asked")" "$INIT"$'\n---\n'"$CLUSTER"
  expect configuration "$CONFIGURATION" $'apiVersion: kubeadm.k8s.io/v1beta4\n---\n'"$KUBELET"
  expect 'for root alone' "$(stat -c %a "$ROOT/run/kubeadm-autopilot")" 700
}

@test "what fits its release stays as it is" {
  local before=$CONFIGURATION
  kubeadm() { fail asked; }
  VERSION=1.30.14
  configuration_migrate
  expect old "$CONFIGURATION" "$before"
  CONFIGURATION=${CONFIGURATION//v1beta3/v1beta4} VERSION=1.37.2 before=${before//v1beta3/v1beta4}
  configuration_migrate
  expect new "$CONFIGURATION" "$before"
}

@test "what kubeadm does not migrate is refused, without secrets" {
  kubeadm() { echo 'error: unknown field with SECRET' && return 1; }
  VERSION=1.36.3
  run configuration_migrate
  expect_match refused "$status $output" "20 refused: kubeadm 1.36.3 does not migrate the configuration in the cluster's settings: error: unknown field with [*][*][*]*"
}
