sink "s3" "a" {} # ERROR: Unknown type: Known are out.
