source "data" "a" {
  url = "example" # ERROR: Invalid value for url: is not a URL
}
