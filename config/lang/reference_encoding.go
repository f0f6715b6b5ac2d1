package lang

func encodingDocs() Group {
	return Group{"Encoding functions", []Doc{
		{
			Name: "base64decode", Text: "Decodes Base64 to a string of UTF-8.",
			Params:  []string{"The Base64."},
			Example: `base64decode("SGVsbG8=")`, Result: `"Hello"`,
		},
		{
			Name: "base64encode", Text: "Encodes a string as Base64.",
			Params:  []string{"The string."},
			Example: `base64encode("Hello")`, Result: `"SGVsbG8="`,
		},
		{
			Name: "base64gzip", Text: "Compresses a string with gzip, and encodes the result as Base64.",
			Params:  []string{"The string."},
			Example: `base64gzip("Hello")`,
		},
		{
			Name: "csvdecode", Text: "Reads CSV: a list of objects, one for each line after the first, which has the names.",
			Params:  []string{"The CSV."},
			Example: `csvdecode("name,port\nweb,80")`, Result: `[{ name = "web", port = "80" }]`,
		},
		{
			Name: "jsondecode", Text: "Reads JSON.",
			Params:  []string{"The JSON."},
			Example: `jsondecode("{\"hello\": \"world\"}")`, Result: `{ hello = "world" }`,
		},
		{
			Name: "jsonencode", Text: "Writes a value as JSON.",
			Params:  []string{"The value."},
			Example: `jsonencode({ hello = ["world"] })`, Result: `"{\"hello\":[\"world\"]}"`,
		},
		{
			Name: "textdecodebase64", Text: "Decodes Base64, and the result from a character encoding.",
			Params:  []string{"The Base64.", "The IANA name of the encoding, such as `UTF-16LE`."},
			Example: `textdecodebase64("SABpAA==", "UTF-16LE")`, Result: `"Hi"`,
		},
		{
			Name: "textencodebase64", Text: "Encodes a string in a character encoding, and the result as Base64.",
			Params:  []string{"The string.", "The IANA name of the encoding, such as `UTF-16LE`."},
			Example: `textencodebase64("Hi", "UTF-16LE")`, Result: `"SABpAA=="`,
		},
		{
			Name: "urldecode", Text: "Decodes what `urlencode` has encoded.",
			Params:  []string{"The encoded string."},
			Example: `urldecode("a%20b%26c")`, Result: `"a b&c"`,
		},
		{
			Name: "urlencode", Text: "Encodes a string for the query of a URL.",
			Params:  []string{"The string."},
			Example: `urlencode("a b&c")`, Result: `"a+b%26c"`,
		},
		{
			Name: "yamldecode", Text: "Reads one document of YAML.",
			Params:  []string{"The YAML."},
			Example: `yamldecode("hello: world")`, Result: `{ hello = "world" }`,
		},
		{
			Name: "yamlencode", Text: "Writes a value as YAML.",
			Params:  []string{"The value."},
			Example: "yamlencode({ a = [1, 2] })", Result: `"\"a\":\n- 1\n- 2\n"`,
		},
	}}
}
