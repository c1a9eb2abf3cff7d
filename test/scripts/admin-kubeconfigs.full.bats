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
  client expired ours '/O=kubeadm:cluster-admins/CN=kubernetes-admin' -1
  client older ours '/O=kubeadm:cluster-admins/CN=kubernetes-admin' 2
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
  for name in core/json core/disk core/replace-file kubernetes/paths kubernetes/kubeconfig certificates/x509 renewal/admin-kubeconfigs; do . "$SCRIPTS/lib/$name.sh"; done
  log() { :; }
  limited() { shift && "$@"; }
  kubectl() { node "$PROJECT/local/nodes/simulated/stand-ins/lib/kubeconfig-view.mjs" view; }
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

@test "a backup in the old layout, which begins at /etc/kubernetes" {
  mv "$STATE/backups/b/etc/kubernetes/admin.conf" "$STATE/backups/b/" && rm -r "$STATE/backups/b/etc"
  { kubeconfig_of before && printf -- '- name: jane\n  user:\n    client-certificate-data: %s\n    client-key-data: %s\n' "$(data jane.crt)" "$(data jane.key)"; } >"$FILE"
  refresh
  expect refreshed "$(ask 'r[0].refreshed')" true
}

@test "again: it holds the renewed certificate already" {
  kubeconfig_of after >"$FILE"
  left_alone 'it holds the renewed certificate already'
}

@test "an older certificate of the same user, with its key, still valid: refreshed" {
  kubeconfig_of older >"$FILE"
  refresh
  expect refreshed "$(ask 'r[0].refreshed')" true
  expect content "$(cat "$FILE")" "$(kubeconfig_of after)"
}

