task "command" "c" {
  failed_when = self.stdout != ""
}
