#!/usr/bin/env bats
# Clusters that others built: the list holds what processes really present and trust, and ports are asked where they listen.
load helpers
load renewal

setup_file() {
  start_cluster main --control-planes 1 --days-left 12
}
teardown_file() { stop_clusters; }

setup() {
  on cp_1
  restore_node
  PKI=$NODE_ROOT/etc/kubernetes/pki MANIFESTS=$NODE_ROOT/etc/kubernetes/manifests
  cd "$BATS_TEST_TMPDIR"
}
teardown() {
  on cp_1
  restore_node
  tool systemctl start kubelet
}

# as_others SED-EXPRESSION FILE...: a file of the node, changed. What runs goes on as it was: the kubelet does not see it.
as_others() {
  local expression=$1 file
  tool systemctl stop kubelet
  shift
  for file in "$@"; do
    sed "$expression" "$file" >changed
    ! cmp -s changed "$file" || { echo "nothing to change in $file" && return 1; }
    cat changed >"$file"
  done
}

# check: the inventory, in the contract's shape
check() {
  run_step check-certificates
  expect "status $RESULT" "$status" 0
  keeps_contract certificateInventory
}
row() { ask "r.certificates.find((row) => row.name === '$1')${2:-}"; }
names() { ask "r.certificates.filter((row) => $1).map((row) => row.name).sort().join(' ')"; }

# make_ca NAME SUBJECT DAYS [KEY]: NAME.crt and NAME.key here, by the key of this name where it is told
make_ca() {
  [[ -n ${4:-} ]] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null
  openssl req -x509 -key "${4:-$1.key}" -out "$1.crt" -subj "$2" -days "$3" -addext keyUsage=critical,keyCertSign 2>/dev/null
}
# make_leaf NAME CA SUBJECT [DAYS [START [END]]]: NAME.crt and NAME.key here; START and END as openssl ca takes them
make_leaf() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "$3" 2>/dev/null
  : >index.txt
  printf '%s\n' '[ca]' 'default_ca=own' '[own]' 'database=index.txt' 'new_certs_dir=.' 'rand_serial=yes' 'default_md=sha256' 'policy=any' 'unique_subject=no' '[any]' 'commonName=optional' 'organizationName=optional' >ca.cnf
  openssl ca -config ca.cnf -batch -notext -in "$1.csr" -out "$1.crt" -cert "$2.crt" -keyfile "$2.key" -days "${4:-300}" ${5:+-startdate "$5"} ${6:+-enddate "$6"} 2>/dev/null
}

@test "--client-ca-file in another folder: nothing is missing, nothing foreign, the CAs are listed" {
  mkdir -p "$NODE_ROOT/etc/kubernetes/trust"
  cp "$PKI/ca.crt" "$NODE_ROOT/etc/kubernetes/trust/ca.crt"
  as_others 's|--client-ca-file=.*|--client-ca-file=/etc/kubernetes/trust/ca.crt|' "$MANIFESTS/kube-apiserver.yaml"
  check
  expect wrong "$(names 'row.missing || row.external || row.unmanaged || row.unreadable')" ''
  expect CAs "$(names row.isCa)" 'ca etcd-ca front-proxy-ca'
  expect apiserver "$(row apiserver '.ca')" ca
  run_step inspect-control-plane SSM_Inventory=no
  expect keys "$(ask r.caKeys)" '["ca","etcd-ca","front-proxy-ca"]'
  # With a company's CA beside it, which nothing here needs.
  make_ca company '/O=Example/CN=Company CA' 3
  cat company.crt >>"$NODE_ROOT/etc/kubernetes/trust/ca.crt"
  check
  expect bundle "$(names 'row.isCa')" 'ca etcd-ca front-proxy-ca kube-apiserver --client-ca-file kube-apiserver --client-ca-file 2'
  rm -r "$NODE_ROOT/etc/kubernetes/trust"
}

