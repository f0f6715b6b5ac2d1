package lang

func hashDocs() Group {
	return Group{"Hash and crypto functions", []Doc{
		{
			Name: "base64sha256", Text: "Returns the SHA-256 of a string in Base64.",
			Params:  []string{"The string."},
			Example: `base64sha256("a")`, Result: `"ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="`,
		},
		{
			Name: "base64sha512", Text: "Returns the SHA-512 of a string in Base64.",
			Params:  []string{"The string."},
			Example: `base64sha512("a")`, Result: `"H0D8ktokFpR1CXnubPWC8tXX0o4YM13gWrxU0FYOD1MChgxlK/CNVgJSql50IQVG82n7u86MEs/HlXsmUv6adQ=="`,
		},
		{
			Name: "bcrypt", Text: "Returns a bcrypt hash of a string, with a salt of its own. In the plan it is not known.",
			Params:  []string{"The string, of at most 72 bytes.", "The cost, from 4 to 15; the default is 10."},
			Example: `bcrypt("password", 12)`,
		},
		{
			Name: "filebase64sha256", Text: "Returns the SHA-256 of a file, of at most 1 GiB, in Base64.",
			Params:  []string{"The path."},
			Example: `filebase64sha256("sub/a.txt")`, Result: `"ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="`,
		},
		{
			Name: "filebase64sha512", Text: "Returns the SHA-512 of a file, of at most 1 GiB, in Base64.",
			Params:  []string{"The path."},
			Example: `filebase64sha512("sub/a.txt")`, Result: `"H0D8ktokFpR1CXnubPWC8tXX0o4YM13gWrxU0FYOD1MChgxlK/CNVgJSql50IQVG82n7u86MEs/HlXsmUv6adQ=="`,
		},
		{
			Name: "filemd5", Text: "Returns the MD5 of a file, of at most 1 GiB, in hexadecimal.",
			Params:  []string{"The path."},
			Example: `filemd5("sub/a.txt")`, Result: `"0cc175b9c0f1b6a831c399e269772661"`,
		},
		{
			Name: "filesha1", Text: "Returns the SHA-1 of a file, of at most 1 GiB, in hexadecimal.",
			Params:  []string{"The path."},
			Example: `filesha1("sub/a.txt")`, Result: `"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"`,
		},
		{
			Name: "filesha256", Text: "Returns the SHA-256 of a file, of at most 1 GiB, in hexadecimal.",
			Params:  []string{"The path."},
			Example: `filesha256("sub/a.txt")`, Result: `"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"`,
		},
		{
			Name: "filesha512", Text: "Returns the SHA-512 of a file, of at most 1 GiB, in hexadecimal.",
			Params:  []string{"The path."},
			Example: `substr(filesha512("sub/a.txt"), 0, 16)`, Result: `"1f40fc92da241694"`,
		},
		{
			Name: "md5", Text: "Returns the MD5 of a string in hexadecimal.",
			Params:  []string{"The string."},
			Example: `md5("a")`, Result: `"0cc175b9c0f1b6a831c399e269772661"`,
		},
		{
			Name: "rsadecrypt", Text: "Decrypts what was encrypted with RSA (PKCS #1 v1.5) and encoded as Base64.",
			Params:  []string{"The Base64.", "The private key in PEM, without a passphrase."},
			Example: `rsadecrypt(filebase64("password.enc"), secret("DEPLOY_KEY"))`,
		},
		{
			Name: "sha1", Text: "Returns the SHA-1 of a string in hexadecimal.",
			Params:  []string{"The string."},
			Example: `sha1("a")`, Result: `"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"`,
		},
		{
			Name: "sha256", Text: "Returns the SHA-256 of a string in hexadecimal.",
			Params:  []string{"The string."},
			Example: `sha256("a")`, Result: `"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"`,
		},
		{
			Name: "sha512", Text: "Returns the SHA-512 of a string in hexadecimal.",
			Params:  []string{"The string."},
			Example: `substr(sha512("a"), 0, 16)`, Result: `"1f40fc92da241694"`,
		},
		{
			Name: "uuid", Text: "Returns a random UUID. In the plan it is not known.",
			Example: "uuid()",
		},
		{
			Name: "uuidv5", Text: "Returns the UUID that stands for a name in a namespace.",
			Params:  []string{"The namespace: `dns`, `url`, `oid`, `x500` or a UUID.", "The name."},
			Example: `uuidv5("dns", "www.terraform.io")`, Result: `"a5008fae-b28c-5ba5-96cd-82b4c53552d6"`,
		},
	}}
}
