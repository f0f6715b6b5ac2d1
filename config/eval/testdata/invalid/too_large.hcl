locals {
  kilo    = range(1000)
  pairs   = [for a in local.kilo : [for b in local.kilo : b]] # ERROR: Value too large: the for expressions go through more than 100,000 elements
  product = setproduct(local.kilo, local.kilo) # ERROR: Value too large: more than 100,000 elements
  indent  = indent(1000000, "a\nb") # ERROR: Value too large: longer than 1 MiB
  number  = pow(10, 400) # ERROR: Value too large
  wide    = format("%1000000d", 1) # ERROR: Invalid function argument: more than 4 digits
}

locals {
  s0  = join("", [for i in range(1000) : "0123456789"])
  s1  = join(local.s0, [for i in range(100) : "x"])
  s2  = "${local.s1}${local.s1}" # ERROR: Value too large: a string in the value is longer than 1 MiB
  s3  = replace(local.s0, "0", local.s0) # ERROR: Value too large: longer than 1 MiB
  s4  = replace(local.s0, "/[0-9]/", local.s0) # ERROR: Value too large: longer than 1 MiB
  s5  = join(local.s1, range(10)) # ERROR: Value too large: longer than 1 MiB
}

locals {
  t0 = [local.kilo, local.kilo, local.kilo, local.kilo, local.kilo, local.kilo, local.kilo, local.kilo, local.kilo, local.kilo]
  t1 = [local.t0, local.t0, local.t0, local.t0, local.t0, local.t0, local.t0, local.t0]
  t2 = [local.t1, local.t1, local.t1, local.t1] # ERROR: Value too large: more than 100,000 elements
}

locals {
  laughs = yamldecode("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n") # ERROR: Value too large: more than 100,000 elements
  deep   = jsondecode(join("", [for i in range(1024) : "[[["])) # ERROR: Value too large: nested too deep
}
