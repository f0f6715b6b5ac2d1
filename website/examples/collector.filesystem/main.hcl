collector "filesystem" "disks" {
  exclude_mount_points = "^/(dev|proc|run|sys|var/lib/docker)($|/)"
  mount_timeout        = "2s"
}
