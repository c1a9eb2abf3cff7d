#!/usr/bin/env bats
# scripts/lib/secrets: what they do without any AWS. With it: instance-secret.test.ts.
load helpers

setup() {
  LC_ALL=C ROOT='' NODE_STEP_TIME_LIMIT=60
  limited() { shift && "$@"; }
  for name in core/json secrets/aws-signature secrets/instance-secret; do . "$SCRIPTS/lib/$name.sh"; done
}

@test "hmac_sha256: RFC 4231, and the signing key of AWS's own example" {
  hexadecimal_of Jefe
  hmac_sha256 "$REPLY" 'what do ya want for nothing?'
  expect 'RFC 4231, case 2' "$REPLY" 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843
  # Keys with bytes that are zero after one of the masks.
  hmac_sha256 36365c5c00ff 'x'
  expect 'zero bytes' "$REPLY" "$(printf x | openssl dgst -sha256 -mac HMAC -macopt hexkey:36365c5c00ff | sed 's/.*= //')"
  hexadecimal_of AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
  local part
  for part in 20150830 us-east-1 iam aws4_request; do hmac_sha256 "$REPLY" "$part"; done
  expect 'signing key' "$REPLY" c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9
}

@test "json_text: escapes, line breaks, spaces around the colon; no text of another name or none at all" {
  local json=$'{\n  "Name" : "n",\n  "Value" : "a\\"b\\\\c\\nd\\u0026\\/e\\t","ValueX":"x"}'
  json_text "$json" Value
  expect value "$REPLY" $'a"b\\c\nd&/e\t'
  json_text '{"Parameter":{"Value":""}}' Value
  expect empty "$REPLY" ''
  json_text '{"A":"\"Value\":\"trap\"","Value":"v"}' Value
  expect 'a text that looks like a field' "$REPLY" v
  local broken
  for broken in '{"Value":1}' '{"value":"x"}' '{"Value":"cut off' '{"Value":"cut off\' '{"Value":"\u00e4"}' '{"Value":"\u0000"}' ''; do
    run json_text "$broken" Value
    expect "$broken" "$status" 1
  done
}

@test "a name that is none is refused before anything is asked" {
  export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1
  local name
  for name in '' '/a b' '/a"b' $'/a\nurl = "x"' '/a$(id)'; do
    REPLY=''
    ! secret_read "$name"
    expect_match "$name" "$REPLY" "* is no name of an SSM parameter: expected letters, digits, '_', '.', '-' and '/'."
  done
}

@test "no metadata service: said with what curl says, through no proxy" {
  export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1/ http_proxy=http://127.0.0.1:2 all_proxy=http://127.0.0.1:2
  ! secret_read /a
  expect_match sentence "$REPLY" 'The instance metadata service at http://127.0.0.1:1 does not answer (curl: (7) *127.0.0.1 port 1*): is this an EC2 instance, *'
}