@test "a kubelet and components that listen on one address: asked there" {
  local ip
  ip=$(sed -n 's/.*--advertise-address=//p' "$MANIFESTS/kube-apiserver.yaml")
  printf 'address: %s\n' "$ip" >>"$NODE_ROOT/var/lib/kubelet/config.yaml"
  check
  expect kubelet "$(ask 'r.served.find((row) => row.port === 10250).serial')" "$(row kubelet-serving .serial)"
  expect asked "$(calls "openssl s_client -connect $ip:10250")" 1
  expect 'not the loopback' "$(calls 'openssl s_client -connect 127.0.0.1:10250')" 0
  as_others "s|--secure-port=6443|--secure-port=6443\\n    - --bind-address=$ip|" "$MANIFESTS/kube-apiserver.yaml"
  sed -i.bak 's|--bind-address=127.0.0.1|--secure-port=0|' "$MANIFESTS/kube-scheduler.yaml"
  sed -i.bak 's|--listen-client-urls=.*|--listen-client-urls=http://127.0.0.1:2379,https://'"$ip:2379|" "$MANIFESTS/etcd.yaml"
  rm "$MANIFESTS"/*.bak
  check
  expect 'API server and etcd' "$(calls "openssl s_client -connect $ip:6443") $(calls "openssl s_client -connect $ip:2379")" '1 1'
  expect 'no port, no row' "$(ask 'r.served.map((row) => row.port).sort().join(" ")')" '10250 10257 2379 2380 6443'
}

@test "a certificate of tomorrow: when it begins is told" {
  cp "$PKI/ca.crt" "$PKI/ca.key" .
  make_leaf apiserver ca /CN=kube-apiserver 300 "$(node -p 'new Date(Date.now() + 86400000).toISOString().replace(/[-:T]|\.\d*/g, "")')"
  cp apiserver.crt apiserver.key "$PKI/"
  check
  expect beginning "$(row apiserver .notBefore)" "$(node -p 'new Date(process.argv[1]).toISOString().replace(".000", "")' "$(openssl x509 -in apiserver.crt -noout -startdate | cut -d= -f2)")"
  expect others "$(names 'row.notBefore > r.checkedAt')" apiserver
}

# with_files DAYS [START END]: controller-manager.conf names files, relative ones; its certificate ends so
with_files() {
  local conf=$NODE_ROOT/etc/kubernetes/controller-manager.conf
  cp "$PKI/ca.crt" "$PKI/ca.key" .
  make_leaf manager ca /CN=system:kube-controller-manager "$@"
  cp manager.crt manager.key "$PKI/"
  sed -i.bak -e 's|client-certificate-data:.*|client-certificate: pki/manager.crt|; s|client-key-data:.*|client-key: pki/manager.key|' "$conf"
  rm "$conf.bak"
}

@test "a kubeconfig that names files: the file is read, also an expired one, and kubeadm does not renew it" {
  with_files 5
  check
  expect path "$(row controller-manager.conf .path)" /etc/kubernetes/pki/manager.crt
  expect unmanaged "$(names row.unmanaged)" controller-manager.conf
  expect end "$(row controller-manager.conf .notAfter)" "$(disk_end /etc/kubernetes/pki/manager.crt)"
  expect serial "$(row controller-manager.conf .serial)" "$(disk_serial /etc/kubernetes/pki/manager.crt)"
  with_files 1 20200101000000Z 20200102000000Z
  check
  expect expired "$(row controller-manager.conf .notAfter)" 2020-01-02T00:00:00Z
  rm "$PKI/manager.crt"
  check
  expect 'no such file' "$(row controller-manager.conf .unreadable)" 'not a regular file'
  # Without its CA in it kubeadm does not take it either.
  restore_node
  sed -i.bak 's|certificate-authority-data:.*|certificate-authority: pki/ca.crt|' "$NODE_ROOT/etc/kubernetes/scheduler.conf"
  check
  expect 'CA in a file' "$(names row.unmanaged)" scheduler.conf
  expect 'no row of it' "$(names row.isCa)" 'ca etcd-ca front-proxy-ca'
}

@test "a renewal leaves alone what kubeadm does not renew, and renews the others by name" {
  local before
  with_files 300
  before=$(disk_serial /etc/kubernetes/pki/manager.crt)
  renew SSM_Until=files
  expect "status $RESULT" "$status" 0
  keeps_contract renewalResult
  expect 'left alone' "$(ask r.leftAlone)" '[{"name":"controller-manager.conf","reason":"kubeadm does not renew it"}]'
  expect 'by name' "$(calls '^kubeadm certs renew all') $(calls '^kubeadm certs renew ')" '0 10'
  expect untouched "$(disk_serial /etc/kubernetes/pki/manager.crt)" "$before"
}

