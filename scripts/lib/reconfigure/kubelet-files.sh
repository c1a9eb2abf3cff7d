# The files of a kubelet that kubeadm writes: its configuration and its flags. What they were before is kept until the kubelet is well.

KUBELET_BEFORE=$STATE/reconfigure/kubelet-before

# arguments_parameter: sets ARGUMENTS, lines +name=value and -name; empty where flags stay
arguments_parameter() {
  local line
  parameter Arguments
  ARGUMENTS=''
  [[ $REPLY != none ]] || return 0
  [[ $REPLY =~ ^[A-Za-z0-9+/]+=*$ ]] && ARGUMENTS=$(printf '%s' "$REPLY" | base64 -d 2>/dev/null) || refuse "Parameter Arguments is '${REPLY:0:60}', expected text in base64, or none: deploy the app again."
  while IFS= read -r line; do
    [[ -z $line || $line =~ ^-[a-z0-9-]+$ || $line =~ ^\+[a-z0-9-]+=[^[:space:]\"\'\\\$\`]*$ ]] ||
      refuse "Parameter Arguments has '${line:0:60}', expected +name=value without spaces, quotes, backslashes and dollar signs, or -name."
  done < <(printf '%s\n' "$ARGUMENTS")
}

# new_flags: sets FLAGS, the kubelet's flags of kubeadm-flags.env as they are to be, and FLAGS_CHANGED
new_flags() {
  local flag name line before
  before=$(sed -n 's/^KUBELET_KUBEADM_ARGS="\{0,1\}\([^"]*\).*/\1/p' "$ROOT$KUBELET/kubeadm-flags.env" 2>/dev/null | head -n 1) || before=''
  FLAGS=''
  for flag in $before; do
    name=${flag#--} name=${name%%=*}
    case $'\n'$ARGUMENTS$'\n' in
      *$'\n'[+]"$name"=* | *$'\n'-"$name"$'\n'*) ;;
      *) FLAGS="$FLAGS $flag" ;;
    esac
  done
  while IFS= read -r line; do
    if [[ $line == +* ]]; then FLAGS="$FLAGS --${line#+}"; fi
  done < <(printf '%s\n' "$ARGUMENTS")
  FLAGS=${FLAGS# } FLAGS_CHANGED=true
  # In whatever order.
  # shellcheck disable=SC2086 # flags, one word each
  if [[ $(printf '%s\n' $FLAGS | sort) == "$(printf '%s\n' $before | sort)" ]]; then FLAGS=$before FLAGS_CHANGED=false; fi
}

# kubelet_keep: as the files are now, unless a run that was cut off has kept them already
kubelet_keep() {
  local new=$KUBELET_BEFORE.new file
  [[ ! -d $KUBELET_BEFORE ]] || return 0
  rm -rf "$new"
  (umask 077 && mkdir -p "$new") || fail "${new#"$ROOT"} cannot be made: is the disk full or read-only?"
  for file in config.yaml kubeadm-flags.env; do
    [[ ! -f $ROOT$KUBELET/$file ]] || cp -p "$ROOT$KUBELET/$file" "$new/" || fail "$KUBELET/$file cannot be copied: is the disk full?"
  done
  mv "$new" "$KUBELET_BEFORE"
}

# kubelet_write: the configuration that kubeadm made, and FLAGS
kubelet_write() {
  local file=$ROOT$KUBELET/config.yaml
  cp "$RENDERING/kubelet/config.yaml" "$file.new" && chmod 644 "$file.new" && mv -f "$file.new" "$file" || fail "$KUBELET/config.yaml cannot be written: is the disk full or read-only?"
  [[ $FLAGS_CHANGED == true ]] || return 0
  file=$ROOT$KUBELET/kubeadm-flags.env
  printf 'KUBELET_KUBEADM_ARGS="%s"\n' "$FLAGS" >"$file.new" && mv -f "$file.new" "$file" || fail "$KUBELET/kubeadm-flags.env cannot be written: is the disk full or read-only?"
}

# kubelet_well SECONDS: its own /healthz. Returns 1 with the reason in REPLY.
kubelet_well() {
  local until=$((SECONDS + $1)) port address
  kubelet_read
  kubelet_setting healthzPort healthz-port && port=${REPLY:-10248}
  kubelet_setting healthzBindAddress healthz-bind-address && loopback_for "${REPLY:-127.0.0.1}" && address=$REPLY
  if [[ $port == 0 ]]; then return 0; fi
  until [[ $(limited 7 curl -s --max-time 5 "http://$address:$port/healthz" 2>/dev/null) == ok ]]; do
    REPLY="http://$address:$port/healthz does not answer ok"
    [[ $SECONDS -lt $until ]] || return 1
    sleep 0.5
  done
}

# kubelet_give_back REASON: the files from before, and ends the step
kubelet_give_back() {
  local reason=$1 said file
  said=$(limited 10 journalctl -u kubelet --since "@$STARTED_AT" -n 100 --no-pager -o cat 2>/dev/null | grep -i 'err\|fatal\|fail' | tail -n 1 | tail -c 300) || said=''
  step 'put back what was there'
  for file in config.yaml kubeadm-flags.env; do
    [[ ! -f $KUBELET_BEFORE/$file ]] || cp -p "$KUBELET_BEFORE/$file" "$ROOT$KUBELET/$file" || fail "$KUBELET/$file cannot be written: is the disk full or read-only?"
  done
  kubelet_stays "$PATIENCE" && kubelet_well "$PATIENCE" ||
    fail "With its new configuration the kubelet does not stay active: $reason. The one from before is back, and yet $REPLY: look at 'journalctl -u kubelet' on this node."
  rm -rf "$KUBELET_BEFORE"
  fail "With its new configuration the kubelet does not stay active: $reason${said:+; its log: $said}. The one from before is back. Correct the section kubernetes of the cluster's settings, deploy, then start again."
}
