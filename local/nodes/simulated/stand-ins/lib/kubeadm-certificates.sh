# shellcheck shell=bash
# The certificates that kubeadm knows, and `certs check-expiration`.
# shellcheck disable=SC2154  # variables of kubeadm, which sources this

certificate_rows() { # NAME|CA|FILE below the certificates folder (empty: in the kubeconfig NAME)|LONG NAME, by name
  cat <<'ROWS'
admin.conf|ca||certificate embedded in the kubeconfig file for the admin to use and for kubeadm itself
apiserver|ca|apiserver|certificate for serving the Kubernetes API
apiserver-etcd-client|etcd-ca|apiserver-etcd-client|certificate the apiserver uses to access etcd
apiserver-kubelet-client|ca|apiserver-kubelet-client|certificate for the API server to connect to kubelet
controller-manager.conf|ca||certificate embedded in the kubeconfig file for the controller manager to use
etcd-healthcheck-client|etcd-ca|etcd/healthcheck-client|certificate for liveness probes to healthcheck etcd
etcd-peer|etcd-ca|etcd/peer|certificate for etcd nodes to communicate with each other
etcd-server|etcd-ca|etcd/server|certificate for serving etcd
front-proxy-client|front-proxy-ca|front-proxy-client|certificate for the front proxy client
scheduler.conf|ca||certificate embedded in the kubeconfig file for the scheduler manager to use
super-admin.conf|ca||certificate embedded in the kubeconfig file for the super-admin
ROWS
}

certificate_row() { certificate_rows | grep "^$1|"; }

expected_rows() { # what this version expects in this cluster
  certificate_rows | while IFS= read -r row; do
    case $row in
      *'|etcd-ca|'*) if [ "$EXTERNAL_ETCD" = yes ]; then continue; fi ;;
      super-admin.conf*) if [ "$MINOR" -lt 29 ]; then continue; fi ;;
    esac
    printf '%s\n' "$row"
  done
}

ca_file() { # ca_file CA ; sets CA_FILE, below the certificates folder
  CA_FILE=$1
  if [ "$1" = etcd-ca ]; then CA_FILE=etcd/ca; fi
}

CAS_SEEN=''
is_external() { # is_external CA : its key is not here. Looked at once
  case $CAS_SEEN in
    *" $1:external "*) return 0 ;;
    *" $1:here "*) return 1 ;;
  esac
  if key_is_elsewhere "$1"; then
    CAS_SEEN="$CAS_SEEN $1:external "
  else
    CAS_SEEN="$CAS_SEEN $1:here "
    return 1
  fi
}

key_is_elsewhere() { # key_is_elsewhere CA : refuses what kubeadm refuses
  local file name path
  ca_file "$1"
  file=$CA_FILE
  case $1 in
    ca) name=CA ;;
    etcd-ca) name='etcd CA' ;;
    *) name='front-proxy CA' ;;
  esac
  path=$CERTIFICATES_DIR/$file.crt
  [ -f "$path" ] || refuse "Error checking external CA condition for $file certificate authority: failure loading certificate for $name: couldn't load the certificate file $(off_node "$path"): open $(off_node "$path"): no such file or directory"
  CERTIFICATE=$path
  read_end || refuse "Error checking external CA condition for $file certificate authority: failure loading certificate for $name: couldn't load the certificate file $(off_node "$path"): error reading $(off_node "$path"): data does not contain any valid RSA or ECDSA certificates"
  [ ! -f "$CERTIFICATES_DIR/$file.key" ] || return 1
  local row leaf rest
  while IFS='|' read -r row leaf rest _; do
    if [ "$leaf" != "$1" ] || [ -z "$rest" ]; then continue; fi
    path=$CERTIFICATES_DIR/$rest.key
    [ -f "$path" ] || refuse "Error checking external CA condition for $file certificate authority: failure loading key for $rest: couldn't load the private key file $(off_node "$path"): open $(off_node "$path"): no such file or directory"
  done < <(certificate_rows)
}

