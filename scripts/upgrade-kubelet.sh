#!/bin/bash
# Installs kubelet and kubectl of a version and restarts the kubelet. The node should be drained, and a control plane out of its load balancer:
# a kubelet of another minor restarts every container. Result: UpgradedKubelet (lambdas/contracts/upgrade-steps.ts).
#
# Parameter Version: X.Y.Z
#
# Killed at any moment, run again: it goes on.

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/stays.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/image.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/packages/installed.sh"
. "${BASH_SOURCE%/*}/lib/packages/apt.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/control-plane.sh"

UNFINISHED=$STATE/upgrade/kubelet-unfinished

# answer CHANGED
answer() {
  local OBJECT=''
  step 'answer'
  node_name
  put node "$REPLY"
  put_raw changed "$1"
  put version "$VERSION"
  put_close
  result "$REPLY"
}

# installed: kubelet and kubectl are those of VERSION
installed() {
  local name
  for name in kubelet kubectl; do
    package_version "$name"
    [[ $REPLY == "$VERSION" ]] || return 1
  done
}

# refuse_before_kubeadm: a kubelet is never newer than its API server, and kubeadm writes the configuration that it needs.
refuse_before_kubeadm() {
  package_version kubeadm
  [[ $REPLY == "$VERSION" ]] || refuse "kubeadm ${REPLY:-is not installed}, expected $VERSION: the kubelet is upgraded after kubeadm has upgraded this node (upgrade-kubeadm)."
  [[ ! -s $STATE/upgrade/kubeadm-unfinished ]] || refuse "kubeadm began to upgrade this node and was cut off: run upgrade-kubeadm again first."
  [[ $CONTROL_PLANE == yes ]] || return 0
  manifest_image kube-apiserver
  ! version_newer "$VERSION" "${REPLY##*:v}" || refuse "The API server of this node is ${REPLY##*:}, older than $VERSION: upgrade it first (upgrade-kubeadm)."
}

step_begin
version_parameter
step_lock

step 'check the preconditions'
topology
container_runtime
kubelet_name
refuse_unless_joined
packages_begin
packages_refuse_older "$VERSION" kubelet kubectl
refuse_before_kubeadm
if installed && [[ ! -e $UNFINISHED ]] && kubelet_active; then answer false; fi

step 'install the kubelet'
write_or_fail "$UNFINISHED" "$VERSION"
installed || packages_install "$VERSION" kubelet kubectl

step 'restart the kubelet'
limited 60 systemctl daemon-reload || fail "systemctl daemon-reload ended with $?: look at 'systemctl status', then run this again."
if ! kubelet_stays "$PATIENCE"; then
  WHY=$REPLY
  fail "The kubelet of $VERSION does not stay active: $WHY. Its log ends with: $(limited 10 journalctl -u kubelet --since "@$STARTED_AT" -n 50 --no-pager -o cat 2>/dev/null | grep -i 'err\|fatal' | tail -n 1 | tail -c 300)"
fi
if [[ $CONTROL_PLANE == yes ]]; then
  step 'wait for the static pods'
  wait_until_well "$UPGRADE_PATIENCE" || fail "The kubelet of $VERSION runs, but $REPLY: look at 'crictl ps -a' and 'journalctl -u kubelet', then run this again."
fi
rm -f "$UNFINISHED" "$ARCHIVES"/*.deb
answer true
