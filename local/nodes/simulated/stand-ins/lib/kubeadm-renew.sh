# shellcheck shell=bash
# `kubeadm certs renew`: a new key and a new certificate with the old one's subject, names and usages, signed by the CA on disk.
# shellcheck disable=SC2154  # variables of kubeadm, which sources this

renew_all() {
  local name rest
  while IFS='|' read -r name rest; do renew "$name"; done < <(expected_rows)
  printf '\n%s\n' 'Done renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use the new certificates.'
}

renew() { # renew NAME
  local name ca file long
  IFS='|' read -r name ca file long < <(certificate_row "$1")
  if ! exists "$name" "$file"; then
    echo "MISSING! $long"
  elif is_external "$ca"; then
    ca_file "$ca"
    echo "Detected external $CA_FILE, $long can't be renewed"
  else
    read_certificate "$name" "$file"
    issue "$ca"
    if [ -n "$file" ]; then
      # In this order, and not atomically, as kubeadm does it.
      (umask 077 && cat "$WORK/new.key" >"$CERTIFICATES_DIR/$file.key")
      (umask 022 && cat "$WORK/new.crt" >"$CERTIFICATES_DIR/$file.crt")
    else
      embed "$NODE_ROOT/etc/kubernetes/$name"
    fi
    echo "$long renewed"
  fi
}

CA_BASE64=''
embed() { # embed KUBECONFIG
  CA_BASE64=${CA_BASE64:-$("$REAL" base64 -A -in "$CERTIFICATES_DIR/ca.crt")}
  if has_choices "$(cat "$1")"; then
    kubeconfig_view embed "$("$REAL" base64 -A -in "$WORK/new.crt")" "$("$REAL" base64 -A -in "$WORK/new.key")" "$CA_BASE64" <"$1" >"$WORK/kubeconfig"
    cat "$WORK/kubeconfig" >"$1"
    return
  fi
  awk -v certificate="$("$REAL" base64 -A -in "$WORK/new.crt")" -v key="$("$REAL" base64 -A -in "$WORK/new.key")" \
    -v ca="$CA_BASE64" '
    function replace(value) { sub(/: .*/, ": "); print $0 value }
    /^ *client-certificate-data:/ { replace(certificate); next }
    /^ *client-key-data:/ { replace(key); next }
    /^ *certificate-authority-data:/ { replace(ca); next }
    { print }' "$1" >"$WORK/kubeconfig"
  cat "$WORK/kubeconfig" >"$1"
}

issue() { # issue CA : from the certificate of TEXT to $WORK/new.crt and $WORK/new.key
  local ca now
  real openssl
  ca_file "$1"
  ca=$CERTIFICATES_DIR/$CA_FILE
  if [ -z "${START:-}" ]; then
    now=$(date +%s)
    # Go adds none to a leaf. OpenSSL does from 3.0 on unless told not to, which those before it do not know.
    case $("$REAL" version) in
      'OpenSSL '[3-9]*) NO_SUBJECT_KEY_IDENTIFIER='subjectKeyIdentifier = none' ;;
      *) NO_SUBJECT_KEY_IDENTIFIER='' ;;
    esac
    START=$(openssl_time $((now - 300)))
    STOP=$(openssl_time $((now + VALIDITY_SECONDS)))
  fi
  if [ "${KEY_READ:-}" != "$ca" ]; then
    "$REAL" pkey -in "$ca.key" -noout 2>/dev/null ||
      refuse "failure loading $CA_FILE certificate authority: failed to load key: couldn't load the private key file $(off_node "$ca.key"): error reading private key file $(off_node "$ca.key"): data does not contain a valid RSA or ECDSA private key"
    KEY_READ=$ca
  fi
  new_key
  describe
  {
    "$REAL" req -new -key "$WORK/new.key" -subj "$SUBJECT" -config "$WORK/ca.cnf" -out "$WORK/new.csr" &&
      "$REAL" ca -config "$WORK/ca.cnf" -batch -notext -in "$WORK/new.csr" -out "$WORK/new.crt" \
        -cert "$ca.crt" -keyfile "$ca.key" -extensions leaf -startdate "$START" -enddate "$STOP"
  } >"$WORK/log" 2>&1 || refuse "failed to renew certificate: $(cat "$WORK/log")"
}

