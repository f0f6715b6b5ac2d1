agent {
  auth {
    token "pasted" {
      hash = "hunter2" # ERROR: Invalid hash of a token: The hash of the token "pasted" is not "sha256:" with 64 hexadecimal digits
      role = "viewer"
    }
    token "short" {
      hash = "sha256:abcd" # ERROR: Invalid hash of a token: sha256sum
      role = "viewer"
    }
    token "bare" {
      hash = "f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7" # ERROR: Invalid hash of a token: is not "sha256:"
      role = "viewer"
    }
    token "one" {
      hash = "sha256:f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7"
      role = "admin"
    }
    token "two" {
      hash = "sha256:F52FBD32B2B3B86FF88EF6C490628285F482AF15DDCB29541F94BCF526A3F6C7" # ERROR: Invalid hash of a token: The tokens "one" and "two" have the same hash
      role = "viewer"
    }
  }
}
