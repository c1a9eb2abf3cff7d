# kubeadm_version -> REPLY and KUBEADM_VERSION, such as v1.34.4; empty when kubeadm is missing or does not answer.
kubeadm_version() {
  KUBEADM_VERSION=$(limited 5 kubeadm version -o short) || KUBEADM_VERSION=''
  [[ $KUBEADM_VERSION =~ ^v[0-9]+\.[0-9]+\.[0-9A-Za-z.+-]+$ ]] || KUBEADM_VERSION=''
  REPLY=$KUBEADM_VERSION
}