# bundle FILE...: ca.crt of these
bundle() {
  cat "${@/%/.crt}" >"$PKI/ca.crt"
  check
}

@test "several certificates in ca.crt: every one is read, and which of them nothing here needs" {
  cp "$PKI/ca.crt" "$PKI/ca.key" .
  make_ca old /CN=kubernetes 5
  bundle ca old
  expect unused "$(names row.unused)" 'ca 2'
  expect end "$(row 'ca 2' .notAfter)" "$(node -p 'new Date(process.argv[1]).toISOString().replace(".000", "")' "$(openssl x509 -in old.crt -noout -enddate | cut -d= -f2)")"
  expect keys "$(ask r.caPublicKeys.length)" 2
  bundle old ca
  expect 'whichever is first' "$(names row.unused) $(row ca .serial)" "ca $(openssl x509 -in old.crt -noout -serial | cut -d= -f2)"
  # Two that both signed something here.
  make_leaf apiserver old /CN=kube-apiserver
  cp apiserver.crt apiserver.key "$PKI/"
  bundle old ca
  expect 'both in use' "$(names row.unused)" ''
  # The one whose key is here signs tomorrow.
  restore_node
  make_ca next '/CN=next CA' 400
  cp next.key "$PKI/ca.key"
  bundle ca next
  expect 'key here' "$(names row.unused)" ''
}

@test "a CA made again with its key: one cluster, and of the two the longer one counts" {
  local keys
  cp "$PKI/ca.crt" "$PKI/ca.key" .
  check
  keys=$(ask r.caPublicKeys)
  make_ca again /CN=kubernetes 9000 ca.key
  bundle again
  expect 'same key' "$(ask r.caPublicKeys)" "$keys"
  make_ca ending /CN=kubernetes 3 ca.key
  bundle ending again
  expect 'same key twice' "$(ask r.caPublicKeys)" "$keys"
  expect 'CA of leaves' "$(names 'row.ca === "ca"')" 'admin.conf apiserver apiserver-kubelet-client controller-manager.conf kubelet-client scheduler.conf super-admin.conf'
}

@test "a bundle of many, of garbage and of keys: read as far as it goes" {
  local number
  cp "$PKI/ca.crt" .
  make_ca other '/CN=other' 30
  for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do cat other.crt; done >many.crt
  bundle ca many
  expect most "$(ask 'r.certificates.filter((row) => /^ca( |$)/.test(row.name)).length')" 12
  { echo 'a comment' && cat ca.crt && cat other.key && printf '%s\n' '-----BEGIN CERTIFICATE-----' 'AAAA' '-----END CERTIFICATE-----'; } >mixed.crt
  bundle mixed
  expect unreadable "$(names row.unreadable)" 'ca 2'
  : >empty.crt
  bundle empty
  expect empty "$(names row.unreadable)" ca
}

@test "--kubelet-client-certificate leads elsewhere: that file, and nothing is missing" {
  mkdir -p "$NODE_ROOT/etc/company"
  cp "$PKI/ca.crt" "$PKI/ca.key" .
  make_leaf client ca '/O=system:masters/CN=kube-apiserver-kubelet-client' 20
  cp client.crt "$NODE_ROOT/etc/company/kubelet.pem"
  rm "$PKI"/apiserver-kubelet-client.*
  as_others "s|- --kubelet-client-certificate=.*|- --kubelet_client_certificate\\n    - '/etc/company/kubelet.pem'|" "$MANIFESTS/kube-apiserver.yaml"
  check
  expect path "$(row apiserver-kubelet-client .path)" /etc/company/kubelet.pem
  expect unmanaged "$(names row.unmanaged)" apiserver-kubelet-client
  expect missing "$(names row.missing)" ''
  # The same file by another path is kubeadm's own.
  restore_node
  ln -sfn pki "$NODE_ROOT/etc/kubernetes/link"
  as_others 's|--kubelet-client-certificate=/etc/kubernetes/pki|--kubelet-client-certificate=/etc/kubernetes/link|' "$MANIFESTS/kube-apiserver.yaml"
  check
  expect link "$(names 'row.unmanaged || row.missing')" ''
  rm -r "$NODE_ROOT/etc/kubernetes/link" "$NODE_ROOT/etc/company"
}

