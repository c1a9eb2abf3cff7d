# Reading a kubeconfig as kubectl reads it: kubectl itself turns any YAML into the one layout that is read here. On a node without kubectl a
# file has to have that layout, which is kubeadm's and the kubelet's too (docs/decisions/0013-how-scripts-read-yaml.md).
#
# K_NAME, K_CERTIFICATE, K_DATA, K_KEY, K_KEY_DATA are parallel arrays, a user each; K_USER is the number of the current context's. K_SERVER,
# K_AUTHORITY and K_AUTHORITY_DATA are of its cluster. What a kubeconfig does not say is empty.

# no: kubectl is not there, or did not answer; it is not asked again
KUBECTL_READS=''

kubeconfig_clear() {
  K_NAME=() K_CERTIFICATE=() K_DATA=() K_KEY=() K_KEY_DATA=() K_USER='' K_SERVER='' K_AUTHORITY='' K_AUTHORITY_DATA='' K_ERROR=''
}

# kubeconfig_read FILE [TEXT]: sets the K_ variables. Returns 1 when its current context leads to no user; K_ERROR says why. TEXT is what the
# file holds, where it must not be opened again.
kubeconfig_read() {
  local kind value
  kubeconfig_clear
  if [[ $# == 1 && ! (-f $1 && -r $1) ]]; then K_ERROR='no file that can be read' && return 1; fi
  if ! kubeconfig_layout "$@"; then K_ERROR=$REPLY && return 1; fi
  while IFS=' ' read -r kind value; do
    case $kind in
      error) K_ERROR=$value ;;
      current) K_USER=$value ;;
      server) K_SERVER=$value ;;
      authority) K_AUTHORITY=$value ;;
      authority-data) K_AUTHORITY_DATA=$value ;;
      name) K_NAME+=("$value") ;;
      pem-file) K_CERTIFICATE+=("$value") ;;
      data) K_DATA+=("$value") ;;
      key) K_KEY+=("$value") ;;
      key-data) K_KEY_DATA+=("$value") ;;
    esac
  done < <(printf '%s\n' "$REPLY" | kubeconfig_facts)
  [[ -z $K_ERROR ]]
}

# kubeconfig_layout FILE [TEXT] -> REPLY, the kubeconfig as kubectl writes it. Returns 1 and says in REPLY why kubectl does not take it; not in
# kubectl's own words, which may quote a token.
kubeconfig_layout() {
  local text
  if [[ $# == 2 ]]; then text=$2; else text=$(tr -d '\000' <"$1"); fi
  if [[ $KUBECTL_READS != no ]]; then
    # By way of stdin kubectl opens nothing by its name. It writes nothing and asks no API server.
    REPLY=$(if [[ $# == 2 ]]; then printf '%s\n' "$2" | kubectl_config_view; else kubectl_config_view <"$1"; fi 2>&1) || true
    case $REPLY in
      *'current-context: '*) REPLY=apiVersion:${REPLY#*apiVersion:} && return 0 ;;
      *'error loading config file'*'yaml: line '*) REPLY="kubectl cannot read it, its YAML is wrong: line ${REPLY##*yaml: line }" REPLY=${REPLY%%: [!l]*} && return 1 ;;
      *'error loading config file'*) REPLY='kubectl does not take it for a kubeconfig' && return 1 ;;
    esac
    KUBECTL_READS=no
  fi
  REPLY=$text
}

kubectl_config_view() { limited 5 kubectl config view --raw --kubeconfig=/dev/stdin -o yaml; }

# kubeconfig_facts: of the kubeconfig on stdin, a line each of what kubeconfig_read knows. One in another layout is an error with its line.
kubeconfig_facts() {
  awk '
    function no(why) { print "error " why; bad = 1; exit }
    function other() { no("its line " NR " is not as kubectl writes it, and kubectl is not on this node or does not answer") }
    function tell(kind, value) { print kind " " value }
    { sub(/\r$/, "") }
    /^ *(#.*)?$/ || (NR == 1 && /^---$/) { next }
    # What is deeper than a user or a cluster: exec, extensions.
    /^    [ -]/ { if (inner) next; other() }
    {
      if (!match($0, /^(- |  |    )?["\047]?[A-Za-z-]+["\047]?:( |$)/)) other()
      key = substr($0, 1, RLENGTH); value = substr($0, RLENGTH + 1)
      level = key ~ /^    / ? 2 : key ~ /^[- ]/
      if (level == 2 ? !outer : level == 1 && !list) other()
      if (key ~ /^-/) count[list]++
      gsub(/^(- | +)?["\047]?|["\047]?: ?$/, "", key); gsub(/^ +| +$/, "", value)
      inner = level == 2 && value == ""
      if (value ~ /^"[^"\\]*"$/ || value ~ /^\047([^\047]|\047\047)*\047$/) {
        value = substr(value, 2, length(value) - 2); gsub(/\047\047/, "\047", value)
      } else {
        sub(/(^| +)#.*$/, "", value)
        if (value ~ /^([{][}]|\[\]|null)$/) value = ""
        if (value ~ /^[][{}&*!|>%@`"\047,]/ || value ~ /:( |$)/) other()
      }
      if (!level) { list = value == "" ? key : ""; outer = ""; path = key }
      else if (level == 1) { outer = value == "" ? key : ""; path = list count[list] " " key }
      else path = list count[list] " " outer " " key
      if (path in v) other()
      v[path] = value
    }
    function find(list, name,   i) { for (i = 1; i <= count[list]; i++) if (v[list i " name"] == name) return list i; return "" }
    END {
      if (bad) exit
      for (i = 1; i <= count["users"]; i++) {
        tell("name", v["users" i " name"]); u = "users" i " user client-"
        tell("pem-file", v[u "certificate"]); tell("data", v[u "certificate-data"]); tell("key", v[u "key"]); tell("key-data", v[u "key-data"])
      }
      current = v["current-context"]; context = find("contexts", current)
      if (current == "") no("it has no current-context")
      if (context == "") no("its current context \047" current "\047 is not in it")
      c = find("clusters", v[context " context cluster"]) " cluster "
      tell("server", v[c "server"]); tell("authority", v[c "certificate-authority"]); tell("authority-data", v[c "certificate-authority-data"])
      name = v[context " context user"]; user = find("users", name)
      if (user == "") no("its current context \047" current "\047 names the user \047" name "\047, who is not in it")
      sub(/users/, "", user); tell("current", user - 1)
    }'
}

# kubeconfig_salvage FILE: its cluster, also where its user is damaged, for which kubectl refuses the whole file
kubeconfig_salvage() { kubeconfig_read "$1" || KUBECTL_READS=no kubeconfig_read "$1" || true; }

# kubeconfig_path KUBECONFIG PATH -> REPLY, the path of a file that a kubeconfig names; a relative one begins where the kubeconfig is
kubeconfig_path() {
  REPLY=$2
  [[ $REPLY == /* ]] || REPLY=${1%/*}/$REPLY
}
