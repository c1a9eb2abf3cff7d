# shellcheck shell=bash
# `kubeadm certs renew`: a new key and a new certificate with the old one's subject, names and usages, signed by the CA on disk.

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
    echo "Detected external $(ca_file "$ca"), $long can't be renewed"
  else
    read_certificate "$name" "$file"
    issue "$ca"
    if [ -n "$file" ]; then
      # In this order, and not atomically, as kubeadm does it.
      put "$WORK/new.key" "$CERTIFICATES_DIR/$file.key" 600
      put "$WORK/new.crt" "$CERTIFICATES_DIR/$file.crt" 644
    else
      embed "$NODE_ROOT/etc/kubernetes/$name"
    fi
    echo "$long renewed"
  fi
}

put() { # put FROM TO MODE
  cat "$1" >"$2"
  chmod "$3" "$2"
}

embed() { # embed KUBECONFIG
  local openssl
  openssl=$(real openssl)
  awk -v certificate="$("$openssl" base64 -A -in "$WORK/new.crt")" -v key="$("$openssl" base64 -A -in "$WORK/new.key")" \
    -v ca="$("$openssl" base64 -A -in "$CERTIFICATES_DIR/ca.crt")" '
    function replace(value) { sub(/: .*/, ": "); print $0 value }
    /^ *client-certificate-data:/ { replace(certificate); next }
    /^ *client-key-data:/ { replace(key); next }
    /^ *certificate-authority-data:/ { replace(ca); next }
    { print }' "$1" >"$WORK/kubeconfig"
  put "$WORK/kubeconfig" "$1" 600
}

issue() { # issue CA : from $WORK/certificate to $WORK/new.crt and $WORK/new.key
  local openssl ca_base now
  openssl=$(real openssl)
  ca_base=$CERTIFICATES_DIR/$(ca_file "$1")
  now=$(date +%s)
  new_key "$openssl"
  describe "$openssl"
  {
    "$openssl" req -new -key "$WORK/new.key" -subj "$SUBJECT" -config "$WORK/ca.cnf" -out "$WORK/new.csr" &&
      "$openssl" ca -config "$WORK/ca.cnf" -batch -notext -in "$WORK/new.csr" -out "$WORK/new.crt" \
        -cert "$ca_base.crt" -keyfile "$ca_base.key" -extensions leaf \
        -startdate "$(openssl_time $((now - 300)))" -enddate "$(openssl_time $((now + VALIDITY_SECONDS)))"
  } >"$WORK/log" 2>&1 || refuse "failed to renew certificate: $(cat "$WORK/log")"
}

new_key() { # new_key OPENSSL
  (
    umask 077
    case $ALGORITHM in
      ECDSA-P256) "$1" ecparam -name prime256v1 -genkey -noout -out "$WORK/new.key" ;;
      ECDSA-P384) "$1" ecparam -name secp384r1 -genkey -noout -out "$WORK/new.key" ;;
      RSA-*)
        # LibreSSL has no -traditional and needs none.
        "$1" genrsa -traditional -out "$WORK/new.key" "${ALGORITHM#RSA-}" 2>/dev/null ||
          "$1" genrsa -out "$WORK/new.key" "${ALGORITHM#RSA-}" 2>/dev/null
        ;;
      *) refuse "unsupported encryption algorithm \"$ALGORITHM\"" ;;
    esac
  ) || exit 1
}

describe() { # describe OPENSSL : sets SUBJECT and writes $WORK/ca.cnf for the certificate in $WORK/certificate
  local text names usages
  text=$("$1" x509 -in "$WORK/certificate" -noout -text)
  SUBJECT=$("$1" x509 -in "$WORK/certificate" -noout -subject -nameopt multiline | awk '
    $1 == "organizationName" { key = "O" } $1 == "commonName" { key = "CN" }
    key != "" { sub(/^[^=]*= /, ""); gsub(/[\/\\]/, "\\\\&"); printf "/%s=%s", key, $0; key = "" }')
  names=$(printf '%s\n' "$text" | sed -n '/Subject Alternative Name/{n;s/^ *//;s/IP Address:/IP:/g;p;}')
  usages=$(printf '%s\n' "$text" | sed -n '/Extended Key Usage/{n;s/^ *//;s/TLS Web Server Authentication/serverAuth/;s/TLS Web Client Authentication/clientAuth/;p;}')
  : >"$WORK/index.txt"
  # 63 random bits, as Go's.
  printf '4%s\n' "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n' | cut -c2-)" >"$WORK/serial"
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
