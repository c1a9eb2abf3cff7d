# The kubeadm of this node: its version, and the ClusterConfiguration that it works with.

# Kept on the node for the day when the API server does not answer: kubeadm would then renew with defaults and lose a configured
# certificatesDir, key algorithm or validity.
CLUSTER_CONFIGURATION=$STATE/cluster-configuration.yaml

# validity_text -> REPLY, certificateValidityPeriod of the saved ClusterConfiguration as it is written there; empty where it is not set.
validity_text() {
  REPLY=$(sed -n -e '/^ *#/d' -e "s/.*certificateValidityPeriod[\"']\{0,1\} *: *//p" "$CLUSTER_CONFIGURATION" 2>/dev/null | tr -d "\"'\r" |
    sed -e 's/ *#.*//' -e 's/ *$//' -e 's/^$/null/' | head -n 1) || REPLY=''
}

# cluster_configuration_save: asks the API server and keeps the answer; REPLY is the reason when it could not. Returns 1 then. Needs the
# inventory, which says whether it can be asked.
cluster_configuration_save() {
  local text
  REPLY='there is no admin.conf on this node'
  [[ -r $ROOT$KUBERNETES/admin.conf ]] || return 1
  # No API server lets that one in: not worth the wait.
  row_number admin.conf
  if [[ -n $REPLY ]] && row_ended "$REPLY"; then REPLY="admin.conf ended at ${R_AFTER[REPLY]}" && return 1; fi
  text=$(limited 4 kubectl --kubeconfig="$ROOT$KUBERNETES/admin.conf" --request-timeout=3s -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}' 2>&1) || { not_told "$text" && return 1; }
  # Without kubectl's own warnings.
  text=$(printf '%s\n' "$text" | sed '/^Warning: /d;/^[EIW][0-9]\{4\} /d')
  REPLY='the ConfigMap kube-system/kubeadm-config holds no ClusterConfiguration of kubeadm'
  [[ $'\n'$text == *$'\n''kind: ClusterConfiguration'* && $text == *'apiVersion: kubeadm.k8s.io/'* ]] || return 1
  if [[ -f $CLUSTER_CONFIGURATION && $(cat "$CLUSTER_CONFIGURATION") == "$text" ]]; then return 0; fi
  REPLY='it could not be written'
  write_file "$CLUSTER_CONFIGURATION" "$text"
}

# not_told SAID -> REPLY, why there is no answer of use, from what kubectl says
not_told() {
  case $1 in
    *'(NotFound)'*) REPLY='the cluster has no ConfigMap kube-system/kubeadm-config' ;;
    *'(Forbidden)'* | *Unauthorized*) REPLY='the API server does not let admin.conf read the ConfigMap kube-system/kubeadm-config' ;;
    *'rror from server'*) REPLY="the API server answered: $(printf '%s\n' "$1" | tail -n 1 | head -c 200)" ;;
    *'command not found'* | *'failed to run command'*) REPLY='kubectl is not on this node' ;;
    *) REPLY='the API server did not answer' ;;
  esac
}

# kubeadm_configuration: sets KUBEADM_CONFIGURATION, options of kubeadm: the saved one. Without it kubeadm asks the API server, and takes its
# defaults when that does not answer or has none; so it is told what is known without it. One without etcd lets it wait for that (10 s and longer
# in the lab). Where none would let admin.conf in, kubeadm is not given it, and does not ask. Needs the inventory.
kubeadm_configuration() {
  if [[ -s $CLUSTER_CONFIGURATION ]]; then
    KUBEADM_CONFIGURATION=(--config "$CLUSTER_CONFIGURATION")
    return 0
  fi
  KUBEADM_CONFIGURATION=(--cert-dir "$PKI")
  row_number admin.conf
  if [[ -n $REPLY ]] && row_ended "$REPLY"; then KUBEADM_CONFIGURATION+=(--kubeconfig /dev/null); fi
}

# kubeadm_version -> REPLY and KUBEADM_VERSION, such as v1.34.4; empty when kubeadm is missing or does not answer.
kubeadm_version() {
  KUBEADM_VERSION=$(limited 5 kubeadm version -o short) || KUBEADM_VERSION=''
  [[ $KUBEADM_VERSION =~ ^v[0-9]+\.[0-9]+\.[0-9A-Za-z.+-]+$ ]] || KUBEADM_VERSION=''
  REPLY=$KUBEADM_VERSION
}
