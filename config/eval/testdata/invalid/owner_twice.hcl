task "file" "a" {
  path = "/x"
}
task "file" "b" {
  path = "/x/." # ERROR: Two tasks own one path
}
