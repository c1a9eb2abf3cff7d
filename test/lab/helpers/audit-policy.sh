#!/bin/bash
# Puts an extra argument of the API server into kubeadm-config, or takes it out again: what kubeadm's next manifest has.
#
# WANTED  yes or no
# FILE    what --audit-policy-file names
KUBECTL='kubectl --kubeconfig=/etc/kubernetes/admin.conf -n kube-system'
config=$($KUBECTL get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}')
if [[ $WANTED == yes ]]; then
  config=${config/apiServer: \{\}/apiServer:}
  config=${config/apiServer:/$'apiServer:\n  extraArgs:\n  - name: audit-policy-file\n    value: '$FILE}
else
  config=$(awk -v file="$FILE" '
    /^  extraArgs:$/ { held = $0; next }
    held != "" && /audit-policy-file/ { skip = 1; held = ""; next }
    skip && index($0, file) { skip = 0; next }
    held != "" { print held; held = "" } { print }' <<<"$config")
fi
set -e
$KUBECTL create configmap kubeadm-config --from-literal="ClusterConfiguration=$config" --dry-run=client -o yaml | $KUBECTL replace -f -
