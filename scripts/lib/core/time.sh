# Points in time without `date -d`, and how long a step waits.

# Seconds until something that was started has to be there: a new container, its health, a certificate, a node.
PATIENCE=${NODE_STEP_PATIENCE:-150}

# iso_now -> REPLY, 2026-11-03T18:01:00Z. Such texts compare as the times do.
iso_now() { REPLY=$(date -u +%Y-%m-%dT%H:%M:%SZ); }

# now_exactly -> REPLY, seconds since 1970 with six decimals, as journalctl takes them after an @; whole ones where date knows no others
now_exactly() {
  REPLY=$(date +%s.%6N)
  [[ $REPLY =~ ^[0-9]+\.[0-9]{6}$ ]] || REPLY=${REPLY%%.*}
}

# iso_in SECONDS -> REPLY, the time that many seconds from now; negative: before
iso_in() {
  local seconds=$(($(date +%s) + $1)) days era year_of_era day_of_year month
  days=$((seconds / 86400 + 719468)) seconds=$((seconds % 86400))
  # The Gregorian calendar in eras of 400 years, years beginning in March.
  era=$((days / 146097)) days=$((days % 146097))
  year_of_era=$(((days - days / 1460 + days / 36524 - days / 146096) / 365))
  day_of_year=$((days - (365 * year_of_era + year_of_era / 4 - year_of_era / 100)))
  month=$(((5 * day_of_year + 2) / 153))
  printf -v REPLY '%04d-%02d-%02dT%02d:%02d:%02dZ' $((year_of_era + era * 400 + (month > 9))) $((month < 10 ? month + 3 : month - 9)) \
    $((day_of_year - (153 * month + 2) / 5 + 1)) $((seconds / 3600)) $((seconds / 60 % 60)) $((seconds % 60))
}
