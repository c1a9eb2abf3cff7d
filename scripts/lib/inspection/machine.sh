# What an upgrade has to know of a machine, whatever its role.

# machine_json TARGET-MINOR -> REPLY. TARGET-MINOR (37) empty: without packages. Needs kubelet_name's X_AFTER in KUBELET_ENDS.
machine_json() {
  local OBJECT='' arguments own=''
  put hostname "$(uname -n)"
  own=$(limited 5 kubeadm version -o short 2>/dev/null | sed -n 's/^v//p') || own=''
  put kubeadm "$own"
  own=${own#1.} own=${own%%.*}
  put kubelet "$(limited 5 kubelet --version 2>/dev/null | sed -n 's/^Kubernetes v//p')"
  put kubectl "$(limited 5 kubectl version --client 2>/dev/null | sed -n 's/^Client Version: v//p' | sed 's/-dispatcher$//')"
  if kubelet_active; then fact true ''; else fact false "$REPLY"; fi
  put_raw kubeletActive "$REPLY"
  kubelet_facts
  if [[ -e $ROOT/sys/fs/cgroup/cgroup.controllers ]]; then put cgroup v2; else put cgroup v1; fi
  if [[ -s $ROOT$KUBELET/instance-config.yaml ]]; then put_raw instanceConfig true; else put_raw instanceConfig false; fi
  runtime_sockets
  put_raw runtimeSockets "$REPLY"
  crio_version
  put crio "$REPLY"
  packages_json "${own:-$1}" "$1"
  put_raw packages "$REPLY"
  machine_disk
  put_raw disk "$REPLY"
  endpoint_json
  put_raw endpoint "$REPLY"
  storage_json
  put_raw bucket "$REPLY"
  kubelet_setting rotateCertificates rotate-certificates
  [[ $REPLY == true ]] || REPLY=false
  arguments=$REPLY
  put_raw kubeletCertificate "{${KUBELET_ENDS:+\"notAfter\":\"$KUBELET_ENDS\",}\"rotates\":$arguments}"
  # Whoever changes this node holds the lock, also when the operation that sent it is no more. Exit code 1 alone means that it is held.
  if [[ -e $STATE/lock ]]; then
    limited 5 flock -n -s "$STATE/lock" true || [[ $? != 1 ]] || put_raw running true
  fi
  put_close
}

# kubelet_facts: adds its flags, gates and setting. What runs counts, else what kubeadm wrote: flags of a file that nobody reads do not.
kubelet_facts() {
  local pid arguments='' written config=''
  pid=$(limited 10 systemctl show kubelet -p MainPID --value 2>/dev/null) || pid=''
  [[ ! -r $ROOT/proc/${pid:-none}/cmdline ]] || arguments=$(tr '\000' '\n' <"$ROOT/proc/$pid/cmdline" 2>/dev/null) || arguments=''
  written=$(sed -n 's/^KUBELET_KUBEADM_ARGS=//p' "$ROOT$KUBELET/kubeadm-flags.env" 2>/dev/null | tr -d '"' | tr ' ' '\n' | flag_names) || written=''
  names_json 60 "$(printf '%s\n' "$written")"
  put_raw kubeadmFlags "$REPLY"
  # Without those of kubeadm's own unit file.
  names_json 60 "$(printf '%s\n' "$arguments" | flag_names | grep -vxF "$written"$'\nbootstrap-kubeconfig\nkubeconfig\nconfig')"
  put_raw kubeletFlags "$REPLY"
  config=$(yaml_fields '{.failCgroupV1}|{.featureGates}' <"$ROOT$KUBELET/config.yaml" 2>/dev/null) || config=''
  names_json 80 "$(gate_names "$(printf '%s\n' "$arguments" | sed -n 's/^--feature-gates=//p')"$'\n'"${config#*|}")"
  put_raw kubeletGates "$REPLY"
  case ${config%%|*} in true | false) put_raw failCgroupV1 "${config%%|*}" ;; esac
}

# runtime_sockets -> REPLY
runtime_sockets() {
  local socket sockets=''
  for socket in containerd/containerd.sock crio/crio.sock cri-dockerd.sock; do
    if [[ -S $ROOT/run/$socket ]]; then sockets=$sockets/run/$socket$'\n'; fi
  done
  names_json 10 "$sockets"
}

# packages_json FROM TO -> REPLY
packages_json() {
  local OBJECT='' said
  if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
    if command -v dnf >/dev/null; then put manager dnf; else put manager none; fi
    put_close
    return 0
  fi
  put manager apt
  said=$(limited 60 dpkg --audit 2>&1) || true
  put interrupted "$(one_line "$said")"
  # It waits for whoever else installs packages just now.
  said=$(limited 330 apt-get -q -o DPkg::Lock::Timeout=300 check 2>&1) || [[ $said != *'Could not get lock'* ]] || put_raw locked true
  if [[ -n $2 ]]; then
    # A minor back is asked too: a node may have come further than the others.
    offers_json "$1" "$2"
    put_raw offered "$REPLY"
  fi
  put_close
}

# machine_disk -> REPLY
machine_disk() {
  local free images=/var/lib/containerd
  [[ -d $ROOT$images ]] || images=/var/lib/containers
  disk_free_kib "$STATE" && free=$REPLY
  disk_free_kib "$ROOT$images"
  REPLY="{\"freeKiB\":$free,\"imagesFreeKiB\":$REPLY}"
}

# endpoint_json -> REPLY: the address by which other nodes find the API
endpoint_json() {
  local address=$ENDPOINT
  if [[ -z $address ]]; then
    kubeconfig_salvage "$ROOT$KUBERNETES/kubelet.conf"
    address=${K_SERVER#https://} address=${address%/}
  fi
  if reaches "https://$address/readyz"; then fact true ''; else fact false "$REPLY"; fi
}

# storage_json -> REPLY: S3 of this node's region, where the operations bucket is; empty when nobody has told the region, as the SSM agent does
storage_json() {
  local address=${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-}} region=${AWS_SSM_REGION_NAME:-}
  if [[ -z $address && $region =~ ^[a-z0-9-]+$ ]]; then
    address=https://s3.$region.amazonaws.com
    [[ $region != cn-* ]] || address=$address.cn
  fi
  REPLY=''
  [[ -n $address ]] || return 0
  if reaches "$address/"; then fact true ''; else fact false "$REPLY"; fi
}

# reaches URL: anything answers there, whatever it says
reaches() {
  local said
  said=$(limited 12 curl -sSk -o /dev/null --max-time 10 -w '%{http_code}' "$1" 2>&1) || true
  [[ $said != [1-5][0-9][0-9] ]] || return 0
  REPLY="no answer from ${1%%\?*}: $(printf '%s' "$said" | sed 's/000$//' | tail -n 1 | head -c 200)"
  return 1
}
