collector "stat" "this" {}
