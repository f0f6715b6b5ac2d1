# A guard says when there is nothing to do: here, once the file is there.
task "command" "initdb" {
  command = ["/usr/lib/postgresql/15/bin/initdb", "-D", "/var/lib/postgresql/15/main"]
  user    = "postgres"
  creates = "/var/lib/postgresql/15/main/PG_VERSION"
  timeout = "5m"
}

# A command can be its own guard, where it says by its exit status whether
# anything needs to be done.
task "command" "dhparam" {
  command = ["openssl", "dhparam", "-out", "/etc/ssl/dhparam.pem", "2048"]
  umask   = "0077"
  unless  = ["openssl", "dhparam", "-in", "/etc/ssl/dhparam.pem", "-check", "-noout"]
}

# What it learnt is known to others.
output "initdb" {
  value = task.command.initdb.stdout
}
