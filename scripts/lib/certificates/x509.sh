# Reading one certificate: from a PEM file, from base64, or from text.

# `openssl x509` (3.0 and later) first loads the machine's bundle of public CAs, whatever it is asked: 27 ms instead of 4 ms a call.
# Nothing here is checked against public CAs. Only for openssl: kubeadm and kubectl keep the machine's own setting.
openssl() { SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/dev/null command openssl "$@"; }

# x509_read FILE: sets X_SERIAL, X_BEFORE and X_AFTER (ISO 8601 UTC), X_SUBJECT and X_ISSUER (hashes of the names), X_NODE (of a kubelet's
# certificate), X_PEM, or X_ERROR. One openssl call; never fails.
x509_read() {
  x509_none
  if [[ ! -f $1 ]]; then
    X_ERROR='not a regular file'
  elif [[ ! -r $1 ]]; then
    X_ERROR='no permission to read it'
  else
    x509_parse "$(openssl x509 -in "$1" "${X509_FIELDS[@]}" 2>/dev/null)"
  fi
}
X509_FIELDS=(-subject -serial -startdate -enddate -subject_hash -issuer_hash)

# x509_none: as after reading, with nothing read
x509_none() { X_SERIAL='' X_BEFORE='' X_AFTER='' X_SUBJECT='' X_ISSUER='' X_NODE='' X_PEM='' X_ERROR=''; }

# x509_read_base64 DATA: the same for a kubeconfig's client-certificate-data.
x509_read_base64() { x509_parse "$(printf '%s' "$1" | base64 -d 2>/dev/null | openssl x509 "${X509_FIELDS[@]}" 2>/dev/null)"; }

x509_parse() {
  x509_none
  local text=$1 after before
  if [[ $text != *$'\n'serial=* || $text != *$'\n'notAfter=* ]]; then
    X_ERROR='not a PEM certificate'
    return 0
  fi
  X_PEM=-----BEGIN${text#*-----BEGIN} text=${text%%$'\n'-----BEGIN*}
  X_ISSUER=${text##*$'\n'} text=${text%$'\n'*}
  X_SUBJECT=${text##*$'\n'} text=${text%$'\n'*}
  after=${text##*$'\n'notAfter=} text=${text%$'\n'*}
  before=${text##*$'\n'notBefore=} text=${text%$'\n'*}
  X_SERIAL=${text##*$'\n'serial=} text=${text%$'\n'*}
  if [[ $text == *system:node:* ]]; then X_NODE=${text##*system:node:} X_NODE=${X_NODE%%[,/[:space:]]*}; fi
  iso_time "$before" && X_BEFORE=$REPLY
  iso_time "$after" && X_AFTER=$REPLY
  [[ -n $X_AFTER ]] || X_ERROR="its end date '$after' cannot be read"
}

# key_public: of the private key on stdin -> stdout, its public key; nothing of one that is none, or that has a passphrase, for which nobody is asked
key_public() { openssl pkey -passin pass: -pubout 2>/dev/null; }

# has_passphrase: the private key on stdin has one
has_passphrase() { grep ENCRYPTED >/dev/null; }

# iso_time 'Nov  3 18:01:00 2026 GMT' -> REPLY 2026-11-03T18:01:00Z, empty when it is no such date
iso_time() {
  local text=${1% GMT} months='JanFebMarAprMayJunJulAugSepOctNovDec' month day time year
  REPLY=''
  month=${text%% *} year=${text##* } text=${text#* } text=${text% *} time=${text##* }
  day=${text% *} day=${day// /}
  [[ $months == *"$month"* && ${#month} == 3 && $day$year != *[!0-9]* && -n $day && -n $year && $time == ??:??:?? ]] || return 0
  months=${months%%"$month"*}
  [[ $((${#months} % 3)) == 0 ]] || return 0
  printf -v REPLY '%04d-%02d-%02dT%sZ' "$((10#$year))" "$((${#months} / 3 + 1))" "$((10#$day))" "$time"
}
