# Shared by the tests of check-certificates.sh: a control plane and a worker, as at first before each test.

setup_file() {
  start_cluster main --control-planes 1 --workers 1 --days-left 12 --expired scheduler.conf
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
}
teardown() {
  rm -rf "$NODE_ROOT/faults"
  tool systemctl start kubelet
}

row() { ask "r.certificates.find((row) => row.name === '$1')${2:-}"; }
served() { ask "r.served.find((row) => row.port === $1)${2:-}"; }
