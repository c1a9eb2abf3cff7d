# New manifests for the static pods of this node, one after the other; the old ones come back where a component does not become healthy.

# Manifests and the certificate from before, until all is well.
KEPT=$STATE/reconfigure/before

# keep_before FILE...: as they are now, unless a run that was cut off has kept them already
keep_before() {
  local file
  (umask 077 && mkdir -p "$KEPT") || fail "${KEPT#"$ROOT"} cannot be made: is the disk full or read-only?"
  for file in "$@"; do
    if [[ -e $KEPT/${file##*/} ]]; then continue; fi
    cp -p "$file" "$KEPT/.new" && mv "$KEPT/.new" "$KEPT/${file##*/}" || fail "${file#"$ROOT"} cannot be copied: is the disk full?"
  done
}

# put_in_place FILE NEW: by a rename in one file system, because the kubelet reads whatever is in the folder of the manifests
put_in_place() {
  local new=$ROOT$KUBERNETES/.kubeadm-autopilot-new
  (umask 077 && cat "$2" >"$new") && sync && mv -f "$new" "$1" || { rm -f "$new" && fail "${1#"$ROOT"} cannot be written: is the disk full or read-only?"; }
}

# wait_for_other CONTAINER COMPONENT SECONDS: another container of it runs and is healthy. Returns 1 with the reason in REPLY, at once where it has
# been started three times in vain: nobody waits for a component that refuses its arguments.
wait_for_other() {
  local until=$((SECONDS + $3)) ETCD_SECONDS=2
  while :; do
    static_pod_container "$2" "$1" || true
    if [[ -n $REPLY ]] && healthy "$2"; then return 0; fi
    [[ $SECONDS -lt $until ]] || break
    ended_again_and_again "$2" && break
    sleep 0.5
  done
  static_pod_container "$2" "$1" || true
  if [[ -z $REPLY ]]; then REPLY="$2 does not run"; else healthy "$2" || true; fi
  return 1
}

# ended_again_and_again COMPONENT: its newest container is the third one of its pod, and has ended
ended_again_and_again() {
  local newest
  newest=$(limited 10 crictl ps -a --label io.kubernetes.pod.namespace=kube-system --name "^$1\$" -o json | tr -d '[:space:]') || return 1
  newest=${newest#*'"metadata":{'} newest=${newest%%'"metadata":{'*}
  [[ $newest =~ \"attempt\":\"?([0-9]+) && ${BASH_REMATCH[1]} -ge 2 && $newest == *CONTAINER_EXITED* ]]
}

# swap_manifest COMPONENT NEW
swap_manifest() {
  local file=$ROOT$MANIFESTS/$1.yaml old
  keep_before "$file"
  static_pod_container "$1" || true
  old=$REPLY
  log "new manifest of $1"
  put_in_place "$file" "$2"
  wait_for_other "$old" "$1" "$UPGRADE_PATIENCE" || give_back "$REPLY"
  log "$1 is healthy"
}

# give_back REASON: everything from before, and ends the step
give_back() {
  local reason file target component ids='' id
  component_says "$1" && reason=$REPLY
  step 'put back what was there'
  for file in "$KEPT"/*; do
    case $file in
      *.yaml) target=$ROOT$MANIFESTS/${file##*/} ;;
      *.crt | *.key) target=$ROOT$PKI/${file##*/} ;;
      *) continue ;;
    esac
    if cmp -s "$file" "$target"; then continue; fi
    put_in_place "$target" "$file"
  done
  # With the certificate from before, too.
  if [[ -e $KEPT/apiserver.crt ]]; then restart_api_server; fi
  for component in $STATIC_PODS; do end_back_off "$component"; done
  wait_until_well "$UPGRADE_PATIENCE" || { component_says "$REPLY" && fail "With its new configuration $reason. The manifests from before are back (${KEPT#"$ROOT"}), and yet $REPLY: look at 'crictl ps -a' on this node."; }
  rm -rf "$KEPT"
  fail "With its new configuration $reason. The manifests from before are back, and the node is healthy. Correct the section kubernetes of the cluster's settings, deploy, then start again."
}

# restart_api_server: by a new sandbox; whoever asks waits for its health
restart_api_server() {
  local sandbox
  static_pod_sandboxes kube-apiserver || true
  for sandbox in $REPLY; do
    remove_sandbox kube-apiserver "$sandbox" || true
    remove_orphans "$sandbox"
  done
}

# new_certificate CONFIGURATION: sets CERTIFICATE to true where kubeadm gives the API server a certificate with other names, which is then on disk
new_certificate() {
  local pki=$RENDERING/pki said now
  CERTIFICATE=false
  [[ -r $ROOT$PKI/ca.key ]] || { log 'there is no key of the CA: the certificate stays' && return 0; }
  mkdir -p "$pki" && cp "$ROOT$PKI/ca.crt" "$ROOT$PKI/ca.key" "$pki/" || fail '/run/kubeadm-autopilot cannot be written: is /run full?'
  kubeadm_document "$RENDERING/certificate.yaml" "$(printf '%s\n' "$1" | sed '/^certificatesDir:/d')
certificatesDir: $pki"
  said=$(limited 60 kubeadm init phase certs apiserver --config "$RENDERING/certificate.yaml" 2>&1 </dev/null) && [[ -s $pki/apiserver.crt ]] ||
    fail "kubeadm cannot make the certificate of the API server: $(printf '%s\n' "$said" | tail -n 2 | tr '\n' ' ' | tail -c 400)"
  certificate_names "$ROOT$PKI/apiserver.crt" && now=$REPLY
  certificate_names "$pki/apiserver.crt"
  [[ $REPLY != "$now" ]] || return 0
  log "names in the certificate of the API server: $REPLY"
  keep_before "$ROOT$PKI/apiserver.crt" "$ROOT$PKI/apiserver.key"
  put_in_place "$ROOT$PKI/apiserver.key" "$pki/apiserver.key"
  put_in_place "$ROOT$PKI/apiserver.crt" "$pki/apiserver.crt"
  chmod 644 "$ROOT$PKI/apiserver.crt"
  CERTIFICATE=true
}
