task "file" "a" {
  path    = "/a"
  content = "doubtful" # WARNING: Doubtful value
}
