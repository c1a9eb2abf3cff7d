# What a step could not do and does not fail for: a sentence each, in the answer.

WARNINGS=''

warn() {
  log "$1"
  json_string "$1"
  WARNINGS="$WARNINGS,$REPLY"
}
