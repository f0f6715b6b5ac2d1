# All metrics of the host at once, served at /metrics.
collector "host" "this" {
  exclude = ["filesystem"] # measured below, with settings of its own
}

collector "filesystem" "local" {
  exclude_fs_types = "^(autofs|cgroup2?|devpts|devtmpfs|nfs4?|overlay|proc|squashfs|sysfs|tmpfs|tracefs)$"
}