@test "--tls-cert-file elsewhere and no apiserver.crt: not missed; SNI certificates and CAs of other flags are listed" {
  mkdir -p "$NODE_ROOT/etc/company"
  make_ca company '/O=Example/CN=Company CA' 20
  make_leaf serving company '/CN=api.example.com' 30
  cp serving.crt company.crt "$NODE_ROOT/etc/company/"
  cp serving.crt "$NODE_ROOT/etc/company/sni.crt"
  rm "$PKI"/apiserver.crt "$PKI"/apiserver.key
  as_others 's|- --tls-cert-file=.*|- --tls-cert-file=/etc/company/serving.crt\n    - --tls-sni-cert-key=/etc/company/sni.crt,/etc/company/sni.key:api.example.com\n    - --oidc-ca-file=/etc/company/company.crt|' "$MANIFESTS/kube-apiserver.yaml"
  check
  expect missing "$(names row.missing)" ''
  expect listed "$(names 'row.path.startsWith("/etc/company")')" 'apiserver-serving kube-apiserver --oidc-ca-file kube-apiserver --tls-sni-cert-key'
  expect CA "$(row 'kube-apiserver --oidc-ca-file' .isCa)" true
  expect port "$(ask 'r.served.find((row) => row.port === 6443).certificate')" apiserver-serving
  rm -r "$NODE_ROOT/etc/company"
}

@test "a kubeconfig that trusts another CA than the node's: that one is listed" {
  make_ca other '/CN=old kubernetes' 20
  sed -i.bak "s|certificate-authority-data:.*|certificate-authority-data: $(base64 <other.crt | tr -d '\n')|" "$NODE_ROOT/etc/kubernetes/scheduler.conf" "$NODE_ROOT/etc/kubernetes/admin.conf"
  check
  expect once "$(names 'row.name.endsWith("certificate-authority")')" 'admin.conf certificate-authority'
  expect 'with it alone' "$(names 'row.isCa')" 'admin.conf certificate-authority ca etcd-ca front-proxy-ca'
  expect serial "$(row 'admin.conf certificate-authority' .serial)" "$(openssl x509 -in other.crt -noout -serial | cut -d= -f2)"
  # One of a bundle is in the list already.
  restore_node
  cat other.crt >>"$PKI/ca.crt"
  check
  expect bundle "$(names row.isCa)" 'ca ca 2 etcd-ca front-proxy-ca'
}

@test "the kubeconfig that a component uses: by its flag, or by its configuration file" {
  mkdir -p "$NODE_ROOT/etc/company"
  cp "$NODE_ROOT/etc/kubernetes/scheduler.conf" "$NODE_ROOT/etc/company/by-file.conf"
  cp "$NODE_ROOT/etc/kubernetes/controller-manager.conf" "$NODE_ROOT/etc/company/by-flag.conf"
  printf '{"kind": "KubeSchedulerConfiguration", "clientConnection": {"kubeconfig": "/etc/company/by-file.conf"}}' >"$NODE_ROOT/etc/company/scheduler.yaml"
  as_others 's|--kubeconfig=.*|&\n    - --config=/etc/company/scheduler.yaml|' "$MANIFESTS/kube-scheduler.yaml"
  as_others 's|- --kubeconfig=.*|- --kubeconfig\n    - /etc/company/by-flag.conf|' "$MANIFESTS/kube-controller-manager.yaml"
  check
  expect scheduler "$(row scheduler.conf .path)" /etc/company/by-file.conf
  expect 'controller manager' "$(row controller-manager.conf .path)" /etc/company/by-flag.conf
  expect unmanaged "$(names row.unmanaged)" 'controller-manager.conf scheduler.conf'
  # What it is still told to use beside that.
  expect beside "$(names 'row.name.startsWith("kube-")')" 'kube-controller-manager --authentication-kubeconfig kube-scheduler --authentication-kubeconfig'
  rm -r "$NODE_ROOT/etc/company"
}

