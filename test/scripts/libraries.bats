#!/usr/bin/env bats
# The pure parts of scripts/lib: text in, text out.
load helpers

setup() {
  ROOT='' STATE=$BATS_TEST_TMPDIR/state NODE_ROOT=''
  for name in core/{json,time,time-from-now,file-text,yaml} kubernetes/{paths,arguments,listen} kubelet/settings certificates/{x509,rows,inventory} kubeadm/check-expiration etcd/{etcdctl,facts} remove/runtime-socket; do
    . "$SCRIPTS/lib/$name.sh"
  done
}

@test "json_string: every byte a shell variable can hold comes back from a JSON parser" {
  local text='' i char
  for ((i = 1; i < 128; i++)); do
    printf -v char "\\$(printf %03o "$i")"
    text=$text$char
  done
  text="${text}ä€😀 &\\n\\u0041"$'\n\n'
  json_string "$text"
  RESULT=$REPLY
  expect round-trip "$(ask 'r + "."')" "$text."
}

@test "put: empty texts are left out, an object of nothing is an object" {
  OBJECT=''
  put a ''
  put_raw b ''
  put_close
  expect empty "$REPLY" '{}'
  put a 'x"y'
  put_raw n 3
  put_close
  expect object "$REPLY" '{"a":"x\u005c\u0022y","n":3}' || expect object "$REPLY" '{"a":"x\"y","n":3}'
}

@test "file_text: all but NUL and the last line ends; what cannot be read says so" {
  printf 'a\0b\n\nc\\ \n\n' >"$BATS_TEST_TMPDIR/text"
  file_text "$BATS_TEST_TMPDIR/text" && expect text "$REPLY" $'ab\n\nc\\ '
  : >"$BATS_TEST_TMPDIR/text"
  file_text "$BATS_TEST_TMPDIR/text" && expect empty "$REPLY" ''
  ! file_text "$BATS_TEST_TMPDIR/none"
}

@test "first_pem: a certificate at the beginning of a text, nothing where another block comes first" {
  local pem=$'-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----'
  first_pem $'CONNECTED\n'"$pem"$'\n'"${pem/YQ/Yg}" && expect first "$REPLY" "$pem"
  first_pem $'-----BEGIN PRIVATE KEY-----\nYQ==\n-----END PRIVATE KEY-----\n'"$pem" && expect 'a key first' "$REPLY" ''
  first_pem "${pem//CERTIFICATE/TRUSTED CERTIFICATE}" && expect trusted "$REPLY" ''
  first_pem 'no certificate' && expect none "$REPLY" ''
}

@test "flag_files: each file once, without its key, in their order; no name of another flag, nothing that is no path" {
  flag_files $'spec.x=/a\n--tls-sni-cert-key=/a.crt,/a.key:x\n--tls-sni-cert-keys=/no\n--tls-sni-cert-key=*\n--tls-sni-cert-key=/* b\n--tls-sni-cert-key=/a.crt' tls-sni-cert-key
  expect files "${FLAG_FILES[*]}" '/a.crt /* b'
  expect number "${#FLAG_FILES[@]}" 2
}

@test "iso_in: every kind of day, months and years away" {
  local seconds
  for seconds in 0 900 -40 86400 -864000 8640000 31536000 100000000 3000000000; do
    iso_in "$seconds"
    expect_match "in $seconds" "$(node -e 'const d = Math.abs(Date.parse(process.argv[1]) - Date.now() - process.argv[2] * 1000); console.log(d < 5000, process.argv[1])' "$REPLY" "$seconds")" 'true ????-??-??T??:??:??Z'
  done
}

@test "now_exactly: between two of Node's milliseconds, to the microsecond" {
  local before decimals='.??????'
  # macOS' date knows whole seconds only.
  date +%6N | grep -q '^[0-9]*$' || decimals=''
  before=$(node -p 'Date.now() / 1000')
  now_exactly
  [[ $REPLY == 1?????????$decimals ]]
  expect 'between' "$(node -p '[a, b] = process.argv.slice(1).map(Number); a - 1 < b && b <= Date.now() / 1000' "$before" "$REPLY")" true
  [[ -z $decimals ]] || expect 'not before' "$(node -p 'Number(process.argv[1]) <= Number(process.argv[2])' "$before" "$REPLY")" true
}