@test "the certificate from before this renewal may have expired; an older one that has stays as it is" {
  kubeconfig_of expired >"$FILE"
  left_alone "left alone: its certificate, older than admin.conf's, expired on *; copy admin.conf there*"
  kubeconfig_of expired >"$STATE/backups/b/etc/kubernetes/admin.conf"
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

@test "any YAML that kubectl takes: the current context's user, values where they stand; spread over lines, left alone" {
  local form
  for form in 's/client-certificate-data: \(.*\)/"client-certificate-data": "\1"/' "s/client-key-data: \(.*\)/client-key-data: '\1' # mine/" 's/$/\r/'; do
    kubeconfig_of older | sed "$form" >"$FILE"
    refresh
    expect "refreshed, $form" "$(ask 'r[0].refreshed')" true
    expect "content, $form" "$(cat "$FILE")" "$(kubeconfig_of after | sed "$form")"
  done
  # JSON, as `kubectl config view -o json` writes it, all in one line.
  json() { kubeconfig_of "$1" | node -e 'process.stdout.write(JSON.stringify(require(process.argv[1]).parse(require("fs").readFileSync(0, "utf8"))) + "\n")' "$PROJECT/node_modules/yaml"; }
  json older >"$FILE"
  refresh
  expect 'JSON' "$(cat "$FILE")" "$(json after)"
  kubeconfig_of older | sed 's/client-key-data: \(.\{20\}\)/client-key-data: |-\n      \1\n      /' >"$FILE"
  left_alone '*not each on one line'
  # Another user, whose name is before the administrator's, and who has no certificate.
  kubeconfig_of older | sed 's/^users:/&\n- name: a\n  user:\n    token: t/' >"$FILE"
  refresh
  expect 'other user' "$(ask 'r[0].refreshed')" true
}

@test "without kubectl a file has to be in its layout: else it is left alone" {
  kubectl() { return 127; }
  in_layout() { sed 's/- context: {.*/- context:\n    cluster: prod\n    user: me/'; }
  kubeconfig_of before | in_layout >"$STATE/backups/b/etc/kubernetes/admin.conf"
  kubeconfig_of after | in_layout >"$ROOT/etc/kubernetes/admin.conf"
  kubeconfig_of older >"$FILE"
  left_alone '*its line 8 is not as kubectl writes it*'
  kubeconfig_of older | in_layout >"$FILE"
  refresh
  expect refreshed "$(ask 'r[0].refreshed')" true
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

@test "of other people's files only those that are named, ten of them at most; root's own once" {
  local i home homes=()
  for home in jane joe; do
    mkdir -p "$ROOT/home/$home/.kube"
    kubeconfig_of before >"$ROOT/home/$home/.kube/config"
  done
  kubeconfig_of before >"$FILE"
  refresh /home/joe/.kube/config,/root/.kube/config,/srv/none/config
  expect rows "$(ask 'r.map((row) => [row.path, row.refreshed, row.reason])')" \
    '[["/root/.kube/config",true,null],["/home/joe/.kube/config",true,null],["/srv/none/config",false,"left alone: there is no such file"]]'
  expect 'not named' "$(cat "$ROOT/home/jane/.kube/config")" "$(kubeconfig_of before)"
  for ((i = 0; i < 220; i++)); do homes[i]=$ROOT/home/user$i/.kube; done
  mkdir -p "${homes[@]}"
  kubeconfig_of before | tee "${homes[@]/%//config}" >/dev/null
  refresh
  expect 'of 222 homes' "$(ask r)" '[{"path":"/root/.kube/config","refreshed":false,"reason":"it holds the renewed certificate already"}]'
  # The longest list that a cluster can have.
  local longest
  longest=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '/home/user1/.kube/%0183d\n' "$i"; done | paste -sd, -)
  refresh "$longest"
  expect rows "$(ask r.length)" 11
  [[ ${#longest} -ge 2000 && ${#RESULT} -lt 10000 ]]
}

# In somebody else's folder. It is root's in these tests, because only root may give files away; that others may write in it is what counts.
# theirs: $FILE is in such a folder, NAMED its path on the node
theirs() {
  NAMED=/home/mallory/.kube/config
  FILE=$ROOT$NAMED
  mkdir -p "${FILE%/*}"
  kubeconfig_of before >"$FILE"
  chmod 777 "$ROOT/home/mallory" "${FILE%/*}"
  if [[ $(id -u) == 0 ]]; then chown 4242 "$ROOT/home/mallory" "${FILE%/*}"; fi
  # What must not be written, and not read: a key that nobody else may see.
  SECRET=$ROOT/secret
  kubeconfig_of before >"$SECRET"
  chmod 600 "$SECRET"
}
# theirs_left_alone PATTERN
theirs_left_alone() {
  refresh "$NAMED"
  expect_match reason "$(ask 'String(r[0].reason)')" "left alone: $1"
  expect 'what is elsewhere' "$(cat "$SECRET")" "$(kubeconfig_of before)"
  no_leftovers
}
no_leftovers() {
  expect leftovers "$(find "$ROOT" -name '.kubeadm-autopilot*')" ''
  [[ ! -e $STATE/staging ]]
}
# Only GNU's mv can be told that a target is no folder.
needs_mv_T() { mv -T --help >/dev/null 2>&1 || skip "mv has no -T here"; }

@test "somebody else's folder: refreshed, owner and mode kept; no name in it is written but the file's" {
  needs_mv_T
  theirs
  chmod 640 "$FILE"
  [[ $(id -u) != 0 ]] || chown 4242:4343 "$FILE"
  local listing name
  listing=$(ls -ln "$FILE" | awk '{ print $1, $3, $4 }')
  # Whatever is there under the names that this has, or had.
  mkfifo "${FILE%/*}/pipe"
  for name in .kubeadm-autopilot .kubeadm-autopilot.$$.1 taken copy; do ln -s "${FILE%/*}/pipe" "${FILE%/*}/$name"; done
  ln -s "$SECRET" "${FILE%/*}/config.new"
  refresh "$NAMED"
  expect rows "$(ask r)" "[{\"path\":\"$NAMED\",\"refreshed\":true}]"
  expect content "$(cat "$FILE")" "$(kubeconfig_of after)"
  expect owner "$(ls -ln "$FILE" | awk '{ print $1, $3, $4 }')" "$listing"
  [[ -L ${FILE%/*}/.kubeadm-autopilot && -L ${FILE%/*}/copy && ! -e $ROOT/home/.kubeadm-autopilot && ! -e $STATE/staging ]]
  expect 'what is elsewhere' "$(cat "$SECRET")" "$(kubeconfig_of before)"
}

@test "a copy that root left there for root alone stays readable for root alone" {
  needs_mv_T
  theirs
  chmod 600 "$FILE"
  refresh "$NAMED"
  expect refreshed "$(ask 'r[0].refreshed')" true
  expect mode "$(ls -ln "$FILE" | awk '{ print $1, $3 }')" "-rw------- $(id -u)"
  [[ $(id -u) != 0 ]] || ! setpriv --reuid 4242 --regid 4242 --clear-groups cat "$FILE"
}

@test "links, pipes, folders, devices, several names in the file's place are left alone, and nothing waits for them" {
  theirs
  local place=$FILE
  for FILE in "$place" "$ROOT/root/.kube/config"; do
    [[ $FILE == "$place" ]] || NAMED=none
    rm -rf "$FILE" && ln -s "$SECRET" "$FILE" && theirs_left_alone 'it is a symbolic link'
    rm -rf "$FILE" && ln -s /nowhere "$FILE" && theirs_left_alone 'it is a symbolic link'
    rm -rf "$FILE" && mkfifo "$FILE" && theirs_left_alone 'it is no regular file'
    rm -rf "$FILE" && mkdir "$FILE" && theirs_left_alone '*'
    rm -rf "$FILE" && ln "$SECRET" "$FILE" && theirs_left_alone 'it has more than one name (hard links)'
    if mknod "$BATS_TEST_TMPDIR/device" c 1 3 2>/dev/null; then
      rm -rf "$FILE" && mv "$BATS_TEST_TMPDIR/device" "$FILE" && theirs_left_alone 'it is no regular file'
      expect 'owner of the device' "$(ls -ln "$FILE" | awk '{ print $1, $3 }')" "$(ls -ln /dev/null | awk '{ print "crw-r--r--", $3 }')"
    fi
    rm -rf "$FILE"
  done
}

@test "a link on the way to the file: left alone" {
  theirs
  mv "$ROOT/home/mallory/.kube" "$ROOT/elsewhere" && ln -s "$ROOT/elsewhere" "$ROOT/home/mallory/.kube"
  theirs_left_alone 'its path leads through a symbolic link*'
  expect 'behind the link' "$(cat "$ROOT/elsewhere/config")" "$(kubeconfig_of before)"
}

# swap: what an attacker does at the worst moment, just before (or after) root's own call
swap() { rm -rf "$FILE" && "$@"; }

@test "swapped for a link to root's key before it is looked at, while it is read, and just before the rename" {
  needs_mv_T
  theirs
  ln() { swap command ln -s "$SECRET" "$FILE" && command ln "$@"; }
  theirs_left_alone 'it is a symbolic link'
  unset -f ln
  rm "$FILE" && kubeconfig_of before >"$FILE"
  cp() { [[ $1 != -a ]] || swap ln -s "$SECRET" "$FILE"; command cp "$@"; }
  theirs_left_alone 'another file took its place meanwhile'
  unset -f cp
  rm "$FILE" && kubeconfig_of before >"$FILE"
  mv() { [[ $* != *"/copy ./config" ]] || swap ln -s "$SECRET" "$FILE"; command mv "$@"; }
  refresh "$NAMED"
  expect 'what is elsewhere' "$(cat "$SECRET")" "$(kubeconfig_of before)"
  [[ ! -L $FILE ]]
  no_leftovers
}

@test "swapped for a folder, or a link to one, just before the rename: nothing goes into it" {
  needs_mv_T
  theirs
  mkdir "$ROOT/etc/cron.d"
  mv() { [[ $* != *"/copy ./config" ]] || swap mkdir "$FILE"; command mv "$@"; }
  theirs_left_alone 'it could not be written*'
  expect 'in it' "$(ls -A "$FILE")" ''
  rmdir "$FILE" && kubeconfig_of before >"$FILE"
  mv() { [[ $* != *"/copy ./config" ]] || swap ln -s "$ROOT/etc/cron.d" "$FILE"; command mv "$@"; }
  refresh "$NAMED"
  expect 'in it' "$(ls -A "$ROOT/etc/cron.d")" ''
  no_leftovers
}

@test "swapped for a pipe while it is read: nothing waits for it" {
  theirs
  ln() { command ln "$@" && swap mkfifo "$FILE"; }
  theirs_left_alone 'another file took its place meanwhile'
}

@test "more than a megabyte is left alone, not cut off; also one that grows while it is read" {
  theirs
  { kubeconfig_of before && head -c 1000000 /dev/zero | tr '\0' '#'; } >"$FILE"
  command cp "$FILE" "$BATS_TEST_TMPDIR/was"
  theirs_left_alone 'it has 10????? bytes, and 1000000 are read at most'
  cmp "$FILE" "$BATS_TEST_TMPDIR/was"
  kubeconfig_of before >"$FILE"
  cp() { [[ $1 != -a ]] || head -c 3000000 /dev/zero >>"$FILE"; command cp "$@"; }
  theirs_left_alone 'it cannot be copied*'
}

@test "an ACL is kept: no right of one user becomes the group's" {
  kubeconfig_of before >"$FILE"
  chmod 600 "$FILE"
  # user::rw-, user:2000:r--, group::---, mask::r--, other::---, as the kernel has it.
  acl() { python3 -c 'import os, struct, sys
if len(sys.argv) > 2:
    os.setxattr(sys.argv[1], "system.posix_acl_access", struct.pack("<I" + "HHI" * 5, 2, 1, 6, 2**32-1, 2, 4, 2000, 4, 0, 2**32-1, 16, 4, 2**32-1, 32, 0, 2**32-1))
print(os.getxattr(sys.argv[1], "system.posix_acl_access").hex())' "$@" 2>/dev/null; }
  local had
  had=$(acl "$FILE" set) || skip 'no ACL can be set here (python3 on Linux does)'
  refresh
  expect refreshed "$(ask 'r[0].refreshed')" true
  expect acl "$(acl "$FILE")" "$had"
  expect content "$(cat "$FILE")" "$(kubeconfig_of after)"
}

@test "a disk that takes no new file: reported, the old file is whole, no leftovers" {
  kubeconfig_of before >"$FILE"
  mv() { [[ $* != *"/copy ./config" ]] && command mv "$@"; }
  left_alone '*disk full*'
  no_leftovers
}

@test "what a kill left behind goes the next time, also where the list does not lead any more, but nothing in a folder that is others' by now" {
  mkdir -p "$ROOT/srv/ci/.kubeadm-autopilot" "$ROOT/srv/theirs/.kubeadm-autopilot"
  kubeconfig_of after >"$ROOT/srv/ci/.kubeadm-autopilot/copy"
  chmod 777 "$ROOT/srv/theirs"
  printf '%s\n' "$ROOT/srv/ci/.kubeadm-autopilot" "$ROOT/srv/theirs/.kubeadm-autopilot" "$ROOT/etc" >"$STATE/staging"
  refresh
  [[ ! -e $ROOT/srv/ci/.kubeadm-autopilot && -d $ROOT/srv/theirs/.kubeadm-autopilot && -d $ROOT/etc && ! -e $STATE/staging ]]
}
