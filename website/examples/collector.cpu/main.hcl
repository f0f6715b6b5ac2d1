collector "cpu" "this" {}
