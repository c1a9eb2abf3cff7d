#!/usr/bin/env bats
# Kubeconfigs read as kubectl reads them (scripts/lib/kubernetes/kubeconfig.sh): with kubectl in any YAML, without it in its own layout.
load helpers

setup() {
  ROOT='' FILE=$BATS_TEST_TMPDIR/config
  . "$SCRIPTS/lib/kubernetes/kubeconfig.sh"
  . "$SCRIPTS/lib/kubernetes/kubeconfig-plain.sh"
  limited() { shift && "$@"; }
}
with_kubectl() { kubectl() { node "$PROJECT/local/nodes/simulated/stand-ins/lib/kubeconfig-view.mjs" view; } && KUBECTL_READS=''; }
without_kubectl() { kubectl() { return 127; } && KUBECTL_READS=''; }

LAYOUT='apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://10.0.1.11:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: admin@kubernetes
current-context: admin@kubernetes
kind: Config
users:
- name: a-robot
  user:
    client-certificate: robot.crt
    client-key: robot.key
- name: kubernetes-admin
  user:
    client-certificate-data: QUQ=
    client-key-data: S0VZ
- name: oidc
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
      - get-token
      command: oidc'

# reads: what is in LAYOUT
reads() {
  kubeconfig_read "$FILE" || { echo "$K_ERROR" && return 1; }
  expect users "${K_NAME[*]}" 'a-robot kubernetes-admin oidc'
  expect current "$K_USER ${K_DATA[K_USER]} ${K_KEY_DATA[K_USER]}" '1 QUQ= S0VZ'
  expect others "${K_CERTIFICATE[0]} ${K_KEY[0]}${K_DATA[0]}${K_DATA[2]}" 'robot.crt robot.key'
  expect cluster "$K_SERVER $K_AUTHORITY_DATA$K_AUTHORITY" 'https://10.0.1.11:6443 Q0E='
}

@test "the current context's user, whatever is before it, with kubectl and without" {
  printf '%s\n' "$LAYOUT" >"$FILE"
  with_kubectl && reads
  without_kubectl && reads
  { printf -- '---\n# of kubeadm\n' && printf '%s\n' "$LAYOUT" | sed 's/kind: Config/kind: "Config" /; s/: a-robot/: '"'a-robot'"'/; s/$/\r/'; } >"$FILE"
  without_kubectl && reads
}

@test "JSON, flow style, anchors, other indentation: with kubectl; without it an error with the line, never a guess" {
  local text
  for text in "$(printf '%s\n' "$LAYOUT" | node -e 'process.stdout.write(JSON.stringify(require(process.argv[1]).parse(require("fs").readFileSync(0, "utf8"))))' "$PROJECT/node_modules/yaml")" \
    "${LAYOUT/$'    cluster: kubernetes\n    user: kubernetes-admin'/    {cluster: kubernetes, user: kubernetes-admin\}}" \
    "$(printf '%s\n' "$LAYOUT" | sed 's/client-certificate-data: QUQ=/client-certificate-data: \&c QUQ=/')" \
    "$(printf '%s\n' "$LAYOUT" | sed 's/^\([- ]\)/   \1/')" \
    "$(printf '%s\n' "$LAYOUT" | sed 's/client-key-data: S0VZ/client-key-data: >-\n      S0VZ/')"; do
    printf '%s\n' "$text" >"$FILE"
    with_kubectl && reads
    without_kubectl
    ! kubeconfig_read "$FILE"
    expect_match error "$K_ERROR" 'its line [0-9]* is not as kubectl writes it, and kubectl is not on this node*'
    expect user "$K_USER" ''
  done
}

