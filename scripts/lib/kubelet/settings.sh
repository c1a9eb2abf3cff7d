# What the kubelet of this node was told: its flags count more than its configuration, and that of a drop-in more than what it lays over.

# kubelet_read: sets KUBELET_FLAGS (arguments_read), KUBELET_CONFIG, the file, and KUBELET_SETTINGS, its values as yaml_paths tells them
kubelet_read() {
  local file drop_ins
  KUBELET_FLAGS=$(kubelet_command_line | arguments_read)
  flag_path "$KUBELET_FLAGS" config "$KUBELET/config.yaml" && KUBELET_CONFIG=$REPLY KUBELET_SETTINGS=''
  flag_path "$KUBELET_FLAGS" config-dir '' && drop_ins=$REPLY
  for file in "$ROOT$KUBELET_CONFIG" "$ROOT${drop_ins:-/no-drop-ins}"/*.conf; do
    if [[ -f $file && -r $file ]] && yaml_file "$file"; then KUBELET_SETTINGS=$KUBELET_SETTINGS$'\n'$REPLY; fi
  done
}

# kubelet_command_line -> stdout, a line each: of the process that runs, else of the files that its unit reads, in the order in which kubeadm's does.
kubelet_command_line() {
  local pid
  pid=$(limited 10 systemctl show kubelet -p MainPID --value 2>/dev/null) || pid=''
  if [[ $pid =~ ^[1-9][0-9]*$ && -s $ROOT/proc/$pid/cmdline ]]; then
    tr '\n\000' ' \n' <"$ROOT/proc/$pid/cmdline"
    return 0
  fi
  {
    sed -n 's/^Environment=//p' "$ROOT"{/usr/lib,/lib,/etc}/systemd/system/kubelet.service.d/*.conf || true
    sed '/^[[:space:]]*#/d' "$ROOT$KUBELET/kubeadm-flags.env" "$ROOT"/etc/{default,sysconfig}/kubelet || true
  } 2>/dev/null | tr -d "\"'" | sed 's/^[[:space:]]*[A-Z_]*=//' | tr -s '[:space:]' '\n'
}

# kubelet_setting NAME FLAG -> REPLY, what a flag says, else the configuration; empty where neither does
kubelet_setting() {
  flag "$KUBELET_FLAGS" "$2"
  [[ -n $REPLY ]] || yaml_at "$KUBELET_SETTINGS" "$1"
}

# kubelet_path NAME FLAG DEFAULT -> REPLY, an absolute path; one in the configuration may begin where that is
kubelet_path() {
  kubelet_setting "$1" "$2"
  case $REPLY in
    /*) ;;
    '') REPLY=$3 ;;
    *) REPLY=${KUBELET_CONFIG%/*}/$REPLY ;;
  esac
}
