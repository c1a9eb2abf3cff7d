# shellcheck shell=bash
# kubectl config view --raw --kubeconfig=/dev/stdin -o yaml. What kubectl would print as it is, is printed here; every other YAML by
# kubeconfig-view.mjs, because to start Node.js takes longer than all the rest.
# shellcheck disable=SC2154  # TOOL_ARGUMENTS of stand-in.sh

config_view() { # config_view config view ARGUMENT...
  local text
  [ "$*" = 'config view --raw --kubeconfig=/dev/stdin -o yaml' ] ||
    fail "error: a simulated node's kubectl only knows config view --raw --kubeconfig=/dev/stdin -o yaml: got \"$TOOL_ARGUMENTS\""
  text=$(cat 2>/dev/null)
  if is_canonical "$text"; then printf '%s\n' "$text"; else printf '%s\n' "$text" | kubeconfig_view view; fi
}

kubeconfig_view() { # kubeconfig_view view|minify|embed VALUE... : the kubeconfig on stdin
  "$NODE_ROOT/usr/lib/node" "$NODE_ROOT/usr/lib/stand-ins/kubeconfig-view.mjs" "$@"
}

has_choices() { # has_choices TEXT : several clusters or users, or YAML other than a line for each member
  case $1 in
    *'- name:'*'- name:'* | *'- cluster:'*'- cluster:'* | *'- context:'*'- context:'* | *[\&*\"\'$'\r']* | *': {'[^"}"]* | '{'*) return 0 ;;
    *) return 1 ;;
  esac
}

is_canonical() { # is_canonical TEXT : one cluster, context and user, exactly as kubeadm and kubelets write them
  local n='[A-Za-z][A-Za-z0-9@._:/-]*[A-Za-z0-9]' data='[A-Za-z0-9+/]+=*' layout
  layout="^apiVersion: v1~clusters:~- cluster:~    certificate-authority-data: $data~    server: $n~  name: $n~contexts:~- context:~    cluster: $n~    user: $n~  name: $n~current-context: $n~kind: Config~users:~- name: $n~  user:~    client-certificate(-data: $data|: /[A-Za-z0-9/._-]+)~    client-key(-data: $data|: /[A-Za-z0-9/._-]+)\$"
  [[ $1 =~ ${layout//\~/$'\n'} ]]
}