@test "no current context, one that leads nowhere, damaged YAML, no file: said, without what is in it" {
  local said=0
  wrong() { # wrong SED ERROR
    printf '%s\n' "$LAYOUT" | sed "$1" >"$FILE"
    for reader in with_kubectl without_kubectl; do
      $reader
      ! kubeconfig_read "$FILE"
      expect_match "$reader" "$K_ERROR" "$2"
      [[ $K_ERROR != *QUQ* && $K_ERROR != *S0VZ* ]]
      said=$((said + 1))
    done
  }
  wrong 's/^current-context.*/current-context: ""/' 'it has no current-context'
  wrong 's/^current-context.*/current-context: b/' "its current context 'b' is not in it"
  wrong 's/    user: kubernetes-admin/    user: me/' "its current context *names the user 'me', who is not in it"
  wrong 's/client-key-data: S0VZ/client-key-data: "S0VZ/' '*'
  expect said "$said" 8
  rm "$FILE"
  ! kubeconfig_read "$FILE"
  expect 'no file' "$K_ERROR" 'no file that can be read'
}

@test "a file that it names is looked for beside it" {
  kubeconfig_path /etc/kubernetes/kubelet.conf pki/a.crt && expect relative "$REPLY" /etc/kubernetes/pki/a.crt
  kubeconfig_path /etc/kubernetes/kubelet.conf /var/a.crt && expect absolute "$REPLY" /var/a.crt
}

# facts: all that kubeconfig_read sets
facts() { printf '%s|' "${K_NAME[@]}" "${K_CERTIFICATE[@]}" "${K_DATA[@]}" "${K_KEY[@]}" "${K_KEY_DATA[@]}" "$K_USER" "$K_SERVER" "$K_AUTHORITY" "$K_AUTHORITY_DATA" "$K_ERROR"; }

PLAIN='apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1DQQ==
    server: https://10.0.1.11:6443
  name: demo
contexts:
- context:
    cluster: demo
    user: system:node:cp-1
  name: system:node:cp-1@demo
current-context: system:node:cp-1@demo
kind: Config
users:
- name: system:node:cp-1
  user:
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem'

@test "what kubeadm and kubelets write is read without kubectl, and as awk reads it; anything else kubectl is asked about" {
  local edit asked
  kubectl() { echo asked >>"$BATS_TEST_TMPDIR/asked" && return 127; }
  while IFS='|' read -r asked edit; do
    rm -f "$BATS_TEST_TMPDIR/asked"
    printf '%s\n' "$PLAIN" | sed "$edit" >"$FILE"
    KUBECTL_READS=''
    kubeconfig_read_file "$FILE" || true
    facts >"$BATS_TEST_TMPDIR/facts"
    expect "asked after $edit" "$(cat "$BATS_TEST_TMPDIR/asked" 2>/dev/null)" "$asked"
    KUBECTL_READS=no
    kubeconfig_read "$FILE" || true
    expect "facts after $edit" "$(cat "$BATS_TEST_TMPDIR/facts")" "$(facts)"
  done < <(printf '%s\n' '|' '|s/client-certificate: .*/client-certificate-data: LS0tLS1DRVJU/; s/client-key: .*/client-key-data: LS0tLS1LRVk=/' \
    '|s/^    user: /    namespace: default\n&/' '|s/^kind: Config/&\npreferences: {}/' 'asked|s/LS0tLS1DQQ==/LS0tLS1DQQ=/' 'asked|s/LS0tLS1DQQ==/"&"/' 'asked|s/^kind/# &/' \
    'asked|s/name: demo/name: other/' 'asked|s/current-context: .*/current-context: none/' 'asked|s/demo/true/' 'asked|s/^users:/&\n- name: a-robot\n  user:\n    token: x/' \
    'asked|s/server: .*/server: "https:\/\/10.0.1.11:6443"/' 'asked|s/client-key: .*/client-key: relative.pem/')
  printf '%s\n\0' "$PLAIN" >"$FILE"
  rm -f "$BATS_TEST_TMPDIR/asked"
  KUBECTL_READS=''
  kubeconfig_read_file "$FILE" || true
  expect 'a NUL' "$(cat "$BATS_TEST_TMPDIR/asked")" asked
}
