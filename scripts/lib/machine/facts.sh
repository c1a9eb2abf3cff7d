# What a machine is, as the kernel and its tools tell it. What cannot be told is left out of the answer.

# mib_free FOLDER -> REPLY
mib_free() {
  disk_free_kib "$ROOT$1"
  REPLY=$((REPLY / 1024))
}

# system_json -> REPLY
system_json() {
  local OBJECT='' id version
  id=$(sed -n 's/^ID=//p' "$ROOT/etc/os-release" 2>/dev/null | tr -d '"' | head -n 1) || id=''
  version=$(sed -n 's/^VERSION_ID=//p' "$ROOT/etc/os-release" 2>/dev/null | tr -d '"' | head -n 1) || version=''
  put id "${id:-unknown}"
  put version "$version"
  put architecture "$(uname -m)"
  put_close
}

# memory_mib -> REPLY
memory_mib() {
  REPLY=$(sed -n 's/^MemTotal: *\([0-9]*\) kB.*/\1/p' "$ROOT/proc/meminfo" 2>/dev/null) || REPLY=''
  REPLY=$((${REPLY:-0} / 1024))
}

# cpus_online -> REPLY
cpus_online() {
  REPLY=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || REPLY=0
}

# default_macs -> REPLY, a line each: of the interfaces with a default route, because bridges and pods' ends have some, too
default_macs() {
  local name rest macs=''
  while read -r name rest; do
    case $rest in
      00000000*) if [[ -r $ROOT/sys/class/net/$name/address ]]; then macs=$macs$(cat "$ROOT/sys/class/net/$name/address")$'\n'; fi ;;
    esac
  done <"$ROOT/proc/net/route"
  REPLY=$macs
}

# ports_listening PORT... -> REPLY, members of an array: those of these ports on which somebody listens (TCP, state 0A)
ports_listening() {
  local port wanted="$*" listening=' ' address state rest
  while read -r rest address rest state rest; do
    [[ $state != 0A ]] || listening="$listening$((16#${address##*:})) "
  done < <(cat "$ROOT/proc/net/tcp" "$ROOT/proc/net/tcp6" 2>/dev/null | grep -v 'local_address')
  REPLY=''
  for port in $wanted; do
    if [[ $listening == *" $port "* ]]; then REPLY=$REPLY,$port; fi
  done
  REPLY=${REPLY#,}
}

# clock_state -> REPLY
clock_state() {
  REPLY=$(limited 10 timedatectl show -p NTPSynchronized --value 2>/dev/null) || REPLY=''
  case $REPLY in
    yes) REPLY=synchronised ;;
    no) REPLY='not synchronised' ;;
    *) REPLY=unknown ;;
  esac
}

# runtime_json -> REPLY
runtime_json() {
  local OBJECT='' socket sockets=''
  containerd_version
  put containerd "$REPLY"
  crio_version
  put crio "$REPLY"
  cri_dockerd_version
  put criDockerd "$REPLY"
  for socket in containerd/containerd.sock crio/crio.sock cri-dockerd.sock; do
    if [[ -S $ROOT/run/$socket ]]; then sockets="$sockets,\"/run/$socket\""; fi
  done
  put_raw sockets "[${sockets#,}]"
  put_close
}

# installed_json -> REPLY
installed_json() {
  local OBJECT='' name
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    put manager apt
    for name in kubeadm kubelet; do
      package_version "$name"
      put "$name" "$REPLY"
    done
  elif command -v dnf >/dev/null; then
    put manager dnf
  else
    put manager none
  fi
  put_close
}

# membership_json -> REPLY: of which cluster this machine is a node, or was about to be
membership_json() {
  local OBJECT=''
  cluster_state
  put state "$CLUSTER_STATE"
  put step "$CLUSTER_STEP"
  put file "$CLUSTER_FILE"
  if [[ $CLUSTER_STATE == joined && -e $CREATE_UNPROVEN ]]; then put_raw unproven true; fi
  if [[ $CLUSTER_STATE == joined ]] && is_etcd_member; then put_raw etcdMember true; fi
  ca_hash
  put caHash "$REPLY"
  if [[ -e $ROOT$MANIFESTS/kube-apiserver.yaml ]]; then
    put_raw controlPlane true
    if kubeconfig_read "$ROOT$KUBERNETES/admin.conf" && [[ $K_SERVER =~ ^https://([A-Za-z0-9.-]+:[0-9]+)/?$ ]]; then put endpoint "${BASH_REMATCH[1]}"; fi
  fi
  kubelet_setting cgroupDriver cgroup-driver
  if [[ $CLUSTER_STATE == joined && $REPLY =~ ^(systemd|cgroupfs)$ ]]; then put cgroupDriver "$REPLY"; fi
  put_close
}

# secrets_json -> REPLY: whether this node can read secrets as the role of its instance
secrets_json() {
  local METADATA=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254} METADATA_TOKEN='' ROLE=''
  local ROLE_KEY_ID='' ROLE_SECRET_KEY='' ROLE_SESSION_TOKEN='' REGION='' HTTP_CODE='' HTTP_BODY='' OBJECT=''
  METADATA=${METADATA%/}
  if instance_credentials; then
    put_raw ok true
  else
    put_raw ok false
    put reason "$REPLY"
  fi
  put_close
}
