pipeline "p" { # ERROR: Missing required argument: "from" # ERROR: Missing required argument: "to"
}
