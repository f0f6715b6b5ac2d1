locals { # ERROR: Unclosed configuration block
  a = 1
