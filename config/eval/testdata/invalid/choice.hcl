task "file" "a" {
  path = "/a"
  state = "presnet" # ERROR: Invalid value for choice: Did you mean "present"?
}
