# Parameters of which a pattern is known.

# parameter_like NAME PATTERN -> REPLY
parameter_like() {
  parameter "$1"
  [[ $REPLY =~ ^($2)$ ]] || refuse "Parameter $1 is '${REPLY:0:60}', expected $2."
}
