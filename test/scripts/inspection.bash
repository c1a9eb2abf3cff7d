# Shared by the tests of inspect-control-plane.sh: three control planes, cp-2 as at first before each test.

setup_file() {
  start_cluster main --control-planes 3 --workers 1 --days-left 12
}
teardown_file() { stop_clusters; }

setup() {
  on cp_2
  restore_node
}
teardown() {
  rm -rf "$NODE_ROOT/faults"
  tool systemctl start containerd
  tool systemctl start kubelet
}

# down COMPONENT: and it stays down, because the kubelet does not run either
down() {
  tool systemctl stop kubelet
  tool crictl rmp -f $(tool crictl pods --label "component=$1" -q) >/dev/null
}

# back: all components run again
back() {
  tool systemctl start kubelet
  until tool curl -skf https://127.0.0.1:6443/readyz >/dev/null; do sleep 0.1; done
}
