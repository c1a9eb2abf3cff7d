# kubeadm with a configuration that holds secrets: they are in a file in memory that root alone reads, for as long as kubeadm runs, and in no
# argument, log or result.

SECRETS=$ROOT/run/kubeadm-autopilot
KUBEADM_CONFIG=$SECRETS/kubeadm.yaml
# Secrets that are hidden in what tools print.
HIDDEN=()

secrets_remove() { rm -rf "$SECRETS"; }

# configuration_parameter: sets CONFIGURATION, kubeadm's configuration with the placeholders of lambdas/domain/kubeadm/render-configuration.ts
configuration_parameter() {
  parameter Configuration
  [[ $REPLY =~ ^[A-Za-z0-9+/]+=*$ ]] && CONFIGURATION=$(printf '%s' "$REPLY" | base64 -d 2>/dev/null) && [[ $CONFIGURATION == *'kubeadm.k8s.io/'* ]] ||
    refuse "Parameter Configuration has ${#REPLY} characters that are no kubeadm configuration in base64: deploy the app again."
}

# put_secret PLACEHOLDER VALUE: into CONFIGURATION
put_secret() {
  CONFIGURATION=${CONFIGURATION//"$1"/"$2"}
  HIDDEN+=("$2")
}

# secrets_begin: an empty place for them
secrets_begin() {
  AT_END=secrets_remove
  secrets_remove
  mkdir -m 700 "$SECRETS" || fail "/run/kubeadm-autopilot cannot be written."
}

# configuration_write: CONFIGURATION into KUBEADM_CONFIG, checked by kubeadm itself
configuration_write() {
  local said
  secrets_begin
  write_file "$KUBEADM_CONFIG" "$CONFIGURATION" || fail "/run/kubeadm-autopilot cannot be written."
  said=$(limited 30 kubeadm config validate --config "$KUBEADM_CONFIG" 2>&1) && return 0
  without_secrets "$said"
  refuse "kubeadm does not take the configuration made of the cluster's settings: $(printf '%s\n' "$REPLY" | grep -v '^To see the stack trace' | tail -n 2 | tr '\n' ' ' | head -c 500). Correct the section kubernetes of the cluster's settings, deploy, then run this again."
}

# without_secrets TEXT -> REPLY, without secrets
without_secrets() {
  local secret
  REPLY=$1
  for secret in ${HIDDEN[@]+"${HIDDEN[@]}"}; do REPLY=${REPLY//"$secret"/***}; done
}

# kubeadm_run SECONDS ARGUMENTS...: its output goes to the log, line by line. Sets KUBEADM_CODE and KUBEADM_SAID, the last
# 500 characters of what it said of errors.
kubeadm_run() {
  local line seconds=$1
  shift
  KUBEADM_CODE=1 KUBEADM_SAID=''
  log "kubeadm $*"
  while IFS= read -r line; do
    case $line in
      'kubeadm ended with '*) KUBEADM_CODE=${line##* } && continue ;;
    esac
    without_secrets "$line"
    printf '%s\n' "$REPLY"
    case $REPLY in
      *rror* | *ERROR* | *atal* | *imed\ out* | *onnection*) KUBEADM_SAID=$KUBEADM_SAID$REPLY' '
        # All of it where it is shorter.
        if [[ ${#KUBEADM_SAID} -gt 500 ]]; then KUBEADM_SAID=${KUBEADM_SAID: -500}; fi
        ;;
    esac
  done < <(
    code=0
    limited "$seconds" kubeadm "$@" 2>&1 </dev/null || code=$?
    printf '\nkubeadm ended with %s\n' "$code"
  )
}

# kubeadm_undo: what kubeadm began here and was cut off. Of a control plane that had begun to join it also removes the member of etcd.
kubeadm_undo() {
  local socket certificates
  # As JSON, or as YAML where kubeadm migrated it.
  socket=$(printf '%s\n' "$CONFIGURATION" | sed -n 's|.*criSocket"*: *"*\(unix://[A-Za-z0-9/._-]*\).*|\1|p' | head -n 1)
  # A join tells the folder by its CA's path, which has to be free again.
  certificates=$(printf '%s\n' "$CONFIGURATION" | sed -n -e 's|.*certificatesDir"*: *"*\(/[A-Za-z0-9/._-]*\).*|\1|p' -e 's|.*caCertPath"*: *"*\(/[A-Za-z0-9/._-]*\)/.*|\1|p' | head -n 1)
  kubeadm_run 240 reset --force "--cri-socket=${socket:-unix:///run/containerd/containerd.sock}" ${certificates:+"--cert-dir=$certificates"}
  [[ $KUBEADM_CODE == 0 ]] || fail "kubeadm reset, which undoes what was cut off here, ended with $KUBEADM_CODE: ${KUBEADM_SAID}Look at the log, then run this again."
}

# refuse_other_version: kubeadm and kubelet of this node have to be those of VERSION
refuse_other_version() {
  local name
  for name in kubeadm kubelet; do
    package_version "$name"
    [[ $REPLY == "$VERSION" ]] || refuse "$name ${REPLY:-is not installed}, expected $VERSION: prepare this node first (prepare-node)."
  done
}
