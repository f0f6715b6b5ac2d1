collector "loadavg" "this" {}
