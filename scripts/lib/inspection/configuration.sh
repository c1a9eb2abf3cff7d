# What kubeadm keeps in the cluster: its ConfigMaps.

# configuration_json -> REPLY; also sets ENDPOINT, the cluster's address without https://
configuration_json() {
  local OBJECT='' text said rows='' component flags gates lines
  text=$(kubectl_here -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}' 2>&1) || { configuration_unread "$text" && return 0; }
  [[ -n $text ]] || { configuration_unread 'it has no key ClusterConfiguration' && return 0; }
  said=$(printf '%s\n' "$text" | yaml_fields '{.apiVersion}|{.kubernetesVersion}|{.controlPlaneEndpoint}|{.imageRepository}|{.etcd.local.imageTag}|{.dns.imageTag}|{.proxy.disabled}|{.dns.disabled}|{.certificateValidityPeriod}|') ||
    { configuration_unread "$said" && return 0; }
  [[ $said == kubeadm.k8s.io/v1beta4'|'* ]] || { configuration_unread "it is ${said%%|*}, expected kubeadm.k8s.io/v1beta4: run 'kubeadm config migrate' while kubeadm is 1.36 or older" && return 0; }
  local version tag dns proxy off validity repository endpoint api
  IFS='|' read -r api version endpoint repository tag dns proxy off validity < <(printf '%s\n' "$said")
  ENDPOINT=$endpoint
  put kubernetesVersion "${version#v}"
  put controlPlaneEndpoint "$endpoint"
  put imageRepository "$repository"
  put etcdImageTag "$tag"
  put dnsImageTag "$dns"
  case $proxy in true | false) put_raw proxyDisabled "$proxy" ;; esac
  case $off in true | false) put_raw dnsDisabled "$off" ;; esac
  put certificateValidity "${validity%|}"
  lines=$(printf '%s\n' "$text" | yaml_fields '{range .apiServer.extraArgs[*]}kube-apiserver --{.name}={.value}{"\n"}{end}{range .controllerManager.extraArgs[*]}kube-controller-manager --{.name}={.value}{"\n"}{end}{range .scheduler.extraArgs[*]}kube-scheduler --{.name}={.value}{"\n"}{end}{range .etcd.local.extraArgs[*]}etcd --{.name}={.value}{"\n"}{end}') || lines=''
  for component in $STATIC_PODS; do
    said=$(printf '%s\n' "$lines" | sed -n "s/^$component --/--/p")
    [[ -n $said ]] || continue
    names_json 100 "$(printf '%s\n' "$said" | flag_names)" && flags=$REPLY
    names_json 80 "$(gate_names "$(printf '%s\n' "$said" | sed -n 's/^--feature-gates=//p')")" && gates=$REPLY
    rows="$rows,\"$component\":{\"flags\":$flags,\"gates\":$gates}"
  done
  put_raw arguments "{${rows#,}}"
  put_close
}

# configuration_unread REASON -> REPLY
configuration_unread() {
  OBJECT=''
  put reason "$(one_line "$1")"
  put_raw arguments '{}'
  put_close
}

# kubelet_config_json -> REPLY
kubelet_config_json() {
  local OBJECT='' text said=''
  if text=$(kubectl_here -n kube-system get configmap kubelet-config -o 'jsonpath={.data.kubelet}' 2>/dev/null) && [[ -n $text ]]; then
    put_raw found true
    said=$(printf '%s\n' "$text" | yaml_fields '{.failCgroupV1}|{.featureGates}') || said=''
    case ${said%%|*} in true | false) put_raw failCgroupV1 "${said%%|*}" ;; esac
  else
    put_raw found false
  fi
  names_json 80 "$(gate_names "${said#*|}")"
  put_raw gates "$REPLY"
  put_close
}

# kube_proxy_json -> REPLY
kube_proxy_json() {
  local OBJECT='' said image desired ready
  if said=$(kubectl_here -n kube-system get daemonset kube-proxy -o 'jsonpath={.spec.template.spec.containers[0].image}|{.status.desiredNumberScheduled}|{.status.numberReady}' 2>/dev/null); then
    IFS='|' read -r image desired ready < <(printf '%s\n' "$said")
    put_raw daemonSet true
    image=${image##*:}
    [[ ! $image =~ ^v?[0-9]+\.[0-9]+\.[0-9] ]] || put version "${image#v}"
    put_raw desired "${desired:-0}"
    put_raw ready "${ready:-0}"
  else
    put_raw daemonSet false
  fi
  if said=$(kubectl_here -n kube-system get configmap kube-proxy -o 'jsonpath={.data.config\.conf}' 2>/dev/null); then
    put_raw configMap true
    said=$(printf '%s\n' "$said" | yaml_fields '{.mode}|{.featureGates}') || said=''
    put mode "${said%%|*}"
  else
    put_raw configMap false && said=''
  fi
  names_json 80 "$(gate_names "${said#*|}")"
  put_raw gates "$REPLY"
  put_close
}

# core_dns_json -> REPLY
core_dns_json() {
  local OBJECT='' rows='' line name image desired ready
  while IFS='|' read -r name image desired ready; do
    [[ -n $image ]] || continue
    json_string "$name" && name=$REPLY
    json_string "$image"
    rows="$rows,{\"name\":$name,\"image\":$REPLY,\"desired\":${desired:-0},\"ready\":${ready:-0}}"
  done < <(kubectl_here -n kube-system get deployments -l k8s-app=kube-dns -o 'jsonpath={range .items[*]}{.metadata.name}|{.spec.template.spec.containers[0].image}|{.spec.replicas}|{.status.readyReplicas}{"\n"}{end}' 2>/dev/null | head -n 10)
  put_raw deployments "[${rows#,}]"
  # The first word of each line that is in one pair of braces.
  names_json 60 "$(kubectl_here -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' 2>/dev/null | awk '
    { sub(/#.*/, "") } depth == 1 && $1 ~ /^[a-z]/ { print $1 } { depth += gsub(/[{]/, "") - gsub(/[}]/, "") }' | sort -u)"
  put_raw plugins "$REPLY"
  names_json 20 "$(kubectl_here -n kube-system get configmap coredns -o yaml 2>/dev/null | awk '/^[^ ]/ { data = $1 == "data:"; next } data && /^  [^ ].*:/ { sub(/:.*/, ""); gsub(/[ "]/, ""); print }')"
  put_raw keys "$REPLY"
  put_close
}
