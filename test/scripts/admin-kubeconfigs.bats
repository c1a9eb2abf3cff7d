#!/usr/bin/env bats
# Which copies of admin.conf are refreshed, and that nobody gets a credential who had none (scripts/lib/renewal/admin-kubeconfigs.sh).
load helpers

setup_file() {
  # Two CAs, and certificates that admin.conf could have held: made once.
  export MATERIAL=$BATS_FILE_TMPDIR/material
  mkdir -p "$MATERIAL" && cd "$MATERIAL"
  for ca in ours theirs; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$ca.key" -out "$ca.crt" -subj /CN=kubernetes -days 3650
  done
  client older ours '/O=kubeadm:cluster-admins/CN=kubernetes-admin' -1 # expired
  client before ours '/O=kubeadm:cluster-admins/CN=kubernetes-admin' 5
  client after ours '/O=kubeadm:cluster-admins/CN=kubernetes-admin' 365
  client foreign theirs '/O=kubeadm:cluster-admins/CN=kubernetes-admin' 5
  client jane ours '/O=devs/CN=jane "$(touch pwned)" \; x' 5
} 2>/dev/null

# client NAME CA SUBJECT DAYS: NAME.crt, NAME.key
client() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "$3"
  openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days "$4" -out "$1.crt"
}

data() { base64 <"$MATERIAL/$1" | tr -d '\n'; }

# kubeconfig_of CLIENT [KEY-OF] [CA]: on stdout
kubeconfig_of() {
  cat <<END
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: $(data "${3:-ours}.crt")
    server: https://api.example:6443
  name: prod
contexts:
- context: {cluster: prod, namespace: shop, user: me}
  name: me@prod
current-context: me@prod
kind: Config
users:
- name: me
  user:
    client-certificate-data: $(data "$1.crt")
    client-key-data: $(data "${2:-$1}.key")
END
}

setup() {
  ROOT=$BATS_TEST_TMPDIR/node STATE=$BATS_TEST_TMPDIR/node/var/lib/kubeadm-autopilot
  for name in core/json kubernetes/paths certificates/x509 kubernetes/backup renewal/admin-kubeconfigs; do . "$SCRIPTS/lib/$name.sh"; done
  log() { :; }
  fail() { echo "fail: $1" && return 1; }
  PKI=/etc/kubernetes/pki
  mkdir -p "$ROOT/etc/kubernetes/pki" "$STATE/backups/b/etc/kubernetes" "$ROOT/root/.kube" "$ROOT/home/jane/.kube"
  cp "$MATERIAL/ours.crt" "$ROOT/etc/kubernetes/pki/ca.crt"
  kubeconfig_of before >"$STATE/backups/b/etc/kubernetes/admin.conf"
  kubeconfig_of after >"$ROOT/etc/kubernetes/admin.conf"
  FILE=$ROOT/root/.kube/config
}

# refresh [LIST]: sets RESULT to the rows
refresh() {
  refresh_admin_kubeconfigs "${STATE#"$ROOT"}/backups/b" "${1:-none}"
  RESULT="[${KUBECONFIGS#,}]"
}

# left_alone PATTERN: the one row says so, and the file is as it was
left_alone() {
  cp "$FILE" "$BATS_TEST_TMPDIR/was"
  refresh
  expect refreshed "$(ask 'r[0].refreshed')" false
  expect_match reason "$(ask 'r[0].reason')" "$1"
  cmp "$FILE" "$BATS_TEST_TMPDIR/was"
}

@test "a copy of admin.conf as it was before: new certificate and key, all else as it was, owner and mode kept" {
  kubeconfig_of before >"$FILE"
  chmod 640 "$FILE"
  [[ $(id -u) != 0 ]] || chown 12345:54321 "$FILE"
  local owner
  owner=$(ls -ln "$FILE" | awk '{ print $1, $3, $4 }')
  refresh
  expect rows "$(ask r)" '[{"path":"/root/.kube/config","refreshed":true}]'
  expect content "$(cat "$FILE")" "$(kubeconfig_of after)"
  expect owner "$(ls -ln "$FILE" | awk '{ print $1, $3, $4 }')" "$owner"
  expect leftovers "$(ls -A "$ROOT/root/.kube")" config
}

@test "again: it holds the renewed certificate already" {
  kubeconfig_of after >"$FILE"
  left_alone 'it holds the renewed certificate already'
}

