# shellcheck shell=bash
# kubeadm's ClusterConfiguration: from --config, else from the cluster, else kubeadm's defaults.
# shellcheck disable=SC2034,SC2154  # shared with kubeadm, which sources this

announce() { # announce LOG-PREFIX MESSAGE : text only; JSON output stays pure
  if [ "$output" != json ]; then printf '%s\n' "${2:+[$1] $2}"; fi
}

load_configuration() { # load_configuration LOG-PREFIX ; sets CERTIFICATES_DIR, VALIDITY_SECONDS, ALGORITHM and EXTERNAL_ETCD
  local text='' file
  if [ -n "$config" ]; then
    on_node "$config"
    file=$ON_NODE
    [ -f "$file" ] || refuse "unable to read config from \"$(off_node "$file")\" : open $(off_node "$file"): no such file or directory"
    text=$(cat "$file")
  elif on_node "$kubeconfig" && loads "$ON_NODE"; then
    if [ "$MINOR" -ge 31 ]; then
      announce "$1" 'Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...'
      announce "$1" "Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it."
    else
      announce "$1" 'Reading configuration from the cluster...'
      announce "$1" "FYI: You can look at this config file with 'kubectl -n kube-system get cm kubeadm-config -o yaml'"
    fi
    api_get "$ON_NODE" /api/v1/namespaces/kube-system/configmaps/kubeadm-config
    if [ "$API_STATUS" = 200 ]; then
      text=$API_TEXT
    else
      announce "$1" 'Error reading configuration from the Cluster. Falling back to default configuration'
    fi
    announce "$1" ''
  fi
  CERTIFICATES_DIR=$(member "$text" certificatesDir)
  on_node "${cert_dir:-${CERTIFICATES_DIR:-/etc/kubernetes/pki}}"
  CERTIFICATES_DIR=$ON_NODE
  ALGORITHM=$(member "$text" encryptionAlgorithm)
  ALGORITHM=${ALGORITHM:-RSA-2048}
  VALIDITY_SECONDS=$(member "$text" certificateValidityPeriod)
  VALIDITY_SECONDS=$(duration_seconds "${VALIDITY_SECONDS:-8760h0m0s}")
  EXTERNAL_ETCD=no
  if printf '%s\n' "$text" | awk '/^[^ ]/ { etcd = ($1 == "etcd:") } etcd && /^ +external:/ { found = 1 } END { exit !found }'; then
    EXTERNAL_ETCD=yes
  fi
}

loads() { # loads KUBECONFIG : without one to ask with, kubeadm takes its defaults and says nothing
  [ -f "$1" ] || return 1
  kubeconfig_value "$1" current-context
  [ -n "$VALUE" ]
}

member() { # member YAML NAME : a plain value at the top level
  printf '%s\n' "$1" | sed -n "s/^$2: *[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\} *\$/\1/p" | head -1
}

duration_seconds() { # duration_seconds 8760h0m0s, -1h
  printf '%s\n' "$1" | awk '{
    sign = sub(/^-/, "") ? -1 : 1
    unit["h"] = 3600; unit["m"] = 60; unit["s"] = 1
    while (match($0, /^[0-9]+[hms]/)) {
      seconds += substr($0, 1, RLENGTH - 1) * unit[substr($0, RLENGTH, 1)]
      $0 = substr($0, RLENGTH + 1)
    }
    printf "%d\n", sign * seconds
  }'
}
