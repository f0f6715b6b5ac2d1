collector "time" "this" {}
