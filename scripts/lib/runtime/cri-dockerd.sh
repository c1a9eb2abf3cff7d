# Docker behind cri-dockerd, which speaks the CRI for it. Docker comes from the machine's own packages; cri-dockerd has no repository, so it has to be
# on the machine, or where apt finds it.

DOCKER_CONFIG=/etc/docker/daemon.json
CRI_DOCKERD_CONFIG=/etc/systemd/system/cri-docker.service.d/10-kubeadm-autopilot.conf

# cri_dockerd_version -> REPLY, X.Y.Z; empty where it is not installed
cri_dockerd_version() {
  REPLY=$(limited 10 cri-dockerd --version 2>&1 | sed -n 's/^cri-dockerd \([0-9.]*\).*/\1/p' | head -n 1) || REPLY=''
}

docker_driver() {
  REPLY=$(limited 20 docker info 2>/dev/null | sed -n 's/^ *Cgroup Driver: *//p') || REPLY=''
}

cri_dockerd_install() {
  local said
  if ! command -v dockerd >/dev/null; then
    said=$(apt_get update) && said=$(apt_get install --yes --no-remove docker.io) || fail "Docker cannot be installed: $(apt_says "$said") Install it on the machine's image, or give apt a repository that has it."
    CHANGED=true
  fi
  cri_dockerd_version
  [[ -z $REPLY ]] || return 0
  said=$(apt_get install --yes --no-remove cri-dockerd) || refuse "cri-dockerd is not on this machine, and apt does not find it: $(apt_says "$said") Install its package on the machine's image (github.com/Mirantis/cri-dockerd/releases); it has no repository."
  CHANGED=true
}

# docker_configure DRIVER: a configuration that somebody wrote stays.
docker_configure() {
  local file=$ROOT$DOCKER_CONFIG
  limited 90 systemctl enable --now docker || fail "systemctl enable --now docker ended with $?: look at 'journalctl -u docker', then run this again."
  docker_driver
  [[ $REPLY != "$1" ]] || return 0
  [[ ! -s $file ]] || refuse "Docker has the cgroup driver ${REPLY:-it does not tell}, expected $1: add \"exec-opts\": [\"native.cgroupdriver=$1\"] to $DOCKER_CONFIG on the image, which somebody wrote, or change kubernetes.cgroupDriver."
  write_or_fail "$file" "{\"exec-opts\":[\"native.cgroupdriver=$1\"]}"
  limited 90 systemctl restart docker || fail "systemctl restart docker ended with $?: look at 'journalctl -u docker', then run this again."
  CHANGED=true
  docker_driver
  [[ $REPLY == "$1" ]] || fail "Docker does not take the cgroup driver $1 from $DOCKER_CONFIG: look at 'docker info'."
}

# cri_dockerd_configure DRIVER PAUSE: its socket is systemd's, its flags are in a drop-in. Sets RUNTIME_CHANGED.
cri_dockerd_configure() {
  local text file=$ROOT$CRI_DOCKERD_CONFIG program
  docker_configure "$1"
  program=$(command -v cri-dockerd)
  text=$'[Service]\nExecStart=\n'"ExecStart=${program#"$ROOT"} --container-runtime-endpoint fd:// --network-plugin=cni --pod-infra-container-image=$2"
  RUNTIME_CHANGED=''
  [[ $(cat "$file" 2>/dev/null) != "$text" ]] || return 0
  write_or_fail "$file" "$text"
  chmod 644 "$file"
  limited 60 systemctl daemon-reload || fail "systemctl daemon-reload ended with $?."
  limited 60 systemctl enable --now cri-docker.socket || fail "systemctl enable --now cri-docker.socket ended with $?: look at 'systemctl status cri-docker.socket'."
  RUNTIME_CHANGED=yes
}
