# Points in time before and after now, without `date -d`.

# iso_in SECONDS -> REPLY, the time that many seconds from now; negative: before
iso_in() { iso_of $(($(date +%s) + $1)); }

# iso_of SECONDS -> REPLY, the time that many seconds after 1970
iso_of() {
  local seconds=$1 days era year_of_era day_of_year month
  days=$((seconds / 86400 + 719468)) seconds=$((seconds % 86400))
  # The Gregorian calendar in eras of 400 years, years beginning in March.
  era=$((days / 146097)) days=$((days % 146097))
  year_of_era=$(((days - days / 1460 + days / 36524 - days / 146096) / 365))
  day_of_year=$((days - (365 * year_of_era + year_of_era / 4 - year_of_era / 100)))
  month=$(((5 * day_of_year + 2) / 153))
  printf -v REPLY '%04d-%02d-%02dT%02d:%02d:%02dZ' $((year_of_era + era * 400 + (month > 9))) $((month < 10 ? month + 3 : month - 9)) \
    $((day_of_year - (153 * month + 2) / 5 + 1)) $((seconds / 3600)) $((seconds / 60 % 60)) $((seconds % 60))
}
