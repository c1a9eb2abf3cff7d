# Kubeconfigs as kubeadm and kubelets write them, letter by letter: what kubectl would print as it is, so neither it nor awk is asked. For steps that read
# every kubeconfig of a node.

# kubeconfig_read_file FILE: the same as kubeconfig_read, sooner
kubeconfig_read_file() {
  kubeconfig_clear
  if [[ -f $1 && -r $1 ]] && kubeconfig_plain "$1"; then return 0; fi
  kubeconfig_read "$1"
}

# kubeconfig_plain FILE: sets the K_ variables. Returns 1 where there is anything else in it. No name begins as true, no or null do.
kubeconfig_plain() {
  local text layout name='([a-eg-mp-su-xz][A-Za-z0-9@._:-]*[A-Za-z0-9])~' pem='-data: (LS0tLS1[A-Za-z0-9+/]+=*)~'
  local path="($pem|: (/[A-Za-z0-9/._-]+)~)"
  # It succeeds at a NUL, which a text has not.
  if IFS= read -r -d '' text <"$1"; then return 1; fi
  layout="^apiVersion: v1~clusters:~- cluster:~    certificate-authority$pem    server: (https://[A-Za-z0-9.:-]+)~  name: ${name}contexts:~- context:~    cluster: $name(    namespace: default~)?    user: $name  name: ${name}current-context: ${name}kind: Config~(preferences: [{][}]~)?users:~- name: $name  user:~    client-certificate$path    client-key$path\$"
  [[ ${text%$'\n'}$'\n' =~ ${layout//\~/$'\n'} ]] || return 1
  set -- "${BASH_REMATCH[@]}"
  [[ "$4 $7 $8" == "$5 ${11} $9" && $(((${#2} | ${#13} | ${#16}) % 4)) == 0 ]] || return 1
  K_AUTHORITY_DATA=$2 K_SERVER=$3 K_NAME=("$7") K_USER=0 K_DATA=("${13}") K_CERTIFICATE=("${14}") K_KEY_DATA=("${16}") K_KEY=("${17}")
}
