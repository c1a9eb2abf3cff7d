# What has to be true before the first file changes. Each refusal is one sentence with what to do; the order goes from what can never be
# mended here to what often can.

# renewal_preconditions UNTIL: as the parameter says. What only kubeadm needs is not asked for when all files are renewed (FILES_DONE).
renewal_preconditions() {
  refuse_without_control_plane
  if [[ -z $FILES_DONE ]]; then
    refuse_external_ca
    refuse_replaced_ca
    refuse_unreadable_certificates
  fi
  refuse_without_runtime "$1"
  if [[ -z $FILES_DONE ]]; then
    refuse_without_kubeadm
    refuse_without_space
  fi
}

refuse_without_control_plane() {
  local component
  [[ $CONTROL_PLANE == yes ]] || refuse "This node is no control plane: there is neither $MANIFESTS/kube-apiserver.yaml nor $PKI/apiserver.crt; check the tag kubeadm-autopilot:role."
  for component in $STATIC_PODS; do
    if [[ $component == etcd && $ETCD != stacked ]]; then continue; fi
    [[ -s $ROOT$MANIFESTS/$component.yaml ]] || refuse "$MANIFESTS/$component.yaml is not there: put the manifest back (look in /var/lib/kubeadm-autopilot/backups and $KUBERNETES/tmp), then run this again."
  done
}

# refuse_external_ca: without its key kubeadm renews nothing, and says so with exit code 0.
refuse_external_ca() {
  local pair name certificate key
  for pair in "ca=$PKI/ca.crt" "front-proxy-ca=$PKI/front-proxy-ca.crt" "etcd-ca=$ETCD_CA"; do
    name=${pair%%=*} certificate=${pair#*=} key=${pair#*=}
    key=${key%.*}.key
    if [[ $name == etcd-ca && $ETCD != stacked ]]; then continue; fi
    [[ -s $ROOT$key ]] || refuse "External CA: $key is not on this node, so kubeadm cannot renew what $name signs; renew those certificates where the key is kept."
    row_number "$name"
    [[ -n $REPLY && -z ${R_ERROR[REPLY]} ]] || refuse "$certificate of $name cannot be read (${R_ERROR[${REPLY:-0}]:-missing}): restore it from another control plane or a backup."
    ! row_ended "$REPLY" || refuse "$name itself ended at ${R_AFTER[REPLY]}: no certificate that it signs can be valid; rotate the CA by hand (kubernetes.io: manual rotation of CA certificates)."
    [[ $(openssl x509 -in "$ROOT$certificate" -noout -pubkey) == "$(openssl pkey -in "$ROOT$key" -pubout 2>/dev/null)" ]] ||
      refuse "$key does not belong to $certificate: what it signs nobody would trust; restore the pair from another control plane or a backup."
  done
}

# refuse_replaced_ca: kubeadm would sign with a CA that the rest of the cluster may not trust. What a foreign CA signed is left alone (gains.sh).
refuse_replaced_ca() {
  local i
  for ((i = 0; i < ${#R_NAME[@]}; i++)); do
    [[ " ${R_FLAGS[i]} " != *' kubeadm'*' another '* ]] || refuse "${R_PATH[i]} (${R_NAME[i]}) was signed by another CA (${R_SIGNER[i]}) than those of this node, and a renewal would replace it: see 'Signed by another CA' in the runbook."
  done
}

# refuse_unreadable_certificates: kubeadm copies names from the old certificate, so it has to be readable. After a kill in the middle of
# kubeadm's own writing, mend_half_written has put the old file back before.
refuse_unreadable_certificates() {
  local i
  for i in $(renewable_rows); do
    [[ -z ${R_ERROR[i]} ]] || refuse "${R_PATH[i]} (${R_NAME[i]}) cannot be renewed: ${R_ERROR[i]}; restore it from a backup, or delete it and create it again with 'kubeadm init phase'."
  done
}

refuse_without_runtime() {
  # Only files change: of a dead cluster they are renewed before its kubelets can run again.
  [[ $1 == files ]] || kubelet_active || refuse "The kubelet restarts the static pods, but $REPLY; start it, then run this again."
  limited 10 crictl ps -q >/dev/null || refuse "crictl does not answer, and without it the static pods cannot be restarted: look at the container runtime (crictl info), then run this again."
}

refuse_without_kubeadm() {
  kubeadm_version
  [[ -n $REPLY ]] || refuse "kubeadm does not tell its version: install the kubeadm of this cluster's version, then run this again."
}

refuse_without_space() {
  local free needed
  disk_free_kib "$STATE" && free=$REPLY
  backup_needs_kib && needed=$REPLY
  [[ $free -ge $needed ]] || refuse "Disk space: $free KiB are free below /var/lib/kubeadm-autopilot, the backup needs $needed KiB; make space, then run this again."
  disk_free_kib "$ROOT$KUBERNETES" && free=$REPLY
  [[ $free -ge 1024 ]] || refuse "Disk space: $free KiB are free below $KUBERNETES, the new certificates need 1024 KiB; make space, then run this again."
}
