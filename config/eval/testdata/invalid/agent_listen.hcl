agent { # ERROR: Invalid agent settings: write it as in "127.0.0.1:8000"
  listen = "nowhere"
}
