source "data" "a" {
  url = "https://a.b"
  auth {
    user     = "u"
    password = "three" # ERROR: Invalid value for choice: because it is sensitive
  }
}
