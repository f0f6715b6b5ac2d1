agent {
  auth {
    token "ops" {
      hash = "sha256:f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7"
      role = "operator"
    }
    dynamic "token" {
      for_each = { grafana = sha256("one"), prometheus = sha256("two") }
      labels   = [token.key]
      content {
        hash = "sha256:${token.value}"
        role = "viewer"
      }
    }
  }
  tls {
    cert_file      = "/etc/driftless/tls.crt"
    key_file       = "/etc/driftless/tls.key"
    client_ca_file = "/etc/driftless/clients.pem"
  }
  compatibility { drift_monitor_agent = true }
}
