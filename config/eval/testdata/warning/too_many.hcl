task "file" "a00" {
  path = "/a0"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a01" {
  path = "/a1"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a02" {
  path = "/a2"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a03" {
  path = "/a3"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a04" {
  path = "/a4"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a05" {
  path = "/a5"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a06" {
  path = "/a6"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a07" {
  path = "/a7"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a08" {
  path = "/a8"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a09" {
  path = "/a9"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a10" {
  path = "/a10"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a11" {
  path = "/a11"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a12" {
  path = "/a12"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a13" {
  path = "/a13"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a14" {
  path = "/a14"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a15" {
  path = "/a15"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a16" {
  path = "/a16"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a17" {
  path = "/a17"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a18" {
  path = "/a18"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a19" {
  path = "/a19"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a20" {
  path = "/a20"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a21" {
  path = "/a21"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a22" {
  path = "/a22"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a23" {
  path = "/a23"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a24" {
  path = "/a24"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a25" {
  path = "/a25"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a26" {
  path = "/a26"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a27" {
  path = "/a27"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a28" {
  path = "/a28"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a29" {
  path = "/a29"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a30" {
  path = "/a30"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a31" {
  path = "/a31"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a32" {
  path = "/a32"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a33" {
  path = "/a33"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a34" {
  path = "/a34"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a35" {
  path = "/a35"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a36" {
  path = "/a36"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a37" {
  path = "/a37"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a38" {
  path = "/a38"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a39" {
  path = "/a39"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a40" {
  path = "/a40"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a41" {
  path = "/a41"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a42" {
  path = "/a42"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a43" {
  path = "/a43"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a44" {
  path = "/a44"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a45" {
  path = "/a45"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a46" {
  path = "/a46"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a47" {
  path = "/a47"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a48" {
  path = "/a48"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a49" {
  path = "/a49"
  body = "x" # WARNING: Deprecated argument
}
task "file" "a50" {
  path = "/a50"
  body = "x" # WARNING: Too many warnings
}
