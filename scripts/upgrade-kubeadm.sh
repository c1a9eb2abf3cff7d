#!/bin/bash
# Installs the kubeadm of a version and has it upgrade this node: on a control plane etcd, API server, controller manager and scheduler, on
# every node the kubelet's configuration. The kubelet itself stays. Result: UpgradedKubeadm (lambdas/contracts/upgrade-steps.ts).
#
# Parameters: Version            X.Y.Z
#             Command            apply on the first control plane of a version, node on all other nodes
#             KubeletServer      endpoint: the kubelet of a control plane talks to the controlPlaneEndpoint meanwhile; own: to whom it does
#             IgnoreErrors       names of kubeadm's preflight checks with commas between, or none
#             RenewCertificates  no: kubeadm leaves certificates alone
#             SkipPhases         phases of kubeadm with commas between, or none
#
# Killed at any moment, run again: it goes on. kubeadm itself says "successfully upgraded" also where nothing runs, so what counts is
# proven here, after every run.

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
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubeconfig.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/cluster-configuration.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/patches.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/state.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/name.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/stays.sh"
. "${BASH_SOURCE%/*}/lib/etcd/etcdctl.sh"
. "${BASH_SOURCE%/*}/lib/runtime/endpoint.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/containers.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/image.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/health.sh"
. "${BASH_SOURCE%/*}/lib/static-pods/leases-held.sh"
. "${BASH_SOURCE%/*}/lib/packages/version.sh"
. "${BASH_SOURCE%/*}/lib/packages/installed.sh"
. "${BASH_SOURCE%/*}/lib/packages/apt.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/parameters.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/images.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/control-plane.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/kubelet-server.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/kubeadm-upgrade.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/kubeadm-preconditions.sh"
. "${BASH_SOURCE%/*}/lib/upgrade/kubeadm-proof.sh"

# answer CHANGED REASON
answer() {
  local OBJECT='' component images=''
  step 'answer'
  if [[ $CONTROL_PLANE == yes ]]; then
    own_static_pods
    for component in $REPLY; do
      manifest_image "$component" && json_string "$REPLY"
      images="$images,\"$component\":$REPLY"
    done
  fi
  node_name
  put node "$REPLY"
  put_raw changed "$1"
  put version "$VERSION"
  put_raw seconds "{${COMPONENT_SECONDS:-}}"
  put_raw images "{${images#,}}"
  put reason "$2"
  put_close
  result "$REPLY"
}

# upgrade_here: runs kubeadm, and once more where it lost a race that changes nothing
upgrade_here() {
  local arguments=("$COMMAND")
  if [[ $COMMAND == apply ]]; then arguments+=("v$VERSION" --yes); fi
  api_kubeconfig
  arguments+=("--kubeconfig=$REPLY")
  [[ $RENEW == yes ]] || arguments+=(--certificate-renewal=false)
  [[ $IGNORE == none ]] || arguments+=("--ignore-preflight-errors=$IGNORE")
  [[ $SKIP == none ]] || arguments+=("--skip-phases=$SKIP")
  patches_flag
  if [[ -n $REPLY ]]; then arguments+=("$REPLY"); fi
  kubeadm_upgrade "${arguments[@]}"
  if kubeadm_lost_race; then
    log "etcd began a new file meanwhile: once more"
    kubeadm_upgrade "${arguments[@]}"
  fi
}

step_begin
upgrade_parameters
step_lock

step 'check the preconditions'
topology
container_runtime
kubelet_name
FINISHED=$STATE/upgrade/kubeadm-finished UNFINISHED=$STATE/upgrade/kubeadm-unfinished
upgrade_preconditions
THIS_RUN="$VERSION $COMMAND $SKIP"

step 'install kubeadm'
package_version kubeadm
if [[ $REPLY != "$VERSION" ]]; then packages_install "$VERSION" kubeadm; fi
REPLY=$(limited 5 kubeadm version -o short) || REPLY=''
[[ $REPLY == "v$VERSION" ]] || fail "kubeadm calls itself '${REPLY:0:60}', its package is $VERSION: remove the other one from PATH, then run this again."

if [[ $CONTROL_PLANE == yes ]]; then
  step 'look at what runs'
  # Before anything is waited for: where this node's own API server is down, its kubelet may be waiting for that very one.
  current_configuration
  if [[ $SERVER == endpoint ]] && is_unfinished; then kubelet_server_leave_own; fi
  wait_for_interrupted
  images_wanted kubeadm
fi
if is_finished; then answer false 'kubeadm has upgraded this node already, and it runs what it should.'; fi

begin_upgrade
if [[ $CONTROL_PLANE == yes && $SERVER == endpoint ]]; then
  step 'lead the kubelet to the endpoint'
  kubelet_server_leave_own
fi

step "run kubeadm upgrade $COMMAND"
upgrade_here
[[ $KUBEADM_CODE == 0 ]] || fail_upgrade

step 'prove what runs'
prove_upgrade

step 'finish'
kubeadm_prune
write_or_fail "$FINISHED" "$THIS_RUN"
rm -rf "$UNFINISHED" "$MANIFESTS_BEFORE"
answer true ''