new_key() {
  local bits=${ALGORITHM#RSA-}
  case $ALGORITHM in
    ECDSA-P256) "$REAL" ecparam -name prime256v1 -genkey -noout -out "$WORK/new.key" ;;
    ECDSA-P384) "$REAL" ecparam -name secp384r1 -genkey -noout -out "$WORK/new.key" ;;
    RSA-*)
      # LibreSSL has no -traditional and needs none.
      "$REAL" genrsa -traditional -out "$WORK/new.key" "$bits" 2>/dev/null ||
        "$REAL" genrsa -out "$WORK/new.key" "$bits" 2>/dev/null
      ;;
    *) refuse "unsupported encryption algorithm \"$ALGORITHM\"" ;;
  esac
}

describe() { # sets SUBJECT and writes $WORK/ca.cnf for the certificate of TEXT
  local line previous='' value names='' usages='' in_text=''
  SUBJECT=
  while IFS= read -r line; do
    line=${line#"${line%%[! ]*}"}
    case $line in Certificate:) in_text=yes ;; esac
    case $previous in
      *'Subject Alternative Name'*) names=${line//IP Address:/IP:} ;;
      *'Extended Key Usage'*)
        usages=${line/TLS Web Server Authentication/serverAuth}
        usages=${usages/TLS Web Client Authentication/clientAuth}
        ;;
    esac
    value=${line#* = }
    value=${value//\\/\\\\}
    value=${value//\//\\/}
    # In front of the text, which has the issuer in the same form.
    case $in_text$line in
      organizationName*' = '*) SUBJECT=$SUBJECT/O=$value ;;
      commonName*' = '*) SUBJECT=$SUBJECT/CN=$value ;;
    esac
    previous=$line
  done <<<"$TEXT"
  : >"$WORK/index.txt"
  # 63 bits, as Go's serial numbers.
  printf '4%03x%04x%04x%04x\n' $((RANDOM % 4096)) $((RANDOM * 2 + RANDOM % 2)) $((RANDOM * 2 + RANDOM % 2)) $((RANDOM * 2 + RANDOM % 2)) >"$WORK/serial"
  cat >"$WORK/ca.cnf" <<CONFIGURATION
[ca]
default_ca = cluster
[cluster]
database = $WORK/index.txt
new_certs_dir = $WORK
serial = $WORK/serial
default_md = sha256
policy = anything
preserve = yes
unique_subject = no
email_in_dn = no
[anything]
organizationName = optional
commonName = supplied
[req]
distinguished_name = anything
prompt = no
string_mask = nombstr
[leaf]
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = $usages
basicConstraints = critical, CA:FALSE
authorityKeyIdentifier = keyid
$NO_SUBJECT_KEY_IDENTIFIER
${names:+subjectAltName = $names}
CONFIGURATION
}

openssl_time() { # openssl_time EPOCH : YYMMDDHHMMSSZ, from 2050 on with four digits of the year
  awk -v seconds="$1" 'BEGIN {
    days = int(seconds / 86400); rest = seconds % 86400
    z = days + 719468; era = int(z / 146097); doe = z - era * 146097
    yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
    doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
    day = doy - int((153 * mp + 2) / 5) + 1; month = mp < 10 ? mp + 3 : mp - 9
    year = yoe + era * 400 + (month <= 2)
    printf "%s%02d%02d%02d%02d%02dZ\n", year < 2050 ? sprintf("%02d", year % 100) : year, month, day,
      int(rest / 3600), int(rest / 60) % 60, rest % 60
  }'
}
