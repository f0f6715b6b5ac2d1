collector "uname" "this" {}
