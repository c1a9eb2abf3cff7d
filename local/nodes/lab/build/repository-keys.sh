#!/bin/bash
# repository-keys.sh OUT_FOLDER
# What stands for the identity of the public package repository, made once for a cache:
#   signing-key.asc  the key that repositories are signed with
#   tls.crt tls.key  of pkgs.k8s.io and of prod-cdn.packages.k8s.io, where it sends its clients
#   ca.crt           who signed that certificate; lab nodes trust it, nobody else does. Its key is gone: it signs nothing more.
set -euo pipefail
OUT=$1
PARTIAL=$OUT.partial
umask 077
rm -rf "$PARTIAL"
mkdir -p "$PARTIAL"
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
clean_up() {
  gpgconf --kill all 2>/dev/null || true
  rm -rf "$GNUPGHOME"
}
trap clean_up EXIT

gpg --batch --quiet --passphrase '' --quick-generate-key 'Packages of the lab of kubeadm-autopilot <lab@localhost>' ed25519 sign never
gpg --batch --quiet --armor --export-secret-keys >"$PARTIAL/signing-key.asc"

cd "$PARTIAL"
key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650)
openssl req -x509 "${key[@]}" -keyout "$GNUPGHOME/ca.key" -out ca.crt -subj '/CN=CA of the lab of kubeadm-autopilot' \
  -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
openssl req -x509 "${key[@]}" -CA ca.crt -CAkey "$GNUPGHOME/ca.key" -keyout tls.key -out tls.crt -subj /CN=pkgs.k8s.io \
  -addext subjectAltName=DNS:pkgs.k8s.io,DNS:prod-cdn.packages.k8s.io -addext basicConstraints=critical,CA:FALSE \
  -addext extendedKeyUsage=serverAuth 2>/dev/null
mv "$PARTIAL" "$OUT"