@test "folders of the node at another path in the containers: files are listed where they are on the node" {
  mkdir -p "$NODE_ROOT/srv/conf"
  cp -Rp "$PKI" "$NODE_ROOT/srv/pki"
  as_others 's|^\( *\)path: /etc/kubernetes/pki|\1path: /srv/pki|' "$MANIFESTS/kube-apiserver.yaml" "$MANIFESTS/kube-controller-manager.yaml" "$MANIFESTS/etcd.yaml"
  # A kubeconfig that is mounted as a file, and names others beside it in the container.
  sed -e 's|client-certificate-data:.*|client-certificate: pki/front-proxy-client.crt|; s|client-key-data:.*|client-key: pki/front-proxy-client.key|' \
    "$NODE_ROOT/etc/kubernetes/controller-manager.conf" >"$NODE_ROOT/srv/conf/manager"
  as_others 's|^\( *\)path: /etc/kubernetes/controller-manager.conf|\1path: /srv/conf/manager|' "$MANIFESTS/kube-controller-manager.yaml"
  check
  expect 'beside their own folder' "$(names 'row.path.startsWith("/etc/kubernetes/pki/")')" ''
  expect 'in it' "$(names 'row.path.startsWith("/srv/pki/")')" 'apiserver apiserver-etcd-client apiserver-kubelet-client ca controller-manager.conf etcd-ca etcd-healthcheck-client etcd-peer etcd-server front-proxy-ca front-proxy-client'
  expect wrong "$(names 'row.missing || row.unreadable || row.external')" ''
  expect unmanaged "$(names row.unmanaged)" controller-manager.conf
  expect 'files of a kubeconfig' "$(row controller-manager.conf .path)" /srv/pki/front-proxy-client.crt
  run_step inspect-control-plane SSM_Inventory=no
  expect keys "$(ask r.caKeys)" '["ca","etcd-ca","front-proxy-ca"]'
  # Inside the container its tools are shown the paths of the container.
  [[ $(calls 'etcdctl .*--cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key') -gt 0 ]]
  expect 'of the node' "$(calls 'etcdctl .*/srv/')" 0
  rm -r "$NODE_ROOT/srv"
}

@test "--egress-selector-config-file and --authorization-config: the certificates that they lead to" {
  mkdir -p "$NODE_ROOT/etc/company"
  make_ca proxy '/O=Example/CN=proxy CA' 20
  make_leaf egress proxy '/CN=kube-apiserver' 30
  make_leaf webhook proxy '/CN=webhook client' 40
  cp proxy.crt egress.crt webhook.crt webhook.key "$NODE_ROOT/etc/company/"
  printf '%s\n' 'apiVersion: apiserver.k8s.io/v1beta1' 'kind: EgressSelectorConfiguration' 'egressSelections:' '- name: cluster' '  connection:' '    proxyProtocol: HTTPConnect' '    transport:' '      tcp:' '        url: https://10.0.0.7:8131' '        tlsConfig:' \
    '          caBundle: /etc/company/proxy.crt' '          clientKey: /etc/company/egress.key' '          clientCert: /etc/company/egress.crt' '- {name: etcd, connection: {proxyProtocol: Direct}}' >"$NODE_ROOT/etc/company/egress.yaml"
  printf '%s\n' 'kind: AuthorizationConfiguration' 'authorizers:' '- {type: Node, name: node}' '- type: Webhook' '  webhook:' '    connectionInfo: {type: KubeConfigFile, kubeConfigFile: /etc/company/webhook.conf}' >"$NODE_ROOT/etc/company/authorization.yaml"
  sed -e 's|client-certificate-data:.*|client-certificate: webhook.crt|; s|client-key-data:.*|client-key: webhook.key|' "$NODE_ROOT/etc/kubernetes/scheduler.conf" >"$NODE_ROOT/etc/company/webhook.conf"
  as_others 's|- --tls-cert-file=.*|&\n    - --egress-selector-config-file=/etc/company/egress.yaml\n    - --authorization-config\n    - /etc/company/authorization.yaml|' "$MANIFESTS/kube-apiserver.yaml"
  check
  expect listed "$(names 'row.path.startsWith("/etc/company")')" 'kube-apiserver --authorization-config kubeConfigFile kube-apiserver --egress-selector-config-file caBundle kube-apiserver --egress-selector-config-file clientCert'
  expect client "$(row 'kube-apiserver --egress-selector-config-file clientCert' .serial)" "$(openssl x509 -in egress.crt -noout -serial | cut -d= -f2)"
  expect CA "$(row 'kube-apiserver --egress-selector-config-file caBundle' .isCa)" true
  expect kubeconfig "$(row 'kube-apiserver --authorization-config kubeConfigFile' .path)" /etc/company/webhook.crt
  # Where the folder is mounted at another path, too.
  restore_node
  as_others 's|- --tls-cert-file=.*|&\n    - --egress-selector-config-file=/in/company/egress.yaml|; s|^    volumeMounts:|&\n    - {mountPath: /in, name: company}|; s|^  volumes:|&\n  - {name: company, hostPath: {path: /etc}}|' "$MANIFESTS/kube-apiserver.yaml"
  sed -i.bak 's|: /etc/company|: /in/company|' "$NODE_ROOT/etc/company/egress.yaml"
  check
  expect mounted "$(row 'kube-apiserver --egress-selector-config-file clientCert' .path)" /etc/company/egress.crt
  rm -r "$NODE_ROOT/etc/company"
}

