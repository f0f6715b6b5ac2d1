task "file" "a" {
  path    = "/a"
  content = <<-E
    one ${upper("x")}
    %{ for x in ["a"] }${x}%{ endfor }
  E
}
