# Packages brought to the node before they are installed.

# packages_download VERSION NAME...: with what they depend on. Nothing is installed.
packages_download() {
  local said
  packages_wanted "$@"
  said=$(apt_get install --yes --download-only --allow-change-held-packages --no-remove "${WANTED[@]}") ||
    fail "The packages of Kubernetes $1 cannot be downloaded: $(apt_says "$said")"
}
