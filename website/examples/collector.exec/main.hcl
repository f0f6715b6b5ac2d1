# The performance data of a monitoring check, as metrics.
collector "exec" "raid" {
  command = ["/usr/lib/nagios/plugins/check_raid"]
  format  = "nagios"
  name    = "raid"
  timeout = "5s"
}

# One number.
collector "exec" "certificates" {
  command = ["/usr/local/bin/expiring-certificates", "--within", "30d", "--count"]
  format  = "value"
  name    = "certificates_expiring"
}
