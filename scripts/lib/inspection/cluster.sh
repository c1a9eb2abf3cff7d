# The cluster as the API server of this node tells it.

# A kubelet renews its lease every 10 s; the node controller waits 40 s before it calls a node lost.
LEASE_LOOKS=6
# Characters that the names of nodes may take of the answer.
NODE_NAMES=9000

# cluster_json -> REPLY. Returns 1 when the API server does not answer; REPLY is the reason.
cluster_json() {
  local OBJECT='' version
  version=$(kubectl_here version 2>&1) || { REPLY="the API server of this node does not answer: $(one_line "$version")" && return 1; }
  version=$(printf '%s\n' "$version" | sed -n 's/^Server Version: v//p')
  [[ -n $version ]] || { REPLY='the API server of this node does not tell its version' && return 1; }
  put version "$version"
  put_raw configuration "$CONFIGURATION_JSON"
  # Between the two looks at the leases all else is asked.
  leases_look && LEASES=$REPLY
  kubelet_config_json && put_raw kubeletConfig "$REPLY"
  kube_proxy_json && put_raw kubeProxy "$REPLY"
  core_dns_json && put_raw coreDns "$REPLY"
  control_plane_pods
  create_job_json && put_raw createJob "$REPLY"
  workloads_json
  budgets_json
  drains_json && put_raw drains "$REPLY"
  leader_leases_json && put_raw leases "$REPLY"
  nodes_json || return 1
  put_close
}

# leases_look -> REPLY, a line `NAMESPACE/NAME TIME` for each lease of nodes and leaders
leases_look() {
  REPLY=$(kubectl_for 20 get leases -A -o 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {.spec.renewTime}{"\n"}{end}' 2>/dev/null | grep '^kube-node-lease/\|^kube-system/kube-\(scheduler\|controller-manager\) ') || REPLY=''
}

# leader_leases_json -> REPLY: in how many seconds each was renewed; no clock is compared
leader_leases_json() {
  local component before now waited OBJECT=''
  for component in $ELECTED; do
    before=$(printf '%s\n' "$LEASES" | sed -n "s,^kube-system/$component ,,p")
    for ((waited = 0; waited <= LEASE_LOOKS && ${#before} > 0; waited += 2)); do
      now=$(kubectl_here -n kube-system get lease "$component" -o 'jsonpath={.spec.renewTime}' 2>/dev/null) || now=$before
      if [[ $now != "$before" ]]; then
        case $component in kube-scheduler) put_raw scheduler "$waited" ;; *) put_raw controllerManager "$waited" ;; esac
        break
      fi
      sleep 2
    done
  done
  put_close
}

# nodes_json: adds `nodes`, those of one state together, and `nodesLeftOut`. Returns 1 with the reason in REPLY.
nodes_json() {
  local nodes now stale tries
  nodes=$(kubectl_for 20 get nodes -o 'jsonpath={range .items[*]}{.metadata.name}|{.status.nodeInfo.kubeletVersion}|{.status.conditions[?(@.type=="Ready")].status}|{.spec.unschedulable}|{.metadata.annotations.kubeadm-autopilot/cordoned-by}{"\n"}{end}' 2>&1) ||
    { REPLY="the API server does not tell the nodes: $(one_line "$nodes")" && return 1; }
  # A kubelet that runs has renewed its lease since the first look, once 10 s have passed.
  for ((tries = 0; tries <= LEASE_LOOKS; tries++)); do
    leases_look && now=$REPLY
    stale=$(printf '%s\n' "$LEASES" "-" "$now" | awk '$1 == "-" { second = 1; next } !second { before[$1] = $2 } second && before[$1] == $2 && $1 ~ /^kube-node-lease/ { print $1 }' | head -n 1)
    [[ -n $stale ]] || break
    sleep 2
  done
  REPLY=$(printf '%s\n' "$LEASES" "-" "$now" "=" "$nodes" | awk -v most="$NODE_NAMES" '
    $0 == "-" { part = 1; next } $0 == "=" { part = 2; FS = "|"; next }
    part == 0 { before[$1] = $2; next }
    part == 1 { if ($2 != "" && before[$1] != $2) alive[$1] = 1; next }
    {
      if (split($0, f, "|") < 5 || f[1] !~ /^[a-z0-9][a-z0-9.-]*$/ || f[2] !~ /^v[0-9A-Za-z.+-]+$/) next
      fresh = ("kube-node-lease/" f[1]) in alive
      key = "{\"kubelet\":\"" substr(f[2], 2) "\",\"ready\":" (f[3] == "True" ? "true" : "false") ",\"fresh\":" (fresh ? "true" : "false")
      if (f[4] == "true") key = key ",\"cordoned\":\"" (f[5] != "" ? "us" : "other") "\""
      # What is not well is told first.
      rank = f[3] != "True" || !fresh ? 0 : f[4] == "true" ? 1 : 2
      if (!(key in names)) { order[rank] = order[rank] key "\n"; names[key] = "" }
      names[key] = names[key] " " f[1]
    }
    END {
      for (rank = 0; rank < 3; rank++) for (i = 1; i < split(order[rank], keys, "\n"); i++) {
        n = split(names[keys[i]], own, " "); list = ""
        for (j = 1; j <= n; j++) { used += length(own[j]) + 3; if (used > most) { left++; continue } list = list ",\"" own[j] "\"" }
        rows = rows "," keys[i] ",\"names\":[" substr(list, 2) "]}"
      }
      print "[" substr(rows, 2) "]|" left + 0
    }')
  put_raw nodesLeftOut "${REPLY##*|}"
  put_raw nodes "${REPLY%|*}"
}

# control_plane_pods: adds strayPods, those that have a label of the control plane's and do not run as static pods, and apiServers by node
control_plane_pods() {
  local pods rows
  pods=$(kubectl_for 20 -n kube-system get pods -l 'component in (etcd,kube-apiserver,kube-controller-manager,kube-scheduler)' \
    -o 'jsonpath={range .items[*]}{.metadata.name}|{.status.phase}|{.metadata.annotations.kubernetes\.io/config\.mirror}|{.spec.nodeName}|{.metadata.labels.component}{"\n"}{end}' 2>/dev/null) || pods=''
  names_json 20 "$(printf '%s\n' "$pods" | awk -F'|' 'NF == 5 && ($3 == "" || $2 != "Running") { print "kube-system/" $1 " (" $2 ")" }')"
  put_raw strayPods "$REPLY"
  rows=$(printf '%s\n' "$pods" | awk -F'|' 'NF == 5 && $5 == "kube-apiserver" && $4 ~ /^[a-z0-9.-]+$/ { count[$4]++ } END { for (node in count) printf ",\"%s\":%d", node, count[node] }')
  put_raw apiServers "{${rows#,}}"
}

# create_job_json -> REPLY: a dry run of the pod, because admission acts on pods and not on the Job that makes them
create_job_json() {
  local said repository
  repository=$(printf '%s\n' "$CONFIGURATION_JSON" | sed -n 's/.*"imageRepository":"\([^"]*\)".*/\1/p')
  said=$(printf '%s\n' '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"upgrade-health-check-'$$'","namespace":"kube-system"},"spec":{"restartPolicy":"Never",' \
    '"securityContext":{"runAsUser":999,"runAsGroup":999,"runAsNonRoot":true},"tolerations":[{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"}],' \
    '"containers":[{"name":"upgrade-health-check","image":"'"${repository:-registry.k8s.io}"'/pause:3.10","args":["-v"]}]} }' |
    kubectl_for 40 create --dry-run=server -f - 2>&1) && fact true '' || fact false "$said"
}
