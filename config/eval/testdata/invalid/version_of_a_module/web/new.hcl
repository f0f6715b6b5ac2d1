task "file" "a" {
  path := "/srv/a"
}
