source "events" "a" {
  paths = ["/a/[b"] # ERROR: Invalid value for glob
}
