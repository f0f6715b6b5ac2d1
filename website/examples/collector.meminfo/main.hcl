# In a container, with the host's procfs mounted at /host/proc.
collector "meminfo" "host" {
  path {
    proc = "/host/proc"
  }
}
