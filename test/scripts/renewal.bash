# Shared by the tests of renew-certificates.sh.

RENEWED='admin.conf apiserver apiserver-etcd-client apiserver-kubelet-client controller-manager.conf etcd-healthcheck-client etcd-peer etcd-server front-proxy-client scheduler.conf super-admin.conf'

path_of() {
  case $1 in
    *.conf) echo "/etc/kubernetes/$1" ;;
    etcd-*) echo "/etc/kubernetes/pki/etcd/${1#etcd-}.crt" ;;
    *) echo "/etc/kubernetes/pki/$1.crt" ;;
  esac
}

# serials: a line `name serial` for each certificate that kubeadm renews, as they are on disk now
serials() {
  local name
  for name in $RENEWED; do echo "$name $(disk_serial "$(path_of "$name")")"; done
}

# containers: a line `component id` for each running static pod
containers() {
  local component
  for component in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    echo "$component $(tool crictl ps --name "^$component\$" --state Running -q)"
  done
}

# leads COMPONENT: who holds its lease, NODE_UUID
leads() {
  tool kubectl --kubeconfig "$NODE_ROOT/etc/kubernetes/admin.conf" --server https://127.0.0.1:6443 --tls-server-name kubernetes -n kube-system \
    get lease "$1" -o 'jsonpath={.spec.holderIdentity} {.spec.leaseDurationSeconds} {.spec.renewTime}' | cut -d ' ' -f 1
}
is_led() { [[ $(leads "$1") == *_* ]]; }

renew() { run_step renew-certificates SSM_Force=no SSM_Until=all "$@"; }
refresh() { run_step refresh-kubeconfigs "SSM_AdminKubeconfigs=${1-none}"; }

# all_new SERIALS-BEFORE: each serial on disk is another one now, and every pair of certificate and key fits
all_new() {
  local name path key
  [[ -z $(comm -12 <(printf '%s\n' "$1" | sort) <(serials | sort)) ]] || {
    echo "not renewed: $(comm -12 <(printf '%s\n' "$1" | sort) <(serials | sort))"
    return 1
  }
  for name in $RENEWED; do
    path=$(path_of "$name")
    case $path in
      *.conf) key=$(sed -n 's/^ *client-key-data: //p' "$NODE_ROOT$path" | base64 -d) ;;
      *) key=$(cat "$NODE_ROOT${path%.crt}.key") ;;
    esac
    expect "key of $name" "$(printf '%s\n' "$key" | openssl pkey -pubout)" "$(disk_pem "$path" | openssl x509 -noout -pubkey)"
  done
}

# all_served: the ports of the API server and of etcd present what is on disk
all_served() {
  local pair
  for pair in 127.0.0.1:6443=apiserver 127.0.0.1:2379=etcd-server 10.0.1.11:2380=etcd-peer; do
    expect "served at $pair" "$(tool openssl s_client -connect "${pair%=*}" </dev/null 2>/dev/null | openssl x509 -noout -serial)" "serial=$(disk_serial "$(path_of "${pair#*=}")")"
  done
}

# manifests_untouched: the very files, not copies of them
manifests_untouched() {
  diff -r "$NODE_ROOT.pristine/etc/kubernetes/manifests" "$NODE_ROOT/etc/kubernetes/manifests"
  expect 'manifests (inode and time)' "$(ls -li --time-style=full-iso "$NODE_ROOT/etc/kubernetes/manifests" 2>/dev/null || ls -liT "$NODE_ROOT/etc/kubernetes/manifests")" "$MANIFESTS_BEFORE"
}
remember_manifests() {
  MANIFESTS_BEFORE=$(ls -li --time-style=full-iso "$NODE_ROOT/etc/kubernetes/manifests" 2>/dev/null || ls -liT "$NODE_ROOT/etc/kubernetes/manifests")
}

# nothing_changed: no file of Kubernetes is another one, no backup, no record
nothing_changed() {
  diff -r "$NODE_ROOT.pristine/etc/kubernetes" "$NODE_ROOT/etc/kubernetes"
  [[ ! -e $STATE/renewal && -z $(ls -A "$STATE/backups" 2>/dev/null) ]]
  expect restarts "$(calls '^crictl rmp')" 0
}

# Commands for kill_renewal: a file that is renewed early is new; a fault has killed the script.
some_are_renewed() { until_true differs_from_before etc/kubernetes/pki/apiserver.crt; }
differs_from_before() { ! cmp -s "$NODE_ROOT/$1" "$NODE_ROOT.pristine/$1"; }
it_is_dead() { until_true no_process "$leader"; }
no_process() { ! kill -0 "$1"; }

# kill_renewal UNTIL PATTERN [COMMAND...]: runs it, and its process group gets SIGKILL when a tool is called with such words and COMMAND, which
# waits for something, has ended; or a fault at that call has killed it
kill_renewal() {
  local leader
  : >"$NODE_ROOT/calls.log"
  setsid env -i PATH="$NODE_PATH" NODE_ROOT="$NODE_ROOT" LANG=C.UTF-8 SSM_Force=no "SSM_Until=$1" \
    "$SCRIPTS/renew-certificates.sh" >"$BATS_TEST_TMPDIR/out" 2>/dev/null 3>&- &
  leader=$!
  until grep -q "$2" "$NODE_ROOT/calls.log"; do
    if ! kill -0 "$leader" 2>/dev/null && ! grep -q "$2" "$NODE_ROOT/calls.log"; then
      echo "it ended before it called $2: $(cat "$BATS_TEST_TMPDIR/out")"
      return 1
    fi
    sleep 0.01
  done
  "${@:3}"
  kill -KILL -- "-$leader" 2>/dev/null || true
  wait "$leader" 2>/dev/null || true
  expect 'no result' "$(grep -c "$MARKER" "$BATS_TEST_TMPDIR/out")" 0
}
