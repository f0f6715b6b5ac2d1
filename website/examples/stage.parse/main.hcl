source "file" "app" {
  paths = ["/var/log/app/app.json*"]
}

# Each line is a JSON object. Its member "ts" has the time.
pipeline "app" {
  from = [source.file.app]

  stage "parse" {
    format   = "json"
    time_key = "ts"
  }

  to = [sink.console.out]
}

source "file" "access" {
  paths = ["/var/log/nginx/access.log*"]
}

# The combined log format, taken apart by a regular expression.
pipeline "access" {
  from = [source.file.access]

  stage "parse" {
    format      = "regex"
    pattern     = "^(?P<remote>\\S+) \\S+ (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] \"(?P<method>\\S+) (?P<path>\\S+)[^\"]*\" (?P<status>\\d+) (?P<bytes>\\d+|-)"
    time_key    = "time"
    time_format = "02/Jan/2006:15:04:05 -0700"
  }

  to = [sink.console.out]
}

sink "console" "out" {}