exists() { # exists NAME FILE
  if [ -n "$2" ]; then [ -f "$CERTIFICATES_DIR/$2.crt" ]; else [ -f "$NODE_ROOT/etc/kubernetes/$1" ]; fi
}

read_certificate() { # read_certificate NAME FILE ; sets CERTIFICATE (a file), END (Nov 23 18:13:27 2027 GMT) and TEXT
  local path=$CERTIFICATES_DIR/$2.crt
  if [ -n "$2" ]; then
    CERTIFICATE=$path
    read_end && return
    refuse "failed to load existing certificate $2: error reading $(off_node "$path"): data does not contain any valid RSA or ECDSA certificates"
  fi
  path=$NODE_ROOT/etc/kubernetes/$1
  check_kubeconfig "$path"
  CERTIFICATE=$WORK/certificate
  kubeconfig_pem "$path" client-certificate "$CERTIFICATE" 2>/dev/null || true
  read_end || refuse "kubeConfig file $(off_node "$path") does not contain a valid client certificate: data does not contain any valid RSA or ECDSA certificates"
}

check_kubeconfig() { # check_kubeconfig PATH
  local go_type='struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
  if [ -s "$1" ] && ! grep -q '^[A-Za-z]*:' "$1"; then
    refuse "failed to load kubeConfig file $(off_node "$1"): couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type $go_type"
  fi
  kubeconfig_value "$1" current-context
  [ -n "$VALUE" ] || refuse "invalid kubeConfig file $(off_node "$1"): missing context "
  kubeconfig_value "$1" client-certificate-data
  [ -n "$VALUE" ] || refuse "kubeConfig file $(off_node "$1") does not have an embedded client certificate"
}

read_end() { # of the file CERTIFICATE ; sets END, and TEXT, all that openssl says of it: each call of it costs more than it has to say
  real openssl
  TEXT=$("$REAL" x509 -in "$CERTIFICATE" -noout -enddate -nameopt multiline -subject -text 2>/dev/null) || return 1
  END=${TEXT#*notAfter=}
  END=${END%%$'\n'*}
}

# Lines of KIND|NAME|CA|EXTERNALLY-MANAGED|END, END empty where it is missing.
expirations() {
  local name ca file external external_cas='' any=no
  while IFS='|' read -r name ca file _; do
    if exists "$name" "$file"; then any=yes; fi
  done < <(expected_rows)
  for ca in ca etcd-ca front-proxy-ca; do
    # CAs are looked for only where there is a certificate that one could have signed.
    if [ $any = no ] || { [ "$EXTERNAL_ETCD" = yes ] && [ "$ca" = etcd-ca ]; }; then continue; fi
    if is_external "$ca"; then external_cas="$external_cas $ca "; fi
  done
  expected_rows | while IFS='|' read -r name ca file _; do
    if ! exists "$name" "$file"; then
      echo "leaf|$name||false|"
      continue
    fi
    external=false
    case $external_cas in *" $ca "*) external=true ;; esac
    read_certificate "$name" "$file"
    echo "leaf|$name|$ca|$external|$END"
  done || exit 1
  for ca in ca etcd-ca front-proxy-ca; do
    if [ "$EXTERNAL_ETCD" = yes ] && [ "$ca" = etcd-ca ]; then continue; fi
    external=false
    case $external_cas in *" $ca "*) external=true ;; esac
    ca_file "$ca"
    CERTIFICATE=$CERTIFICATES_DIR/$CA_FILE.crt
    read_end || END=''
    echo "ca|$ca||$external|$END"
  done
}

check_expiration() {
  expirations >"$WORK/expirations" || exit 1
  awk -F'|' -v now="$(date +%s)" -v format="${output:-text}" \
    -f "$NODE_ROOT/usr/lib/stand-ins/expiration.awk" "$WORK/expirations"
}
