#!/bin/bash
# Prepares a machine for kubeadm: kernel modules and settings, swap, packages of Kubernetes, the container runtime with the kubelet's cgroup
# driver. It is no node of a cluster before, nor after. Result: PreparedNode (lambdas/contracts/create-steps.ts).
#
# Parameters: Version          X.Y.Z
#             Packages         the repository, up to v and the minor: https://pkgs.k8s.io/core:/stable:/
#             CgroupDriver     systemd or cgroupfs
#             Swap             off, or keep
#             Runtime          containerd, cri-o or cri-dockerd
#             RuntimePackages  CRI-O's repository, as Packages

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/warnings.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/packages/installed.sh"
. "${BASH_SOURCE%/*}/lib/packages/apt.sh"
. "${BASH_SOURCE%/*}/lib/packages/repository.sh"
. "${BASH_SOURCE%/*}/lib/packages/repository-add.sh"
. "${BASH_SOURCE%/*}/lib/machine/kernel.sh"
. "${BASH_SOURCE%/*}/lib/runtime/containerd.sh"
. "${BASH_SOURCE%/*}/lib/runtime/cri-o.sh"
. "${BASH_SOURCE%/*}/lib/runtime/cri-dockerd.sh"
. "${BASH_SOURCE%/*}/lib/runtime/runtime.sh"
. "${BASH_SOURCE%/*}/lib/create/record.sh"

PACKAGES='kubeadm kubelet kubectl'

prepare_parameters() {
  version_parameter
  parameter Packages
  REPOSITORY_BASE=$REPLY
  [[ $REPOSITORY_BASE =~ ^https://[A-Za-z0-9._:/-]+/$ ]] || refuse "Parameter Packages is '${REPLY:0:60}', expected an address such as https://pkgs.k8s.io/core:/stable:/."
  parameter CgroupDriver
  DRIVER=$REPLY
  [[ $DRIVER == systemd || $DRIVER == cgroupfs ]] || refuse "Parameter CgroupDriver is '${REPLY:0:60}', expected systemd or cgroupfs."
  parameter Swap
  SWAP=$REPLY
  [[ $SWAP == off || $SWAP == keep ]] || refuse "Parameter Swap is '${REPLY:0:60}', expected off or keep."
  runtime_parameters
}

# kubernetes_installed: all of PACKAGES are those of VERSION, and held
kubernetes_installed() {
  local name held
  held=$'\n'$(limited 30 apt-mark showhold)$'\n'
  for name in $PACKAGES; do
    package_version "$name"
    [[ $REPLY == "$VERSION" && $held == *$'\n'"$name"$'\n'* ]] || return 1
  done
  command -v crictl >/dev/null
}

# kubernetes_install: the image of the machine may have brought another version, also a newer one: no cluster runs on it yet.
kubernetes_install() {
  local said
  repository_add "$REPOSITORY_BASE"
  repository_switch
  write_or_fail "$STATE/create/apt.conf" 'APT::Get::Allow-Downgrades "true";'
  export APT_CONFIG=$STATE/create/apt.conf
  # shellcheck disable=SC2086 # names, one word each
  packages_install "$VERSION" $PACKAGES
  # Not every release of kubeadm depends on it.
  if ! command -v crictl >/dev/null; then
    said=$(apt_get install --yes --no-remove cri-tools) || fail "cri-tools cannot be installed: $(apt_says "$said")"
  fi
  # shellcheck disable=SC2086
  limited 30 apt-mark hold $PACKAGES || fail "apt-mark hold failed: run 'apt-mark hold $PACKAGES' by hand to see why."
  rm -f "$ARCHIVES"/*.deb
  CHANGED=true
}

step_begin
prepare_parameters
step_lock
CHANGED=false

step 'check the preconditions'
cluster_state
case $CLUSTER_STATE in
  joined) refuse "This machine is a node of a cluster already ($KUBERNETES/kubelet.conf): upgrade it instead." ;;
  remains) refuse "This machine has remains of a cluster ($CLUSTER_FILE): run 'kubeadm reset' on it if nobody needs them, then run this again." ;;
esac
packages_begin

step 'prepare the kernel'
kernel_modules
kernel_settings
if [[ $SWAP == off ]]; then swap_off; fi

step 'install Kubernetes'
if ! kubernetes_installed; then kubernetes_install; fi
limited 60 systemctl enable kubelet || fail "systemctl enable kubelet ended with $?."

# Whose pause image is that of kubeadm, and whose minor is that of Kubernetes.
step "install $RUNTIME"
runtime_install
runtime_configure "$DRIVER"
runtime_start

step 'answer'
OBJECT=''
put node "$(uname -n)"
put_raw changed "$CHANGED"
put version "$VERSION"
put runtime "$RUNTIME"
runtime_version
put runtimeVersion "$REPLY"
put_raw warnings "[${WARNINGS#,}]"
put_close
result "$REPLY"
