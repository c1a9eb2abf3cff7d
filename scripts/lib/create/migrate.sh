# kubeadm's own documents in an API version that its release still reads and no longer writes.

# configuration_migrate: CONFIGURATION in the API version of VERSION, by kubeadm itself. Each document is a line. kubeadm migrates its own and
# leaves out those of the kubelet and kube-proxy, which stay as they are.
configuration_migrate() {
  local minor=${VERSION#1.} old=$SECRETS/old.yaml new=$SECRETS/new.yaml said rest
  [[ ${minor%%.*} -ge 31 && $CONFIGURATION == *kubeadm.k8s.io/v1beta3* ]] || return 0
  secrets_begin
  write_file "$old" "$(printf '%s\n' "$CONFIGURATION" | grep 'kubeadm.k8s.io/' | sed '1!s/^/---\n/')" || fail '/run/kubeadm-autopilot cannot be written.'
  said=$(limited 60 kubeadm config migrate --old-config "$old" --new-config "$new" 2>&1) || {
    without_secrets "$said"
    refuse "kubeadm $VERSION does not migrate the configuration in the cluster's settings: $(printf '%s\n' "$REPLY" | tail -n 2 | tr '\n' ' ' | head -c 500). Run 'kubeadm config migrate' yourself, put what it writes into kubernetes.configuration, deploy, then run this again."
  }
  rest=$(printf '%s\n' "$CONFIGURATION" | grep '^{' | grep -v 'kubeadm.k8s.io/' | sed 's/^/---\n/') || rest=''
  CONFIGURATION=$(cat "$new")${rest:+$'\n'$rest}
}
