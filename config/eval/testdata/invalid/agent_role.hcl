agent {
  auth {
    token "ops" {
      hash = "sha256:f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7"
      role = "operater" # ERROR: Invalid value for choice: Did you mean "operator"?
    }
  }
}
