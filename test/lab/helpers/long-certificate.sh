#!/bin/bash
# Gives this control plane's API server a certificate that ends long after a new one of kubeadm's would, signed by the same CA, as other tools
# make them. What runs here has it after its next start.
set -euo pipefail
cd /etc/kubernetes/pki
openssl x509 -x509toreq -in apiserver.crt -signkey apiserver.key -copy_extensions copyall |
  openssl x509 -req -copy_extensions copyall -CA ca.crt -CAkey ca.key -set_serial "0x4$(openssl rand -hex 7)" -days 3000 -out apiserver.crt.new
mv apiserver.crt.new apiserver.crt