@test "iso_time: openssl's dates; anything else is empty" {
  iso_time 'Nov 23 18:01:00 2026 GMT' && expect '' "$REPLY" 2026-11-23T18:01:00Z
  iso_time 'Jan  9 08:09:09 2100 GMT' && expect '' "$REPLY" 2100-01-09T08:09:09Z
  iso_time 'Dec 31 23:59:59 9999 GMT' && expect '' "$REPLY" 9999-12-31T23:59:59Z
  local text
  for text in '' 'Bad time value' 'Foo  9 08:09:09 2100 GMT' '2026-11-23' 'Nov x 18:01:00 2026 GMT' 'anF  9 08:09:09 2100 GMT'; do
    iso_time "$text"
    expect "$text" "$REPLY" ''
  done
}

@test "flag: the last one counts; longer names, and values that look like it, do not match" {
  local text=$'metadata.name=--cert-file=/name\n--cert-file=/first\n--peer-cert-file=/peer\n--a=b c\n--cert-file=/server\n--x=--a=no\n--empty='
  flag "$text" cert-file && expect cert-file "$REPLY" /server
  flag "$text" peer-cert-file && expect peer-cert-file "$REPLY" /peer
  flag "$text" a && expect a "$REPLY" 'b c'
  flag "$text" empty && expect empty "$REPLY" ''
  flag "$text" absent && expect absent "$REPLY" ''
}

@test "url_address: the loopback first, else the first; IPv6" {
  url_address 'https://10.0.0.1:2379,https://127.0.0.1:2379' x && expect '' "$REPLY" 127.0.0.1:2379
  url_address 'https://10.0.0.1:2380,https://10.0.0.2:2380' x && expect '' "$REPLY" 10.0.0.1:2380
  url_address 'https://0.0.0.0:2380' x && expect '' "$REPLY" 127.0.0.1:2380
  url_address 'https://[fd00::1]:2380/' x && expect '' "$REPLY" '[fd00::1]:2380'
  url_address 'https://[::]:2380' x && expect '' "$REPLY" 127.0.0.1:2380
  url_address 'https://10.0.0.1:2379,https://[::1]:2379' x && expect '' "$REPLY" '[::1]:2379'
  url_address 'https://etcd.example:2379, https://localhost:2379' x && expect '' "$REPLY" localhost:2379
  url_address '' 127.0.0.1:1 && expect '' "$REPLY" 127.0.0.1:1
}

@test "url_address: only what has TLS" {
  url_address 'http://127.0.0.1:2379,https://10.0.0.1:2379' x && expect '' "$REPLY" 10.0.0.1:2379
  url_address 'http://127.0.0.1:2379' x && expect '' "$REPLY" ''
}

@test "serves_at: the address and port of the last flags; all addresses are the loopback; none without a port" {
  serves_at '' 6443 && expect '' "$REPLY" 127.0.0.1:6443
  serves_at $'--bind-address=0.0.0.0\n--secure-port=443' 6443 && expect '' "$REPLY" 127.0.0.1:443
  serves_at $'--bind-address=::' 10257 && expect '' "$REPLY" 127.0.0.1:10257
  serves_at $'--bind-address=10.0.0.9\n--bind-address=fd00::4\n--secure-port=x' 10257 && expect '' "$REPLY" '[fd00::4]:10257'
  serves_at $'--secure-port=0' 10257 && expect '' "$REPLY" ''
}

@test "hexadecimal: 64-bit member ids" {
  hexadecimal 0 && expect '' "$REPLY" 0
  hexadecimal 255 && expect '' "$REPLY" ff
  hexadecimal 10276657743932975437 && expect '' "$REPLY" 8e9e05c52164694d
  hexadecimal 18446744073709551615 && expect '' "$REPLY" ffffffffffffffff
}

@test "kubeadm's JSON: any order of keys, text before it, nested objects and escapes; cut off is no answer" {
  local json='[check] reading {
{"apiVersion":"v1","certificateAuthorities":[{"missing":false,"name":"ca","expirationDate":"2030-01-01T00:00:00Z","externallyManaged":true,"residualTime":5}],
 "certificates":[ {"extra":{"name":"trap"},"residualTime":-3,"name":"a\"b","expirationDate":"2027-01-01T00:00:00Z",
  "externallyManaged" : false , "missing":true} , {"name":"apiserver","expirationDate":"2027-02-01T00:00:00Z"} ], "kind":"K"}'
  # The first line has a brace of its own that is never closed: no answer rather than a wrong one.
  run kubeadm_answer_rows "$json"
  [[ $status == 1 ]]
  json=${json#*'{'}
  expect rows "$(kubeadm_answer_rows "$json")" 'ca|2030-01-01T00:00:00Z|true|false|yes
a"b|2027-01-01T00:00:00Z|false|true|
apiserver|2027-02-01T00:00:00Z|||'
  run kubeadm_answer_rows "${json%\}*}"
  [[ $status == 1 ]]
  run kubeadm_answer_rows 'no json at all'
  [[ $status == 1 ]]
}
