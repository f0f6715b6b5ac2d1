variable "given" {
  default = "API_KEY"
}

locals {
  token    = env("CI_TOKEN", "")          # WARNING: Secret read as plain text: Write secret("CI_TOKEN") instead
  password = upper(env("db_password", "")) # WARNING: Secret read as plain text
  key      = "key ${env("API_KEY", "x")}" # WARNING: Secret read as plain text
  marked   = [for n in ["a"] : env("MY-SECRET", n)] # WARNING: Secret read as plain text

  home     = env("HOME", "")
  path     = env("TOKEN_FILE", "")
  public   = env("SSH_PUBLIC_KEY", "")
  computed = env(var.given, "")
  hidden   = sensitive(env("HIDDEN_TOKEN", ""))
  keyboard = env("KEYBOARD", "")
}

task "file" "f" {
  path    = "/f"
  content = env("MONGO_PASS", "") # WARNING: Secret read as plain text
}
