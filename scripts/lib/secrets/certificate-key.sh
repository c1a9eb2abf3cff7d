# The key that the certificates of control planes are encrypted with while they are in the cluster for joining nodes.

# certificate_key_parameter: sets CERTIFICATE_KEY_SECRET, the name of the SSM parameter that holds it; empty for none
certificate_key_parameter() {
  parameter CertificateKey
  [[ $REPLY == none || $REPLY =~ ^/kubeadm-autopilot/secrets/[a-z0-9-]{1,32}/[a-z0-9-]{1,64}$ ]] ||
    refuse "Parameter CertificateKey has ${#REPLY} characters that are no name like /kubeadm-autopilot/secrets/<cluster>/<name>, and not none."
  CERTIFICATE_KEY_SECRET=${REPLY#none}
}

# certificate_key_read: sets CERTIFICATE_KEY
certificate_key_read() {
  secret_read "$CERTIFICATE_KEY_SECRET" || fail "The certificate key cannot be read from the parameter $CERTIFICATE_KEY_SECRET: ${REPLY:-no reason was given.}"
  CERTIFICATE_KEY=$REPLY REPLY=''
  [[ $CERTIFICATE_KEY =~ ^[0-9a-f]{64}$ ]] || fail "The parameter $CERTIFICATE_KEY_SECRET holds no certificate key (64 hexadecimal digits): start the operation again."
}
