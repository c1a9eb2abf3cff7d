#!/usr/bin/env bats
# The provider id of a node, with a metadata service that is a function.
load helpers

setup() {
  fail() { echo "failed: $1" && exit 1; }
  metadata_token() { METADATA_TOKEN=t; }
  metadata() {
    HTTP_CODE=200
    case $1 in
      meta-data/placement/availability-zone) HTTP_BODY=$ZONE ;;
      meta-data/instance-id) HTTP_BODY=$INSTANCE ;;
    esac
  }
  . "$SCRIPTS/lib/create/provider-id.sh"
  ZONE=eu-central-1a INSTANCE=i-0123456789abcdef0
}

@test "the placeholder becomes the node's own id, wherever it is; without it nobody is asked" {
  CONFIGURATION="a: $PROVIDER_ID"$'\n'"b: $PROVIDER_ID"
  provider_id_put
  expect own "$CONFIGURATION" $'a: aws:///eu-central-1a/i-0123456789abcdef0\nb: aws:///eu-central-1a/i-0123456789abcdef0'
  metadata_token() { fail 'asked'; }
  CONFIGURATION='a: b'
  provider_id_put
  expect none "$CONFIGURATION" 'a: b'
}

@test "an answer that is no zone or no instance ends the step in a sentence" {
  CONFIGURATION=$PROVIDER_ID ZONE='<html>'
  run provider_id_put
  expect_match zone "$status $output" "1 failed: The instance metadata service answers 200 '<html>' for the availability zone*"
  ZONE=eu-central-1a INSTANCE='i-$(id)'
  run provider_id_put
  expect_match instance "$status $output" "1 failed: The instance metadata service answers 200 'i-\$(id)' for the instance id*"
  metadata_token() { REPLY='no metadata.' && return 1; }
  run provider_id_put
  expect silent "$status $output" '1 failed: no metadata.'
}
