# What runs in the cluster, as the API server of this very node tells it.

# versions_json -> REPLY: the version of this node's API server, and how many nodes have which kubelet, with the names of some. Empty where it does not
# tell.
versions_json() {
  local OBJECT='' version nodes
  REPLY=''
  [[ $CONTROL_PLANE == yes && -r $ROOT$KUBERNETES/admin.conf ]] || return 0
  version=$(kubectl_here get --raw /version 2>/dev/null | sed -n 's/.*"gitVersion": *"v\([0-9][0-9A-Za-z.+-]*\)".*/\1/p' | head -n 1) || version=''
  [[ -n $version ]] || return 0
  put apiServer "$version"
  nodes=$(kubectl_here get nodes --no-headers 2>/dev/null) || nodes=''
  # NAME STATUS ROLES AGE VERSION
  put_raw kubelets "[$(printf '%s\n' "$nodes" | awk '
    $1 ~ /^[a-z0-9][a-z0-9.-]*$/ && $5 ~ /^v[0-9][0-9A-Za-z.+-]*$/ {
      version = substr($5, 2)
      if (!(version in nodes)) order[++versions] = version
      if (++nodes[version] <= 3) names[version] = names[version] ",\"" $1 "\""
    }
    END {
      for (i = 1; i <= versions && i <= 20; i++)
        printf "%s{\"version\":\"%s\",\"nodes\":%d,\"names\":[%s]}", (i > 1 ? "," : ""), order[i], nodes[order[i]], substr(names[order[i]], 2)
    }')]"
  put_close
}
