agent {
  tls { # ERROR: Missing required argument: "key_file"
    cert_file = "/etc/driftless/tls.crt"
  }
}
