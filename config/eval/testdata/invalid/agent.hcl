agent {
  lisen  = "127.0.0.1:8000" # ERROR: Unsupported argument: Did you mean "listen"?
}
