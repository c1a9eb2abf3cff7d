# Prints kubeadm's report of certificates from lines of KIND|NAME|CA|EXTERNALLY-MANAGED|END. Variables: now (epoch), format.

function days_from_civil(y, m, d,    era, yoe, doy) {
  if (m <= 2) y--
  era = int(y / 400)
  yoe = y - era * 400
  doy = int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1
  return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
}

# seconds since 1970 of "Nov 23 18:13:27 2027 GMT"; sets year, month, day, clock
function parse(end,    part, time) {
  split(end, part, " +")
  split(part[3], time, ":")
  year = part[4]; day = part[2]; clock = part[3]; month_name = part[1]
  month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", part[1]) + 2) / 3
  return days_from_civil(year, month, day) * 86400 + time[1] * 3600 + time[2] * 60 + time[3]
}

# as Kubernetes shortens a duration
function human(s,    m, h) {
  if (s < -1) return "<invalid>"
  if (s < 0) return "0s"
  if (s < 120) return s "s"
  m = int(s / 60)
  if (m < 10) return m "m" (s % 60 ? s % 60 "s" : "")
  if (m < 180) return m "m"
  h = int(m / 60)
  if (h < 8) return h "h" (m % 60 ? m % 60 "m" : "")
  if (h < 48) return h "h"
  if (h < 192) return int(h / 24) "d" (h % 24 ? h % 24 "h" : "")
  if (h < 17520) return int(h / 24) "d"
  if (h < 70080) return int(h / 8760) "y" (int(h / 24) % 365 ? int(h / 24) % 365 "d" : "")
  return int(h / 8760) "y"
}

{
  n++
  kind[n] = $1; name[n] = $2; ca[n] = $3; external[n] = $4; missing[n] = ($5 == "")
  if (missing[n]) next
  # kubeadm subtracts a time with a fraction and cuts the rest towards zero: of what is left it loses the begun second.
  left[n] = parse($5) - now
  if (left[n] > 0) left[n]--
  iso[n] = sprintf("%04d-%02d-%02dT%sZ", year, month, day, clock)
  text[n] = sprintf("%s %02d, %d %s UTC", month_name, day, year, substr(clock, 1, 5))
}

function entry(i, last) {
  print "        {"
  printf "            \"name\": \"%s\",\n", name[i]
  printf "            \"expirationDate\": %s,\n", missing[i] ? "null" : "\"" iso[i] "\""
  printf "            \"residualTime\": %d,\n", left[i]
  printf "            \"externallyManaged\": %s,\n", external[i]
  if (ca[i] != "") printf "            \"caName\": \"%s\",\n", ca[i]
  printf "            \"missing\": %s\n", missing[i] ? "true" : "false"
  print "        }" (last ? "" : ",")
}

function entries(which,    i, last) {
  for (i = 1; i <= n; i++) if (kind[i] == which) last = i
  for (i = 1; i <= n; i++) if (kind[i] == which) entry(i, i == last)
}

function width(which, least,    i, w, label) {
  w = least
  for (i = 1; i <= n; i++) {
    if (kind[i] != which) continue
    label = (missing[i] ? "!MISSING! " : "") name[i]
    if (length(label) > w) w = length(label)
  }
  return w + 3
}

function table(which, title,    i, w, d, row) {
  w = width(which, length(title))
  # As wide as what is in it: a date, or the heading where there is none.
  d = 10
  for (i = 1; i <= n; i++) if (kind[i] == which && !missing[i]) d = 25
  row = "%-" w "s%-" d "s%-16s" (which == "leaf" ? "%-24s" : "%s") "%s\n"
  printf row, title, "EXPIRES", "RESIDUAL TIME", (which == "leaf" ? "CERTIFICATE AUTHORITY" : ""), "EXTERNALLY MANAGED"
  for (i = 1; i <= n; i++) {
    if (kind[i] != which) continue
    if (missing[i]) {
      printf row, "!MISSING! " name[i], "", "", "", ""
    } else {
      printf row, name[i], text[i], human(left[i]), ca[i], sprintf("%-8s", external[i] == "true" ? "yes" : "no")
    }
  }
}

END {
  if (format == "json") {
    print "{\n    \"kind\": \"CertificateExpirationInfo\",\n    \"apiVersion\": \"output.kubeadm.k8s.io/v1alpha3\","
    print "    \"certificates\": ["
    entries("leaf")
    print "    ],\n    \"certificateAuthorities\": ["
    entries("ca")
    print "    ]\n}"
  } else {
    table("leaf", "CERTIFICATE")
    print ""
    table("ca", "CERTIFICATE AUTHORITY")
  }
}
