# The line replaces the one that matches, or is added at the end.
task "lineinfile" "swappiness" {
  path   = "/etc/sysctl.conf"
  line   = "vm.swappiness = 10"
  regexp = "^#?\\s*vm\\.swappiness\\s*="
}

# Any number of tasks can edit one file: it is read, compared and written once.
task "lineinfile" "forwarding" {
  path   = "/etc/sysctl.conf"
  regexp = "^net\\.ipv4\\.ip_forward\\s*="
  state  = "absent"
}
