task "fil" "d" { # ERROR: Unknown type: Did you mean "file"?
}