@test "staticPodPath elsewhere: everything is found there" {
  mkdir -p "$NODE_ROOT/srv"
  tool systemctl stop kubelet
  mv "$MANIFESTS" "$NODE_ROOT/srv/pods"
  sed -i.bak 's|^staticPodPath:.*|staticPodPath: /srv/pods|' "$NODE_ROOT/var/lib/kubelet/config.yaml"
  check
  expect names "$(ask 'r.certificates.length') $(names row.missing)" '16 '
  expect ports "$(ask 'r.served.map((row) => row.port).sort().join(" ")')" '10250 10257 10259 2379 2380 6443'
  run_step inspect-control-plane SSM_Inventory=no
  expect health "$(ask 'r.health.apiServer.ok && r.health.scheduler.ok && r.etcd.healthy')" true
  renew
  expect_match 'not for a manifest' "$(ask r.message)" '*kubelet*'
  [[ $(ask r.message) != *manifest* ]]
  mv "$NODE_ROOT/srv/pods" "$MANIFESTS"
}

@test "an external etcd whose first address is the loopback: external, also with the saved configuration alone" {
  start_cluster outside --control-planes 1 --etcd-nodes 1
  on cp_1
  MANIFESTS=$NODE_ROOT/etc/kubernetes/manifests
  as_others 's|--etcd-servers=|--etcd-servers=https://127.0.0.1:2379,|' "$MANIFESTS/kube-apiserver.yaml"
  run_step inspect-control-plane SSM_Inventory=yes
  keeps_contract controlPlaneFacts
  expect topology "$(ask r.etcd.topology)" external
  expect rows "$(ask 'r.inventory.certificates.filter((row) => row.missing).map((row) => row.name).join(" ")')" ''
  expect client "$(ask 'r.inventory.certificates.find((row) => row.name === "external-etcd-client").path')" /etc/kubernetes/pki/external-etcd/client.crt
  restore_node
  # A member in a static pod beside it is still listed and asked, as somebody else's.
  mkdir -p "$STATE"
  printf 'etcd:\n  external:\n    endpoints: ["https://127.0.0.1:2379"]\n' >"$STATE/cluster-configuration.yaml"
  printf '%s\n' 'kind: Pod' 'spec: {containers: [{name: etcd, command: [etcd, --cert-file=/etc/kubernetes/pki/apiserver.crt, "--listen-client-urls=https://127.0.0.1:2379"]}]}' >"$MANIFESTS/etcd.yaml"
  run_step check-certificates
  keeps_contract certificateInventory
  expect member "$(ask 'r.certificates.find((row) => row.name === "etcd-server").unmanaged')" true
  expect external "$(ask 'r.certificates.some((row) => row.name === "external-etcd-client")')" true
  rm "$MANIFESTS/etcd.yaml"
}
