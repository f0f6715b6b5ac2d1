// Package lang is what expressions are made of beside HCL itself: the
// functions, the mark of sensitive values, and suggestions for what was
// probably meant.
package lang

import (
	"maps"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"

	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Functions returns the functions of the language by name. Paths given to
// them are relative to dir. Secrets may be nil.
func Functions(dir string, secrets Secrets) map[string]function.Function {
	all := secretFunctions(secrets)
	maps.Copy(all, pureFunctions(dir))
	return all
}

func pureFunctions(dir string) map[string]function.Function {
	return map[string]function.Function{
		"abs":             stdlib.AbsoluteFunc,
		"abspath":         absPath,
		"basename":        baseName,
		"base64decode":    base64Decode,
		"base64encode":    base64Encode,
		"can":             tryfunc.CanFunc,
		"ceil":            stdlib.CeilFunc,
		"chomp":           stdlib.ChompFunc,
		"chunklist":       stdlib.ChunklistFunc,
		"coalesce":        stdlib.CoalesceFunc,
		"coalescelist":    stdlib.CoalesceListFunc,
		"compact":         stdlib.CompactFunc,
		"concat":          stdlib.ConcatFunc,
		"contains":        stdlib.ContainsFunc,
		"csvdecode":       stdlib.CSVDecodeFunc,
		"dirname":         dirName,
		"distinct":        stdlib.DistinctFunc,
		"element":         stdlib.ElementFunc,
		"endswith":        endsWith,
		"env":             environment,
		"file":            readFile(dir),
		"fileexists":      fileExists(dir),
		"flatten":         stdlib.FlattenFunc,
		"floor":           stdlib.FloorFunc,
		"format":          format,
		"formatdate":      stdlib.FormatDateFunc,
		"formatlist":      formatList,
		"indent":          indent,
		"index":           stdlib.IndexFunc,
		"issensitive":     isSensitive,
		"join":            join,
		"jsondecode":      jsonDecode,
		"jsonencode":      stdlib.JSONEncodeFunc,
		"keys":            stdlib.KeysFunc,
		"length":          length,
		"log":             stdlib.LogFunc,
		"lookup":          stdlib.LookupFunc,
		"lower":           stdlib.LowerFunc,
		"max":             stdlib.MaxFunc,
		"md5":             md5Sum,
		"merge":           stdlib.MergeFunc,
		"min":             stdlib.MinFunc,
		"nonsensitive":    nonsensitive,
		"parseint":        stdlib.ParseIntFunc,
		"pow":             stdlib.PowFunc,
		"range":           stdlib.RangeFunc,
		"regex":           stdlib.RegexFunc,
		"regexall":        stdlib.RegexAllFunc,
		"replace":         replace,
		"reverse":         stdlib.ReverseListFunc,
		"sensitive":       sensitive,
		"setintersection": stdlib.SetIntersectionFunc,
		"setproduct":      setProduct,
		"setsubtract":     stdlib.SetSubtractFunc,
		"setunion":        stdlib.SetUnionFunc,
		"sha1":            sha1Sum,
		"sha256":          sha256Sum,
		"sha512":          sha512Sum,
		"signum":          stdlib.SignumFunc,
		"slice":           stdlib.SliceFunc,
		"sort":            stdlib.SortFunc,
		"split":           stdlib.SplitFunc,
		"startswith":      startsWith,
		"strcontains":     strContains,
		"strrev":          stdlib.ReverseFunc,
		"substr":          stdlib.SubstrFunc,
		"title":           stdlib.TitleFunc,
		"tobool":          conversion("bool"),
		"tolist":          conversion("list"),
		"tomap":           conversion("map"),
		"tonumber":        conversion("number"),
		"toset":           conversion("set"),
		"tostring":        conversion("string"),
		"trim":            stdlib.TrimFunc,
		"trimprefix":      stdlib.TrimPrefixFunc,
		"trimspace":       stdlib.TrimSpaceFunc,
		"trimsuffix":      stdlib.TrimSuffixFunc,
		"try":             tryfunc.TryFunc,
		"upper":           stdlib.UpperFunc,
		"values":          stdlib.ValuesFunc,
		"yamldecode":      yamlDecode,
		"yamlencode":      yamlEncode,
		"zipmap":          stdlib.ZipmapFunc,
	}
}