@test "an older certificate of the same user, with its key: refreshed" {
  kubeconfig_of older >"$FILE"
  refresh
  expect refreshed "$(ask 'r[0].refreshed')" true
  expect content "$(cat "$FILE")" "$(kubeconfig_of after)"
}

@test "a file with further users: only admin.conf's own values change" {
  { kubeconfig_of before && printf -- '- name: jane\n  user:\n    client-certificate-data: %s\n    client-key-data: %s\n' "$(data jane.crt)" "$(data jane.key)"; } >"$FILE"
  refresh
  expect refreshed "$(ask 'r[0].refreshed')" true
  expect content "$(cat "$FILE")" "$(kubeconfig_of after && printf -- '- name: jane\n  user:\n    client-certificate-data: %s\n    client-key-data: %s\n' "$(data jane.crt)" "$(data jane.key)")"
}

@test "several users, none with admin.conf's certificate: left alone" {
  { kubeconfig_of older && printf -- '- name: jane\n  user:\n    client-certificate-data: %s\n    client-key-data: %s\n' "$(data jane.crt)" "$(data jane.key)"; } >"$FILE"
  left_alone '*several users*'
}

@test "another user's certificate: left alone, also with a hostile name" {
  kubeconfig_of jane >"$FILE"
  left_alone '*another user than admin.conf*'
  [[ ! -e pwned && ! -e $MATERIAL/pwned ]]
}

@test "admin.conf's certificate without its key gives nobody the key" {
  kubeconfig_of before jane >"$FILE"
  left_alone '*key does not belong*'
  sed -i.bak '/client-key-data/d' "$FILE"
  left_alone '*no client certificate with its key*'
}

@test "a certificate of the same name from another CA: left alone" {
  kubeconfig_of foreign >"$FILE"
  left_alone "*not of this cluster's CA*"
}

@test "another cluster's kubeconfig: left alone" {
  kubeconfig_of before before theirs >"$FILE"
  left_alone "*does not name this cluster's CA*"
}

@test "tokens, references to files, no YAML at all, emptiness: left alone" {
  printf 'users:\n- name: x\n  user:\n    token: abc\n' >"$FILE"
  left_alone 'left alone: *'
  kubeconfig_of before | sed 's/client-certificate-data: .*/client-certificate: \/x/' >"$FILE"
  left_alone 'left alone: *'
  head -c 3000 /dev/urandom >"$FILE"
  left_alone 'left alone: *'
  : >"$FILE"
  left_alone 'left alone: *'
}

@test "symbolic links, folders and pipes are left alone, and the link's target stays" {
  kubeconfig_of before >"$ROOT/elsewhere"
  ln -s "$ROOT/elsewhere" "$FILE"
  mkdir "$ROOT/home/jane/.kube/config"
  mkdir -p "$ROOT/home/joe/.kube"
  mkfifo "$ROOT/home/joe/.kube/config"
  refresh
  expect rows "$(ask 'r.map((row) => [row.path, row.refreshed])')" '[["/root/.kube/config",false],["/home/jane/.kube/config",false],["/home/joe/.kube/config",false]]'
  expect target "$(cat "$ROOT/elsewhere")" "$(kubeconfig_of before)"
  [[ -L $FILE ]]
}

@test "homes and further paths, with hostile names" {
  local home="$ROOT/home/a \"b\" \$(touch pwned) 'c'"$'\nd'
  mkdir -p "$home/.kube" "$ROOT/srv/ci \$(touch pwned)"
  kubeconfig_of before >"$home/.kube/config"
  kubeconfig_of before >"$ROOT/srv/ci \$(touch pwned)/config"
  kubeconfig_of before >"$ROOT/home/jane/.kube/config"
  refresh '/srv/ci $(touch pwned)/config,/srv/none/config'
  expect count "$(ask 'r.length')" 4
  expect refreshed "$(ask 'r.filter((row) => row.refreshed).length')" 3
  expect absent "$(ask 'r[3]')" '{"path":"/srv/none/config","refreshed":false,"reason":"left alone: there is no such file"}'
  expect hostile "$(ask 'r.some((row) => row.path === "/home/a \"b\" $(touch pwned) \u0027c\u0027\nd/.kube/config")')" true
  [[ ! -e pwned ]]
}

@test "a disk that takes no new file: reported, the old file is whole, no leftovers" {
  kubeconfig_of before >"$FILE"
  mv() { return 1; }
  left_alone '*disk full*'
  unset -f mv
  expect leftovers "$(ls -A "$ROOT/root/.kube")" config
}
