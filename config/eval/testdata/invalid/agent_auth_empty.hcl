agent {
  auth {} # ERROR: Missing block: A block "token" is required here
}
