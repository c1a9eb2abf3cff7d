#!/usr/bin/env bats
# What processes are told: YAML as a parser reads it, flags as the components' parsers do, the kubelet's flags over its configuration.
load helpers

setup() {
  ROOT=$BATS_TEST_TMPDIR/node STATE=$ROOT/var/lib/kubeadm-autopilot NODE_STEP_TIME_LIMIT=100
  for name in core/{json,file-text,yaml} kubernetes/{paths,arguments,listen} kubelet/settings; do
    . "$SCRIPTS/lib/$name.sh"
  done
  limited() { shift && "$@"; }
  mkdir -p "$ROOT$MANIFESTS" "$ROOT$KUBELET" "$STATE" "$ROOT/etc/default"
}
systemctl() { printf '%s\n' "${PID:-0}"; }

# oracle: of the YAML on stdin, what the library `yaml` reads, as yaml_paths tells it
oracle() {
  node -e '
    const { parseDocument } = require(process.argv[1] + "/node_modules/yaml");
    const text = require("fs").readFileSync(0, "utf8").split(/^---$/m).find((part) => part.replace(/#.*/g, "").trim());
    const tell = (path, value) => {
      if (value !== null && typeof value === "object") for (const [key, inner] of Object.entries(value)) tell([...path, key], inner);
      else console.log(`${path.join(".")}=${String(value ?? "").replace(/\s*\n\s*/g, " ").trim()}`);
    };
    tell([], parseDocument(text, { schema: "failsafe" }).toJS());' "$PROJECT"
}

# same_as_oracle NAME TEXT: also with CRLF. What is empty may be left out.
same_as_oracle() {
  local wanted
  wanted=$(printf '%s\n' "$2" | oracle | grep -v '=\(\|~\|null\)$')
  yaml_paths "$2"
  expect "$1" "$(printf '%s\n' "$REPLY" | grep -v '=$')" "$wanted"
  yaml_paths "${2//$'\n'/$'\r\n'}"
  expect "$1 with CRLF" "$(printf '%s\n' "$REPLY" | grep -v '=$')" "$wanted"
}

@test "yaml_paths: every style that people and tools write, as a YAML library reads it" {
  kubectl() { return 1; }
  same_as_oracle block $'# c\na: 1 # one\nb:\n  c: "x # y"\n  d: \'it\'\'s\'\nlist:\n- p\n-   q: r\n    s: t\n- - u\n  - v\nlast: https://a:1/b#c'
  same_as_oracle flow $'a: {b: [c, "d, e", \'f\'], g: {}, h: []}\ni: [j,\n  k] # l\nm: {n: "o: p",\n q: r}\ns: {t: https://u:1, v: }'
  same_as_oracle json '{"a": {"b": ["c", {"d": "e\u003cf \"g\" \\h"}], "i": 1, "j": true}, "k": {}}'
  same_as_oracle 'pretty json' $'{\n    "a": [\n        "b",\n        "c"\n    ],\n    "d": {\n        "e": "f"\n    }\n}'
  same_as_oracle scalars $'a: |\n  one\n  two\nb: >-\n  three\n  four\nc: plain\n  goes on\nd: "quoted\n  goes on"\ne: ~\nf:\n  - x=1,\n    y=2\n  - z'
  same_as_oracle documents $'---\n# first\na: b\n---\nc: d'
  same_as_oracle 'list at its key' $'spec:\n  containers:\n  - command:\n    - etcd\n    - --a=b: no\n    image: i\n  - name: two\nother: x'
}

@test "yaml_paths: what it does not read goes to kubectl, and garbage is nothing" {
  kubectl() { cat >/dev/null && printf '%s' '{"from": "kubectl"}'; }
  local text
  for text in 'a: &x [1]' 'a: *x' 'a: !!str b' '? a' $'a:\n\tb: c' 'a: "never closed' 'a: [b' $'<<: {a: b}'; do
    yaml_paths "$text"
    expect "$text" "$REPLY" from=kubectl
  done
  kubectl() { return 1; }
  for text in '' $'\n# c\n' 'a: [b' 'just text' $'a: "x\nb: c'; do
    ! yaml_paths "$text" || { echo "read: $text: $REPLY" && false; }
  done
  ! yaml_paths "$(head -c 3000 /dev/urandom | tr -d '\000')" || [[ $REPLY == *=* ]]
}

@test "yaml_paths: this project's own manifests and workflows, and the real kubectl's JSON" {
  local file
  for file in "$PROJECT"/clusters/*.yaml; do same_as_oracle "$file" "$(cat "$file")"; done
  if ! command -v kubectl >/dev/null; then skip 'no kubectl on this machine'; fi
  yaml_paths $'kind: Pod\napiVersion: v1\nmetadata: {name: x, labels: &l {a: "1"}, annotations: *l}'
  expect_match anchors "$REPLY" *metadata.labels.a=1*
}

# manifest COMPONENT YAML-OF-CONTAINERS
manifest() {
  printf '%s\n' 'apiVersion: v1' 'kind: Pod' 'metadata:' "  name: $1" 'spec:' '  containers:' "$2" >"$ROOT$MANIFESTS/$1.yaml"
  manifest_read "$1"
  MANIFEST=$REPLY
}
# flag_is NAME VALUE
flag_is() { flag "$MANIFEST" "$1" && expect "$1" "$REPLY" "$2"; }

@test "flags: next argument, quotes, one dash, underscores, repeated, command and args, a second container, a shell" {
  manifest kube-apiserver $'  - command: [kube-apiserver, --client-ca-file, /a/ca.crt, "--tls-cert-file=/first"]\n    args:\n    - \'--tls_cert_file=/b/x.crt\'\n    - --secure-port\n    - "443"\n    - --profiling\n    - "--bind-address=::"'
  flag_is client-ca-file /a/ca.crt
  flag_is tls-cert-file /b/x.crt
  flag_is secure-port 443
  flag_is profiling true
  flag_is bind-address ::
  # args come after the command, wherever they are written.
  manifest kube-scheduler $'  - args: ["--kubeconfig=/args"]\n    command: ["kube-scheduler", "--kubeconfig=/command"]'
  flag_is kubeconfig /args
  manifest kube-scheduler $'  - name: sidecar\n    command: [other, --kubeconfig=/other]\n  - name: kube-scheduler\n    command: [kube-scheduler, --kubeconfig=/own]'
  flag_is kubeconfig /own
  manifest kube-scheduler $'  - command:\n    - /bin/sh\n    - -c\n    - exec kube-scheduler --kubeconfig=/shell --v=2\n      --secure-port=1 >>/var/log/x 2>&1'
  flag_is kubeconfig /shell
  flag_is secure-port 1
  manifest etcd $'  - env:\n    - name: ETCD_CERT_FILE\n      value: /env\n    - {name: ETCD_PEER_CERT_FILE, value: /env/peer}\n    - name: HOME\n      value: /x\n    command: [etcd, -cert-file=/flag, -trusted-ca-file, /ca]'
  flag_is cert-file /flag
  flag_is peer-cert-file /env/peer
  flag_is trusted-ca-file /ca
  # A comment is none, and what is broken is not the same as what is not there.
  printf '%s\n' 'kind: Pod' '#    - --kubeconfig=/comment' 'spec: {containers: [' '    - --kubeconfig=/half' >"$ROOT$MANIFESTS/kube-scheduler.yaml"
  kubectl() { return 1; }
  manifest_read kube-scheduler && MANIFEST=$REPLY
  flag_is kubeconfig /half
  manifest_read no-such && expect none "$REPLY" ''
}

# setting NAME FLAG: as the kubelet was told
setting() { kubelet_read && kubelet_setting "$1" "$2" && printf '%s' "$REPLY"; }

@test "the kubelet: its flags, then its configuration with drop-ins; what runs counts more than files" {
  expect nothing "$(setting address address)" ''
  printf '%s\n' 'kind: KubeletConfiguration' 'address: 10.0.0.1' 'port: 10251' 'authentication:' '  x509:' '    clientCAFile: /a/ca.crt' >"$ROOT$KUBELET/config.yaml"
  expect config "$(setting address address) $(setting authentication.x509.clientCAFile client-ca-file)" '10.0.0.1 /a/ca.crt'
  # A nested key of the same name is another.
  printf '%s\n' 'tracing: {address: 10.9.9.9}' 'address: "fd00::1"' >"$ROOT$KUBELET/config.yaml"
  expect nested "$(setting address address)" fd00::1
  printf '{"kind":"KubeletConfiguration","address":"10.0.0.2","staticPodPath":"pods"}' >"$ROOT$KUBELET/config.yaml"
  expect json "$(setting address address)" 10.0.0.2
  kubelet_read
  kubelet_path staticPodPath pod-manifest-path /default && expect relative "$REPLY" "$KUBELET/pods"

  mkdir -p "$ROOT/etc/kubelet.d"
  printf 'KUBELET_KUBEADM_ARGS="--config-dir=/etc/kubelet.d --pod-manifest-path /from/kubeadm"\n' >"$ROOT$KUBELET/kubeadm-flags.env"
  printf 'address: 10.0.0.3\n' >"$ROOT/etc/kubelet.d/10-first.conf"
  printf 'address: 10.0.0.4\n' >"$ROOT/etc/kubelet.d/20-second.conf"
  printf 'address: 10.0.0.5\n' >"$ROOT/etc/kubelet.d/30.conf.disabled"
  expect drop-ins "$(setting address address)" 10.0.0.4
  printf '%s\n' '# KUBELET_EXTRA_ARGS=--address=1.1.1.1' "KUBELET_EXTRA_ARGS='--address=10.0.0.6 --pod-manifest-path=/from/default'" >"$ROOT/etc/default/kubelet"
  expect flags "$(setting address address) $(setting staticPodPath pod-manifest-path)" '10.0.0.6 /from/default'
  mkdir -p "$ROOT/etc/systemd/system/kubelet.service.d"
  printf '[Service]\nEnvironment="KUBELET_CONFIG_ARGS=--config=/etc/kubelet.yaml"\n' >"$ROOT/etc/systemd/system/kubelet.service.d/10-kubeadm.conf"
  printf 'clusterDomain: example.org\n' >"$ROOT/etc/kubelet.yaml"
  expect 'its own file' "$(setting clusterDomain cluster-domain)" example.org

  mkdir -p "$ROOT/proc/42"
  printf '%s\0' /usr/bin/kubelet --config=/etc/kubelet.yaml --address 10.0.0.7 >"$ROOT/proc/42/cmdline"
  PID=42
  expect process "$(setting address address) $(setting staticPodPath pod-manifest-path)" '10.0.0.7 '
  PID=43
  expect 'no such process' "$(setting address address)" 10.0.0.6
}

@test "where the kubelet serves: its address and port, the loopback for all, nowhere when its server is off" {
  local text wanted
  while read -r text wanted; do
    printf '%b' "${text//_/ }" >"$ROOT$KUBELET/config.yaml"
    kubelet_read
    kubelet_serves_at && expect "$text" "$REPLY" "$wanted"
  done <<'TABLE'
kind:_KubeletConfiguration 127.0.0.1:10250
address:_"0.0.0.0" 127.0.0.1:10250
address:_'::' 127.0.0.1:10250
address:_10.0.0.4\nport:_10255 10.0.0.4:10255
address:_fd00::4 [fd00::4]:10250
enableServer:_false
port:_nonsense 127.0.0.1:10250
TABLE
}

# topology_is EXPRESSION WANTED: of CONTROL_PLANE, ETCD, PKI and MANIFESTS
topology_is() {
  topology
  expect topology "$CONTROL_PLANE|$ETCD|$PKI|$MANIFESTS" "$1"
}

@test "topology: the folder of certificates is the saved certificatesDir, else the one of most files" {
  manifest kube-apiserver $'  - command: [kube-apiserver, --client-ca-file=/trust/ca.crt, --tls-cert-file=/etc/ssl/k8s/apiserver.crt, --tls-private-key-file=/etc/ssl/k8s/apiserver.key, --proxy-client-cert-file=/etc/ssl/k8s/f.crt, --audit-policy-file=/etc/ssl/other/policy.yaml]'
  manifest etcd $'  - command: [etcd]'
  topology_is 'yes|stacked|/etc/ssl/k8s|/etc/kubernetes/manifests'
  mkdir -p "$ROOT/etc/saved"
  printf 'certificatesDir: "/etc/saved/"\netcd: {local: {dataDir: /x}}\n' >"$STATE/cluster-configuration.yaml"
  topology_is 'yes|stacked|/etc/saved|/etc/kubernetes/manifests'
  printf 'certificatesDir: /etc/not-there\n' >"$STATE/cluster-configuration.yaml"
  topology_is 'yes|stacked|/etc/ssl/k8s|/etc/kubernetes/manifests'
  # A worker knows it by its kubelet alone.
  rm -r "$ROOT$MANIFESTS"/* "$STATE"/*
  printf 'authentication: {x509: {clientCAFile: /etc/kubernetes/ssl/ca.crt}}\n' >"$ROOT$KUBELET/config.yaml"
  topology_is '||/etc/kubernetes/ssl|/etc/kubernetes/manifests'
  rm "$ROOT$KUBELET/config.yaml"
  topology_is '||/etc/kubernetes/pki|/etc/kubernetes/manifests'
}

@test "topology: manifests where the kubelet reads them; etcd by its manifest and the configuration, whatever the addresses are" {
  MANIFESTS=/srv/pods && mkdir -p "$ROOT/srv/pods"
  printf 'staticPodPath: /srv/pods/\n' >"$ROOT$KUBELET/config.yaml"
  manifest kube-apiserver $'  - command: [kube-apiserver, "--etcd-servers=https://127.0.0.1:2379,https://10.0.0.9:2379"]'
  topology_is 'yes|external|/etc/kubernetes/pki|/srv/pods'
  printf 'etcd:\n  external:\n    endpoints:\n    - https://127.0.0.1:2379\n' >"$STATE/cluster-configuration.yaml"
  topology_is 'yes|external|/etc/kubernetes/pki|/srv/pods'
  # A stacked one whose manifest is not there.
  printf 'etcd:\n  local:\n    dataDir: /var/lib/etcd\n' >"$STATE/cluster-configuration.yaml"
  topology_is 'yes|stacked|/etc/kubernetes/pki|/srv/pods'
  rm "$STATE/cluster-configuration.yaml"
  manifest etcd $'  - command: [etcd]'
  topology_is 'yes|stacked|/etc/kubernetes/pki|/srv/pods'
  rm "$ROOT/srv/pods/kube-apiserver.yaml"
  topology_is '|member|/etc/kubernetes/pki|/srv/pods'
}

# mounted YAML-OF-VOLUME-MOUNTS YAML-OF-VOLUMES COMMAND: of a kube-apiserver
mounted() { manifest kube-apiserver "  - {name: kube-apiserver, volumeMounts: [$1], command: [kube-apiserver, $3]}"$'\n'"  volumes: [$2]"; }

@test "folders of the node that a container has at another path: flags lead to where they are on the node" {
  mounted '{name: k8s, mountPath: /etc/kubernetes}, {name: certs, mountPath: /etc/kubernetes/pki/}, {name: ca, mountPath: /ca.pem, subPath: trust/ca.pem}, {name: tmp, mountPath: /tmp}' \
    '{name: k8s, hostPath: {path: /opt/k8s/}}, {name: certs, hostPath: {path: /srv//certs}}, {name: ca, hostPath: {path: /opt}}, {name: tmp, emptyDir: {}}' \
    '--tls-cert-file=/etc/kubernetes/pki/apiserver.crt, --client-ca-file=/ca.pem, --kubeconfig=/etc/kubernetes/admin.conf, --tls-private-key-file=/etc/kubernetes/pki, "--tls-sni-cert-key=/etc/kubernetes/pki/a.crt,/etc/kubernetes/pki/a.key:a.example,b", --oidc-ca-file=/etc/kubernetes-other/x, --audit-log-path=/tmp/x, --bind-address=10.0.0.1, --encryption-provider-config=pki/x'
  flag_is tls-cert-file /srv/certs/apiserver.crt
  flag_is client-ca-file /opt/trust/ca.pem
  flag_is kubeconfig /opt/k8s/admin.conf
  flag_is tls-private-key-file /srv/certs
  flag_is tls-sni-cert-key /srv/certs/a.crt,/srv/certs/a.key:a.example,b
  flag_is oidc-ca-file /etc/kubernetes-other/x
  flag_is audit-log-path /tmp/x
  flag_is bind-address 10.0.0.1
  flag_is encryption-provider-config pki/x
  container_path "$MANIFEST" /srv/certs/apiserver.crt && expect back "$REPLY" /etc/kubernetes/pki/apiserver.crt
  container_path "$MANIFEST" /opt/k8s/pki && expect 'back, shadowed or not' "$REPLY" /etc/kubernetes/pki
  topology
  expect 'folder of the certificates' "$PKI" /srv/certs
}

@test "of several containers the component's own mounts count; the same path on both sides changes nothing" {
  local two=$'  - {name: proxy, volumeMounts: [{name: a, mountPath: /pki}]}\n  - {name: kube-apiserver, volumeMounts: [{name: b, mountPath: /pki}], command: [kube-apiserver, --tls-cert-file=/pki/x.crt]}\n  volumes:\n  - hostPath: {path: /wrong}\n    name: a\n  - hostPath: {path: /right}\n    name: b'
  manifest kube-apiserver "$two"
  flag_is tls-cert-file /right/x.crt
  mounted '{name: a, mountPath: /pki}' '{name: a, hostPath: {path: /pki, type: Directory}}' '--tls-cert-file=/pki/x.crt'
  flag_is tls-cert-file /pki/x.crt
}

@test "etcd's --config-file: what it says, and nothing of the flags; its paths are those of the container" {
  mkdir -p "$ROOT/srv/etcd"
  printf '%s\n' 'name: cp-1' 'data-dir: /var/lib/etcd' 'listen-client-urls: https://10.0.0.1:2399,https://127.0.0.1:2399' 'client-transport-security:' '  cert-file: /etc/etcd/server.pem' '  key-file: "/etc/etcd/server-key.pem"' '  client-cert-auth: true' '  trusted-ca-file: /etc/etcd/ca.pem' \
    'peer-transport-security: {cert-file: /etc/etcd/peer.pem, trusted-ca-file: /etc/etcd/peer-ca.pem, client-cert-file: /etc/etcd/peer-client.pem}' >"$ROOT/srv/etcd/etcd.yaml"
  manifest etcd $'  - name: etcd\n    command: [etcd, --config-file, /etc/etcd/etcd.yaml, --cert-file=/ignored, --name=ignored]\n    volumeMounts: [{name: etc, mountPath: /etc/etcd}]\n  volumes: [{name: etc, hostPath: {path: /srv/etcd}}]'
  flag_is cert-file /srv/etcd/server.pem
  flag_is key-file /srv/etcd/server-key.pem
  flag_is trusted-ca-file /srv/etcd/ca.pem
  flag_is peer-cert-file /srv/etcd/peer.pem
  flag_is peer-trusted-ca-file /srv/etcd/peer-ca.pem
  flag_is peer-client-cert-file /srv/etcd/peer-client.pem
  flag_is name cp-1
  flag_is data-dir /var/lib/etcd
  topology
  expect address "$ETCD_CLIENT_ADDRESS" 127.0.0.1:2399
  expect files "$ETCD_CERT $ETCD_KEY $ETCD_CA $ETCD_PEER_CERT" '/srv/etcd/server.pem /srv/etcd/server-key.pem /srv/etcd/ca.pem /srv/etcd/peer.pem'
  # JSON, which YAML contains, told of by the environment; and one that nobody can read.
  printf '{"name": "cp-2", "client-transport-security": {"cert-file": "/a.crt"}}' >"$ROOT/srv/etcd/etcd.yaml"
  manifest etcd $'  - {name: etcd, env: [{name: ETCD_CONFIG_FILE, value: /srv/etcd/etcd.yaml}], command: [etcd, --cert-file=/ignored]}'
  flag_is cert-file /a.crt
  flag_is name cp-2
  rm "$ROOT/srv/etcd/etcd.yaml"
  manifest etcd $'  - {name: etcd, command: [etcd, --config-file=/srv/etcd/etcd.yaml, --cert-file=/by-flag]}'
  flag_is cert-file /by-flag
}

@test "a controlPlaneEndpoint without a port has that of the API server, as kubeadm takes it" {
  . "$SCRIPTS/lib/upgrade/kubelet-server.sh"
  local given wanted API_SERVER SET
  log() { :; }
  configuration_value() { REPLY=$given; }
  kubelet_server_is() { REPLY=https://10.0.0.1:7443; }
  kubelet_server_set() { SET=$1; }
  write_or_fail() { :; }
  while read -r given API_SERVER wanted; do
    kubelet_server_leave_own
    expect "$given" "$SET" "$wanted"
  done <<'TABLE'
api.example --secure-port=7443 https://api.example:7443
api.example --v=2 https://api.example:6443
api.example:443 --secure-port=7443 https://api.example:443
TABLE
}
