# Reading a file without a process: a step reads dozens of them.

# file_text FILE -> REPLY, all that it holds but NUL and the line ends at its end; returns 1 when it cannot be read.
file_text() {
  local part
  REPLY=''
  { while IFS= read -r -d '' part; do REPLY=$REPLY$part; done <"$1"; } 2>/dev/null || return 1
  REPLY=$REPLY$part
  while [[ $REPLY == *$'\n' ]]; do REPLY=${REPLY%$'\n'}; done
}
