# Is this control plane as an upgrade has to leave it? kubeadm's own exit code is no proof: it skips components whose manifests are as they
# should be without looking whether they run.

# Seconds that etcd and the API server get after a change: a single control plane may take four minutes (docs/node-steps.md).
UPGRADE_PATIENCE=$((PATIENCE * 2))

# own_static_pods -> REPLY, names: those that this control plane has to have
own_static_pods() {
  REPLY=$STATIC_PODS
  [[ $ETCD == stacked ]] || REPLY=${STATIC_PODS#etcd }
}

# control_plane_well: every static pod runs the image of its manifest and is healthy. REPLY says what is not so.
control_plane_well() {
  local component
  if ! kubelet_active; then return 1; fi
  own_static_pods
  for component in $REPLY; do
    manifest_image "$component"
    if [[ -z $REPLY ]]; then REPLY="$MANIFESTS/$component.yaml is not there or names no image" && return 1; fi
    runs_image "$component" "$REPLY" && healthy "$component" || return 1
  done
}

# wait_until_well SECONDS: twice in a row. Returns 1 with the reason in REPLY.
wait_until_well() {
  local until=$((SECONDS + $1)) well=0
  while [[ $well -lt 2 ]]; do
    if control_plane_well; then
      well=$((well + 1))
    else
      well=0
      [[ $SECONDS -lt $until ]] || return 1
    fi
    sleep 1
  done
}

# component_says REASON -> REPLY, REASON, and what the component that it names said before it ended. Short, because what to do comes after it.
component_says() {
  local component id said=''
  for component in $STATIC_PODS; do
    if [[ $1 != *"$component"* ]]; then continue; fi
    id=$(limited 10 crictl ps -a --name "^$component\$" --state Exited -q | head -n 1) || id=''
    [[ -z $id ]] || said=$(limited 10 crictl logs --tail 20 "$id" 2>&1 | grep -i 'err\|fatal' | tail -n 1 | sed 's/^[EF][0-9]\{4\} .* err=//' | tail -c 240) || true
  done
  REPLY="$1${said:+; its log ends with: $said}"
}

# mirror_pods_as_wanted: the API server shows the pods of the manifests that are there now
mirror_pods_as_wanted() {
  local component pods
  node_name
  pods=$(kubectl_here -n kube-system get pods --field-selector "spec.nodeName=$REPLY" -o 'jsonpath={range .items[*]}{.metadata.name} {.spec.containers[0].image}{"\n"}{end}' 2>/dev/null) || pods=''
  local node=$REPLY
  own_static_pods
  for component in $REPLY; do
    manifest_image "$component"
    [[ $'\n'$pods$'\n' == *$'\n'"$component-$node $REPLY"$'\n'* ]] || { REPLY="the API server does not show $component-$node with $REPLY" && return 1; }
  done
}

# wait_for_mirror_pods: kubeadm takes what the API server shows for what runs. Returns 1 with the reason in REPLY.
wait_for_mirror_pods() {
  local until=$((SECONDS + PATIENCE))
  until mirror_pods_as_wanted; do
    [[ $SECONDS -lt $until ]] || return 1
    sleep 1
  done
}
