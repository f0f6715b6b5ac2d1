# ERROR+2: Unterminated comment
locals {
  a = 1 /* b
}
