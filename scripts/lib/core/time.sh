# Points in time without `date -d`, and how long a step waits.

# Seconds until something that was started has to be there: a new container, its health, a certificate, a node.
PATIENCE=${NODE_STEP_PATIENCE:-150}

# iso_now -> REPLY, 2026-11-03T18:01:00Z. Such texts compare as the times do.
iso_now() { TZ=UTC printf -v REPLY '%(%Y-%m-%dT%H:%M:%SZ)T' -1 2>/dev/null || REPLY=$(date -u +%Y-%m-%dT%H:%M:%SZ); }

# now_exactly -> REPLY, seconds since 1970 with six decimals, as journalctl takes them after an @; whole ones where date knows no others
now_exactly() {
  REPLY=$(date +%s.%6N)
  [[ $REPLY =~ ^[0-9]+\.[0-9]{6}$ ]] || REPLY=${REPLY%%.*}
}
