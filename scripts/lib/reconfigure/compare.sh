# Files of this node beside what kubeadm makes of the cluster's configuration.

# json_lines TEXT -> REPLY, an array of at most 40 lines of 300 characters
json_lines() {
  local line list='' number=0
  while IFS= read -r line; do
    [[ -n $line && $((number += 1)) -le 40 ]] || continue
    json_string "${line:0:300}"
    list="$list,$REPLY"
  done < <(printf '%s\n' "$1")
  REPLY="[${list#,}]"
}

# comparison_json IS DIFFERENCE [COMPONENT] -> REPLY
comparison_json() {
  local OBJECT=''
  put component "${3:-}"
  put is "$1"
  json_lines "$([[ $1 != changed ]] || printf '%s\n' "$2")"
  put_raw difference "$REPLY"
  put_close
}

# compare_manifests CONFIGURATION PREVIOUS -> REPLY, a JSON array. PREVIOUS: configurations with --- between, or empty.
compare_manifests() {
  local component components is lines file list='' number=0 patches=''
  [[ ! -d $ROOT$PATCHES ]] || patches=$ROOT$PATCHES
  render_manifests "$RENDERING/recorded" "$1" "$patches" || fail "kubeadm cannot make manifests of the cluster's configuration (ConfigMap kube-system/kubeadm-config): $REPLY"
  if [[ -n $2 ]]; then split_documents "$2" "$RENDERING/previous"; fi
  for file in "$RENDERING"/previous/*; do
    [[ -f $file ]] || continue
    # One that this kubeadm does not read any more tells nothing.
    render_manifests "$RENDERING/rendered-$((number += 1))" "$(cat "$file")" "$patches" || log "an earlier configuration: $REPLY"
  done
  own_static_pods && components=$REPLY
  for component in $components; do
    is=recorded
    difference "$RENDERING/recorded/$component.yaml" "$ROOT$MANIFESTS/$component.yaml"
    lines=$REPLY
    if [[ -n $lines ]]; then
      is=changed
      for file in "$RENDERING"/rendered-*/"$component.yaml"; do
        [[ -f $file ]] || continue
        difference "$file" "$ROOT$MANIFESTS/$component.yaml"
        [[ -n $REPLY ]] || is=previous
      done
    fi
    comparison_json "$is" "$lines" "$component"
    list="$list,$REPLY"
  done
  REPLY="[${list#,}]"
}

# kubelet_render FOLDER: FOLDER/config.yaml is what kubeadm would write for the kubelet. Returns 1 with kubeadm's words in REPLY.
kubelet_render() {
  local file said with patches=()
  api_kubeconfig && with=$REPLY
  rm -rf "$1"
  mkdir -p "$1"
  for file in instance-config.yaml kubeadm-flags.env; do
    [[ ! -f $ROOT$KUBELET/$file ]] || cp "$ROOT$KUBELET/$file" "$1/"
  done
  [[ ! -d $ROOT$PATCHES ]] || patches=(--patches "$ROOT$PATCHES")
  said=$(KUBEADM_UPGRADE_DRYRUN_DIR=$1 limited 60 kubeadm upgrade node phase kubelet-config --dry-run --kubeconfig "$with" ${patches[@]+"${patches[@]}"} 2>&1 </dev/null) && [[ -s $1/config.yaml ]] && return 0
  REPLY=$(printf '%s\n' "$said" | grep -v '^To see the stack trace' | tail -n 2 | tr '\n' ' ' | tail -c 400)
  return 1
}

# compare_kubelet CONFIGURATION PREVIOUS: sets KUBELET_IS and KUBELET_LINES. Where a reconfiguration has not come to this node yet, its file differs
# from what kubeadm would write now by just what the configurations differ by.
compare_kubelet() {
  local file lines
  kubelet_render "$RENDERING/kubelet" || fail "kubeadm cannot make a configuration of the kubelet (ConfigMap kube-system/kubelet-config): $REPLY"
  difference "$RENDERING/kubelet/config.yaml" "$ROOT$KUBELET/config.yaml"
  KUBELET_LINES=$REPLY KUBELET_IS=recorded
  [[ -n $KUBELET_LINES ]] || return 0
  KUBELET_IS=changed
  [[ -n $2 ]] || return 0
  split_documents "$2" "$RENDERING/kubelet-previous"
  printf '%s\n' "$1" >"$RENDERING/kubelet-recorded"
  for file in "$RENDERING"/kubelet-previous/*; do
    difference "$RENDERING/kubelet-recorded" "$file"
    lines=$REPLY
    if [[ $(printf '%s\n' "$lines" | sort) == "$(printf '%s\n' "$KUBELET_LINES" | sort)" ]]; then KUBELET_IS=previous; fi
  done
}

# patches_json -> REPLY, name and SHA-256 of each patch of this node
patches_json() {
  local file list='' OBJECT sum
  for file in "$ROOT$PATCHES"/*; do
    [[ -f $file ]] || continue
    OBJECT=''
    sum=$(printf '%s' "$(cat "$file")" | sha256sum)
    put name "${file##*/}"
    put sha256 "${sum%% *}"
    put_close
    list="$list,$REPLY"
  done
  REPLY="[${list#,}]"
}

# served_names FILE -> REPLY, a JSON array of the names and addresses in a certificate
served_names() {
  local name list='' names
  certificate_names "$1" && names=$REPLY
  for name in $names; do
    json_string "$name"
    list="$list,$REPLY"
  done
  REPLY="[${list#,}]"
}

# certificate_names FILE -> REPLY, names and addresses of a certificate, sorted, with spaces between
certificate_names() {
  REPLY=$(openssl x509 -in "$1" -noout -ext subjectAltName 2>/dev/null | tail -n +2 | tr ',' '\n' | sed -n 's/^ *\(DNS\|IP Address\)://p' | sort -u | tr '\n' ' ') || REPLY=''
}
