#!/bin/bash
# package-repository.sh MARKER PACKAGES_FOLDER KUBERNETES_VERSION KEYS_FOLDER
# Publishes all packages of a version's minor that there are in PACKAGES_FOLDER/pool as PACKAGES_FOLDER/stable/MINOR/deb: a flat repository as
# https://pkgs.k8s.io/core:/stable:/v1.34/deb/ is, signed. Makes the folder MARKER when it is done.
set -euo pipefail
MARKER=$1 PACKAGES=$2 VERSION=$3 KEYS=$4
MINOR=$(cut -d. -f1-2 <<<"$VERSION")
ARCHITECTURE=$(dpkg --print-architecture)
PROJECT=isv:kubernetes:core:stable:$MINOR # as the Open Build Service, which the public one comes from, names it

mkdir -p "$PACKAGES/stable"
exec 8>"$PACKAGES/lock"
flock 8
NEW=$PACKAGES/stable/.$MINOR
rm -rf "$NEW"
mkdir -p "$NEW/deb/$ARCHITECTURE"
ln -f "$PACKAGES/pool/$MINOR".*/*.deb "$NEW/deb/$ARCHITECTURE/"

GNUPGHOME=$(mktemp -d)
export GNUPGHOME
clean_up() {
  gpgconf --kill all 2>/dev/null || true
  rm -rf "$GNUPGHOME"
}
trap clean_up EXIT
gpg --batch --quiet --import "$KEYS/signing-key.asc"

cd "$NEW/deb"
apt-ftparchive packages . | sed 's|^Filename: \./|Filename: |' >Packages
gzip -9nk Packages
{
  echo "Origin: obs://build.opensuse.org/$PROJECT/deb"
  echo "Label: $PROJECT"
  echo 'Codename: deb'
  echo "Architectures: $ARCHITECTURE"
  echo "Description: Kubernetes $MINOR (Stable), made by the lab"
  apt-ftparchive release .
} >../Release
mv ../Release Release
gpg --batch --quiet --digest-algo SHA512 --clearsign -o InRelease Release
gpg --batch --quiet --digest-algo SHA512 --armor --detach-sign -o Release.gpg Release
gpg --batch --quiet --armor --export >Release.key

rm -rf "$PACKAGES/stable/$MINOR"
mv "$NEW" "$PACKAGES/stable/$MINOR"
mkdir -p "$MARKER"
