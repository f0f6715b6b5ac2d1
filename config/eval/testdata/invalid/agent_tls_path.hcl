agent {
  tls {
    cert_file = "tls.crt" # ERROR: Invalid value for absolute path: Begin it with /
    key_file  = "/etc/driftless/tls.key"
  }
}
