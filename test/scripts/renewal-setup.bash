# Shared by the tests of renew-certificates.sh: a control plane whose certificates end soon, as at first before each test.

setup_file() {
  start_cluster main --control-planes 1 --days-left 12 --expired scheduler.conf
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  remember_manifests
  BEFORE=$(serials)
}
teardown() {
  rm -rf "$NODE_ROOT/faults"
  tool systemctl start containerd
  tool systemctl start kubelet
}
