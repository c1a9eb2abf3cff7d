# The container runtime that the cluster's settings name. Containerd is the one that is tried on real nodes; the others are tested by what is
# written for them.

# runtime_parameters: sets RUNTIME, RUNTIME_PACKAGES and RUNTIME_SOCKET
runtime_parameters() {
  parameter Runtime
  RUNTIME=$REPLY
  case $RUNTIME in
    containerd) RUNTIME_SOCKET=/run/containerd/containerd.sock ;;
    cri-o) RUNTIME_SOCKET=/run/crio/crio.sock ;;
    cri-dockerd) RUNTIME_SOCKET=/run/cri-dockerd.sock ;;
    *) refuse "Parameter Runtime is '${RUNTIME:0:60}', expected containerd, cri-o or cri-dockerd." ;;
  esac
  parameter RuntimePackages
  RUNTIME_PACKAGES=$REPLY
  [[ $RUNTIME_PACKAGES =~ ^https://[A-Za-z0-9._:/-]+/$ ]] || refuse "Parameter RuntimePackages is '${REPLY:0:60}', expected an address such as https://download.opensuse.org/repositories/isv:/cri-o:/stable:/."
}

runtime_version() {
  case $RUNTIME in
    containerd) containerd_version ;;
    cri-o) crio_version ;;
    cri-dockerd) cri_dockerd_version ;;
  esac
}

runtime_install() {
  case $RUNTIME in
    containerd) containerd_install ;;
    cri-o) crio_install "$RUNTIME_PACKAGES" ;;
    cri-dockerd) cri_dockerd_install ;;
  esac
}

# runtime_configure DRIVER: the kubelet's, and for those that are told of it kubeadm's own pause image
runtime_configure() {
  local pause=''
  if [[ $RUNTIME != containerd ]]; then
    pause=$(limited 30 kubeadm config images list --kubernetes-version "v$VERSION" 2>/dev/null | grep '/pause:' | head -n 1) || pause=''
    [[ -n $pause ]] || fail "kubeadm $VERSION names no pause image: look at 'kubeadm config images list'."
  fi
  case $RUNTIME in
    containerd) containerd_configure "$1" ;;
    cri-o) crio_configure "$1" "$pause" ;;
    cri-dockerd) cri_dockerd_configure "$1" "$pause" ;;
  esac
  # Else crictl asks the socket that it finds first, and Docker's containerd has one, too.
  if [[ $RUNTIME != containerd && ! -e $ROOT/etc/crictl.yaml ]]; then
    write_or_fail "$ROOT/etc/crictl.yaml" "runtime-endpoint: unix://$RUNTIME_SOCKET"
    chmod 644 "$ROOT/etc/crictl.yaml"
  fi
}

# runtime_start: with the configuration that there is now; ends the step when it does not answer
runtime_start() {
  local unit=$RUNTIME until=$((SECONDS + PATIENCE))
  case $RUNTIME in
    cri-o) unit=crio ;;
    cri-dockerd) unit=cri-docker ;;
  esac
  limited 60 systemctl enable "$unit" || true
  if [[ -n $RUNTIME_CHANGED ]] || ! limited 10 systemctl is-active --quiet "$unit"; then
    limited 90 systemctl restart "$unit" || fail "systemctl restart $unit ended with $?: look at 'journalctl -u $unit', then run this again."
    CHANGED=true
  fi
  until limited 10 crictl --runtime-endpoint="unix://$RUNTIME_SOCKET" version; do
    [[ $SECONDS -lt $until ]] || fail "$RUNTIME does not answer at $RUNTIME_SOCKET within $PATIENCE s: look at 'journalctl -u $unit', then run this again."
    sleep 0.5
  done
}
