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
  text=$(limited 4 kubectl --kubeconfig="$ROOT$KUBERNETES/admin.conf" --request-timeout=3s -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}') || text=''
  REPLY='the API server did not answer'
  [[ $'\n'$text == *$'\n''kind: ClusterConfiguration'* && $text == *'apiVersion: kubeadm.k8s.io/'* ]] || return 1
  if [[ -f $CLUSTER_CONFIGURATION && $(cat "$CLUSTER_CONFIGURATION") == "$text" ]]; then return 0; fi
  REPLY='it could not be written'
  write_file "$CLUSTER_CONFIGURATION" "$text"
}

# kubeadm_configuration: sets KUBEADM_CONFIGURATION, options of kubeadm: the saved one. Without it kubeadm asks the API server, and takes its
# defaults when that does not answer; one without etcd lets it wait for that (10 s and longer in the lab). Where none would let admin.conf in,
# kubeadm is not given it, and does not ask. Needs the inventory.
kubeadm_configuration() {
  KUBEADM_CONFIGURATION=()
  if [[ -s $CLUSTER_CONFIGURATION ]]; then
    KUBEADM_CONFIGURATION=(--config "$CLUSTER_CONFIGURATION")
    return 0
  fi
  row_number admin.conf
  if [[ -n $REPLY ]] && row_ended "$REPLY"; then KUBEADM_CONFIGURATION=(--kubeconfig /dev/null); fi
}

# kubeadm_version -> REPLY and KUBEADM_VERSION, such as v1.34.4; empty when kubeadm is missing or does not answer.
kubeadm_version() {
  KUBEADM_VERSION=$(limited 5 kubeadm version -o short) || KUBEADM_VERSION=''
  [[ $KUBEADM_VERSION =~ ^v[0-9]+\.[0-9]+\.[0-9A-Za-z.+-]+$ ]] || KUBEADM_VERSION=''
  REPLY=$KUBEADM_VERSION
}
