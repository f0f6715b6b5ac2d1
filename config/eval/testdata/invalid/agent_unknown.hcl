agent {
  lisen = "127.0.0.1:1" # ERROR: Unsupported argument: Did you mean "listen"?
}
