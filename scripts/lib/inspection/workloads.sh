# What runs on the nodes: who else changes them, versions beside kubeadm's, disruption budgets, and what a drain will meet.

# Budgets that are looked at; asking for the pods of each takes a call.
MOST_BUDGETS=40
# Seconds for dry runs of evictions, one pod of each controller.
EVICTIONS_SECONDS=45

# workloads_json: adds maintenance and addons
workloads_json() {
  local all
  all=$(kubectl_for 30 get daemonsets,deployments,statefulsets -A -o 'jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.annotations.weave\.works/kured-node-lock}{"\n"}{range .spec.template.spec.containers[*]}image {.image}{"\n"}{end}{end}' 2>/dev/null) || all=''
  names_json 10 "$(printf '%s\n' "$all" | grep -i '^[A-Z][A-Za-z]* [a-z0-9-]*/[a-z0-9.-]*\(kured\|system-upgrade-controller\)[a-z0-9.-]* ' | sed 's/ $//')"
  put_raw maintenance "$REPLY"
  REPLY=$(printf '%s\n' "$all" | awk '
    $1 != "image" { next }
    {
      image = $2; sub(/@.*/, "", image); n = split(image, parts, "/"); name = parts[n]; version = "unknown"
      if (name ~ /:/) { version = name; sub(/^[^:]*:v?/, "", version); sub(/:.*/, "", name) }
      kind = ""
      if (image ~ /cloud-controller-manager/) kind = "cloud-controller-manager"
      else if (image ~ /(ebs|efs|fsx|s3|nfs|secrets-store|longhorn)[a-z-]*-csi|csi-driver/ && name !~ /^(csi-|livenessprobe)/) kind = "csi"
      else if (image ~ /(calico\/node|cilium\/cilium|flannel\/flannel|flannelcni\/flannel|amazon-k8s-cni|aws-k8s-cni|kube-router|antrea[a-z\/-]*agent|weave-kube|kube-ovn)(:|$)/) kind = "cni"
      if (kind == "" || (kind, name) in seen || name !~ /^[A-Za-z0-9._-]+$/ || version !~ /^[A-Za-z0-9._+-]+$/) next
      seen[kind, name]; if (++count <= 30) rows = rows ",{\"kind\":\"" kind "\",\"name\":\"" substr(name, 1, 60) "\",\"version\":\"" substr(version, 1, 40) "\"}"
    }
    END { print "[" substr(rows, 2) "]" }')
  put_raw addons "$REPLY"
}

# budgets_json: adds budgets, with their pods by node, and budgetsLeftOut. Those that allow nothing come first.
budgets_json() {
  local all line namespace name allowed labels expressions selector rows='' used=0 left=0
  all=$(kubectl_for 20 get poddisruptionbudgets -A -o 'jsonpath={range .items[*]}{.status.disruptionsAllowed}|{.metadata.namespace}|{.metadata.name}|{.spec.selector.matchLabels}|{range .spec.selector.matchExpressions[*]}{.key} {.operator} {.values};{end}{"\n"}{end}' 2>/dev/null | sort -n) || all=''
  while IFS='|' read -r allowed namespace name labels expressions; do
    [[ $allowed =~ ^-?[0-9]+$ && -n $name ]] || continue
    if [[ $used -ge $MOST_BUDGETS || ${#rows} -gt 5000 ]]; then left=$((left + 1)) && continue; fi
    used=$((used + 1))
    selector_of "$labels" "$expressions" && selector=$REPLY
    budget_pods "$namespace" "$selector"
    [[ $REPLY == '{}' ]] || rows="$rows,{\"name\":\"$namespace/$name\",\"allowed\":$allowed,\"pods\":$REPLY}"
  done < <(printf '%s\n' "$all")
  put_raw budgets "[${rows#,}]"
  put_raw budgetsLeftOut "$left"
}

# selector_of LABELS EXPRESSIONS -> REPLY, as kubectl takes it; {"app":"web"} and `key In ["a","b"];` as kubectl writes them
selector_of() {
  local labels expressions
  labels=$(printf '%s' "$1" | tr -d '{}" ' | tr : =)
  expressions=$(printf '%s' "$2" | tr ';' '\n' | tr -d '"[]' | awk '
    $2 == "In" { print $1 " in (" $3 ")" } $2 == "NotIn" { print $1 " notin (" $3 ")" } $2 == "Exists" { print $1 } $2 == "DoesNotExist" { print "!" $1 }' | tr '\n' ',')
  REPLY=$labels,${expressions%,}
  REPLY=${REPLY#,} REPLY=${REPLY%,}
}

# budget_pods NAMESPACE SELECTOR -> REPLY, {"node":pods}, of the 15 nodes with most
budget_pods() {
  REPLY=$(kubectl_for 15 -n "$1" get pods ${2:+-l} ${2:+"$2"} -o 'jsonpath={range .items[*]}{.status.phase} {.spec.nodeName}{"\n"}{end}' 2>/dev/null |
    awk '$1 == "Running" && $2 ~ /^[a-z0-9.-]+$/ { count[$2]++ } END { for (node in count) print count[node], node }' | sort -rn | head -n 15 |
    awk '{ rows = rows ",\"" $2 "\":" $1 } END { print "{" substr(rows, 2) "}" }') || REPLY='{}'
}

# drains_json -> REPLY
drains_json() {
  local OBJECT='' pods lone asked=0 refused='' until pod node rest
  # Static pods, those of DaemonSets and those that have ended do not move.
  pods=$(kubectl_for 40 get pods -A -o 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}|{.spec.nodeName}|{.status.phase}|{.metadata.annotations.kubernetes\.io/config\.mirror}|{.metadata.ownerReferences[0].kind}|{.metadata.ownerReferences[0].name}|{.spec.volumes[*].emptyDir}{"\n"}{end}' 2>/dev/null |
    awk -F'|' 'NF >= 7 && $2 != "" && $3 != "Succeeded" && $3 != "Failed" && $4 == "" && $5 != "DaemonSet" && $5 != "Node"') || pods=''
  put_raw pods "$(printf '%s\n' "$pods" | grep -c . || true)"
  put_raw emptyDir "$(printf '%s\n' "$pods" | awk -F'|' '$7 != ""' | grep -c . || true)"
  lone=$(printf '%s\n' "$pods" | awk -F'|' 'NF && $5 == "" { print $1 }')
  names_json 20 "$lone" && put_raw unmanaged "$REPLY"
  put_raw unmanagedCount "$(printf '%s\n' "$lone" | grep -c . || true)"
  until=$((SECONDS + EVICTIONS_SECONDS))
  while IFS='|' read -r pod node rest; do
    [[ -n $pod && $SECONDS -lt $until ]] || continue
    asked=$((asked + 1))
    eviction_allowed "$pod" || refused=$refused$pod:\ $REPLY$'\n'
  done < <(printf '%s\n' "$pods" | awk -F'|' 'NF { namespace = $1; sub(/\/.*/, "", namespace); key = namespace "|" $5 "|" ($6 == "" ? $1 : $6) } NF && !(key in seen) { seen[key]; print }')
  put_raw asked "$asked"
  names_json 20 "$refused" && put_raw refused "$REPLY"
  put_close
}

# eviction_allowed NAMESPACE/NAME: in a dry run. A budget's refusal counts as allowed: `budgets` tells of those. REPLY is another reason.
eviction_allowed() {
  local said body
  printf -v body '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"%s"} }' "${1#*/}" "${1%/*}"
  said=$(printf '%s\n' "$body" | kubectl_here create --raw "/api/v1/namespaces/${1%/*}/pods/${1#*/}/eviction?dryRun=All" -f - 2>&1) && return 0
  [[ $said != *'disruption budget'* && $said != *'(NotFound)'* ]] || return 0
  REPLY=$(one_line "$said")
  return 1
}
