package lang

func outsideDocs() Group {
	return Group{"Environment and secrets", []Doc{
		{
			Name: "env", Text: "Returns a variable of the environment of the process. A name that looks like that of a secret gets a warning: use `secret`.",
			Params:  []string{"The name.", "What to return where there is none; without it that is an error."},
			Example: `env("DRIFTLESS_REGION", "eu-west-1")`, Result: `"eu-west-1"`,
		},
		{
			Name: "secret", Text: "Returns a secret from the env file, or else from the environment as `DRIFTLESS_SECRET_NAME` or `NAME`. The value is sensitive.",
			Params:  []string{"The name."},
			Example: `secret("DB_PASSWORD")`,
		},
		{
			Name: "vault", Text: "Returns the value of a key at a path in Vault: of a key/value store, with its mount first as in `kv/app`, or of a dynamic engine, as in `database/creds/app`. With parameters they are written to the path, as in `vault(\"pki/issue/web\", \"certificate\", { common_name = \"www.example.com\" })`; all keys of the same path and parameters come from one answer. The value is sensitive.",
			Params:  []string{"The path.", "The key.", "What is written to the path, an object; none where the path is only read."},
			Example: `vault("kv/app", "password")`,
		},
	}}
}
