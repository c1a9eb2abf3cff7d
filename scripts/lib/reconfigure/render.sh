# What kubeadm would write for a configuration, made beside what the node runs: in memory, where root alone reads it.

RENDERING=$ROOT/run/kubeadm-autopilot
# A reconfiguration that replaces a configuration keeps it under this key of its ConfigMap until all nodes are done.
PREVIOUS_KEY=kubeadm-autopilot-previous

rendering_begin() {
  AT_END=rendering_end
  rm -rf "$RENDERING"
  mkdir -p "${RENDERING%/*}" && mkdir -m 700 "$RENDERING" || fail "${RENDERING#"$ROOT"} cannot be made: is /run full or read-only?"
}
rendering_end() { rm -rf "$RENDERING"; }

# config_map NAME KEY -> REPLY, a value of a ConfigMap in kube-system, read as this node may; empty where there is none. Returns 1 when the
# API server does not answer.
config_map() {
  local with
  api_kubeconfig && with=$REPLY
  REPLY=$(limited 15 kubectl --kubeconfig="$with" --request-timeout=10s -n kube-system get configmap "$1" -o "jsonpath={.data['$2']}" 2>>"${LOG:-/dev/null}")
}

# document_value DOCUMENT NAME -> REPLY, a plain field at its top
document_value() { REPLY=$(printf '%s\n' "$1" | sed -n "s/^$2: *[\"']\{0,1\}\([^\"' ]*\).*/\1/p" | head -n 1); }

# kubeadm_document FILE CLUSTER-CONFIGURATION [PATCHES-DIRECTORY] [MORE]: what kubeadm works with on this very node
kubeadm_document() {
  local api advertise port
  document_value "$2" apiVersion && api=$REPLY
  flag "$API_SERVER" advertise-address && advertise=$REPLY
  flag_port "$API_SERVER" 6443 && port=$REPLY
  node_name
  # Maps in one line: a document of SSM holds scripts without their indentation.
  write_file "$1" "apiVersion: ${api:-kubeadm.k8s.io/v1beta4}
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: \"$advertise\", bindPort: $port }
nodeRegistration: { name: \"$REPLY\"${CONTAINER_RUNTIME_ENDPOINT:+, criSocket: \"$CONTAINER_RUNTIME_ENDPOINT\"} }
${3:+patches: { directory: \"$3\" \}
}---
${2%$'\n'}${4:+
---
${4%$'\n'}}" || fail "${1#"$ROOT"} cannot be written: is /run full?"
}

# render_manifests FOLDER CLUSTER-CONFIGURATION [PATCHES-DIRECTORY]: one file for each static pod. Returns 1 with kubeadm's words in REPLY.
render_manifests() {
  local said phase phases='control-plane all'
  [[ $ETCD != stacked ]] || phases="$phases,etcd local"
  rm -rf "$1"
  mkdir -p "$1"
  kubeadm_document "$1.yaml" "$2" "${3:-}"
  while IFS= read -r phase; do
    # shellcheck disable=SC2086 # two words
    said=$(KUBEADM_INIT_DRYRUN_DIR=$1 limited 60 kubeadm init phase $phase --config "$1.yaml" --dry-run 2>&1 </dev/null) || {
      REPLY=$(printf '%s\n' "$said" | grep -v '^To see the stack trace' | tail -n 2 | tr '\n' ' ' | tail -c 400)
      return 1
    }
  done < <(printf '%s\n' "$phases" | tr ',' '\n')
  [[ $ETCD != stacked ]] || keep_of_etcd "$1/etcd.yaml"
}

# keep_of_etcd FILE: what a member has of its own. How it joined is read once, at its first start, and its image may have been raised.
keep_of_etcd() {
  local image initial
  manifest_image etcd && image=$REPLY
  initial=$(grep -e '^ *- --initial-cluster\(-state\)\{0,1\}=' "$ROOT$MANIFESTS/etcd.yaml") || initial=''
  REPLY=$(INITIAL=$initial awk -v image="$image" '
    /^ *- --initial-cluster(-state)?=/ { if (!done) print ENVIRON["INITIAL"]; done = 1; next }
    image != "" && /^ *image:/ { sub(/image:.*/, "image: " image) }
    { print }' "$1")
  write_file "$1" "$REPLY" || fail "${1#"$ROOT"} cannot be written: is /run full?"
}

# plain_lines FILE -> stdout, without comments and empty lines
plain_lines() { sed -e '/^[[:space:]]*#/d' -e '/^[[:space:]]*$/d' -e '/^---$/d' "$1" 2>/dev/null; }

# difference WANTED IS -> REPLY, lines of IS alone with a + in front, of WANTED alone with a -; empty where they are alike
difference() {
  REPLY=$(diff --unchanged-line-format= --old-line-format='-%L' --new-line-format='+%L' <(plain_lines "$1") <(plain_lines "$2")) || true
}

# split_documents TEXT FOLDER -> FOLDER/1, FOLDER/2 …: documents of YAML with --- between
split_documents() {
  mkdir -p "$2"
  printf '%s\n' "$1" | awk -v folder="$2" 'BEGIN { n = 1 } /^---$/ { n++; next } { print > (folder "/" n) }'
}
