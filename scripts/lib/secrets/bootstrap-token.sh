# A bootstrap token: what a kubelet without a certificate may ask for one with. Its second half is a secret: it goes through pipes and into
# files that root alone reads, never into an argument, a log or a result.

# secret_parameter: sets SECRET, the name of the SSM parameter that holds the token. What came instead is not told: it might be the token.
secret_parameter() {
  parameter Secret
  [[ $REPLY =~ ^/kubeadm-autopilot/secrets/[a-z0-9-]{1,32}/[a-z0-9-]{1,64}$ ]] ||
    refuse "Parameter Secret has ${#REPLY} characters that are no name like /kubeadm-autopilot/secrets/<cluster>/<name>."
  SECRET=$REPLY
}

# bootstrap_token_read: sets TOKEN
bootstrap_token_read() {
  secret_read "$SECRET" || fail "The bootstrap token cannot be read from the parameter $SECRET: ${REPLY:-no reason was given.}"
  TOKEN=$REPLY REPLY=''
  [[ $TOKEN =~ ^[a-z0-9]{6}\.[a-z0-9]{16}$ ]] || fail "The parameter $SECRET holds no bootstrap token (6 characters, a point, 16 characters): write a new one, then run this again."
}

# without_token TEXT -> REPLY, a tool's words, in case it repeats what it was given
without_token() { REPLY=${1//"${TOKEN#*.}"/***}; }
