#!/bin/bash
# Lets nodes join the cluster of this control plane: a bootstrap token of an hour, and the certificates that further control planes need, encrypted
# with a key that no one but those nodes reads. Or deletes both. Result: PreparedJoin (lambdas/contracts/create-steps.ts).
#
# Parameters: Secret          name of the SSM parameter that holds the bootstrap token; the node reads it itself
#             CertificateKey  the same of the certificate key, or none: no control plane joins
#             Action          create, or delete

. "${BASH_SOURCE%/*}/lib/core/step.sh"
. "${BASH_SOURCE%/*}/lib/core/json.sh"
. "${BASH_SOURCE%/*}/lib/core/time.sh"
. "${BASH_SOURCE%/*}/lib/core/time-from-now.sh"
. "${BASH_SOURCE%/*}/lib/core/disk.sh"
. "${BASH_SOURCE%/*}/lib/core/file-text.sh"
. "${BASH_SOURCE%/*}/lib/core/yaml.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/paths.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/arguments.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/listen.sh"
. "${BASH_SOURCE%/*}/lib/kubelet/settings.sh"
. "${BASH_SOURCE%/*}/lib/kubernetes/kubectl.sh"
. "${BASH_SOURCE%/*}/lib/certificates/x509.sh"
. "${BASH_SOURCE%/*}/lib/kubeadm/cluster-configuration.sh"
. "${BASH_SOURCE%/*}/lib/secrets/aws-signature.sh"
. "${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
. "${BASH_SOURCE%/*}/lib/secrets/bootstrap-token.sh"
. "${BASH_SOURCE%/*}/lib/secrets/token-secret.sh"
. "${BASH_SOURCE%/*}/lib/secrets/certificate-key.sh"
. "${BASH_SOURCE%/*}/lib/create/record.sh"
. "${BASH_SOURCE%/*}/lib/create/kubeadm-run.sh"

LIFE_SECONDS=3600

# wait_until_signed: nodes find the cluster by a ConfigMap that the controller manager signs with the token.
wait_until_signed() {
  local until=$((SECONDS + PATIENCE)) said
  until said=$(kubectl_here -n kube-public get configmap cluster-info -o "jsonpath={.data.jws-kubeconfig-${TOKEN%%.*}}" 2>&1) && [[ $said =~ ^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$ ]]; do
    [[ $SECONDS -lt $until ]] || fail "The controller manager has not signed kube-public/cluster-info with the token within $PATIENCE s: does one run (crictl logs), with the controller bootstrapsigner?"
    sleep 0.5
  done
}

# certificates_upload: kubeadm takes the key only from its configuration, where it is in no process's arguments.
certificates_upload() {
  local api
  current_configuration
  api=$(printf '%s\n' "$CONFIGURATION" | sed -n 's,^apiVersion: *\(kubeadm.k8s.io/v1[a-z0-9]*\) *$,\1,p' | head -n 1)
  CONFIGURATION=$(printf 'apiVersion: %s\nkind: InitConfiguration\ncertificateKey: "%s"\n---\n%s\n' "$api" "$CERTIFICATE_KEY" "$CONFIGURATION")
  HIDDEN+=("$CERTIFICATE_KEY")
  configuration_write
  kubeadm_run 120 init phase upload-certs --upload-certs --config "$KUBEADM_CONFIG" --skip-certificate-key-print
  [[ $KUBEADM_CODE == 0 ]] || fail "kubeadm init phase upload-certs ended with $KUBEADM_CODE: ${KUBEADM_SAID}Look at the log, then run this again."
  secrets_remove
}

# certificates_delete: sets CHANGED
certificates_delete() {
  local answer
  answer=$(kubectl_here -n kube-system delete secret kubeadm-certs --ignore-not-found 2>&1) ||
    fail "The Secret kube-system/kubeadm-certs could not be deleted: $(printf '%s' "$answer" | tail -n 1 | head -c 300). It ends by itself within two hours."
  [[ $answer != *deleted* ]] || CHANGED=true
}

step_begin
secret_parameter
certificate_key_parameter
parameter Action
ACTION=$REPLY CHANGED=false HASH=''
[[ $ACTION == create || $ACTION == delete ]] || refuse "Parameter Action is '${ACTION:0:60}', expected create or delete."
step_lock
topology
refuse_unless_administrator

step "$ACTION the bootstrap token"
if [[ $ACTION == delete ]]; then
  token_delete
  certificates_delete
else
  bootstrap_token_read
  token_create "$LIFE_SECONDS" true 'nodes that join'
  wait_until_signed
  CHANGED=true
  if [[ -n $CERTIFICATE_KEY_SECRET ]]; then
    step 'upload the certificates'
    certificate_key_read
    certificates_upload
  fi
  ca_hash
  HASH=$REPLY
  [[ -n $HASH ]] || fail "The certificate of this cluster's CA cannot be read: $PKI/ca.crt."
fi

step 'answer'
OBJECT=''
put node "$(uname -n)"
put_raw changed "$CHANGED"
put caHash "$HASH"
put_close
result "$REPLY"
