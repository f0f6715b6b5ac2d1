task "file" "a" {
  path = "/a"
  when = false
}
