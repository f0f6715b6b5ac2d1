// Package lang is what expressions are made of beside HCL itself: the
// functions, the mark of sensitive values, and suggestions for what was
// probably meant.
package lang

import (
	"maps"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Functions returns the functions of the language by name. Paths given to
// them are relative to dir. Secrets may be nil. What the functions of time and
// chance answer isn't known; see [Moment].
func Functions(dir string, secrets Secrets) map[string]function.Function {
	all := plainFunctions()
	maps.Copy(all, openFunctions())
	maps.Copy(all, secretFunctions(secrets))
	maps.Copy(all, fileFunctions(dir))
	maps.Copy(all, templateFunctions(dir, all))
	describe(all)
	return all
}

// plainFunctions are those that need nothing but their arguments.
func plainFunctions() map[string]function.Function {
	all := map[string]function.Function{
		"abs":              stdlib.AbsoluteFunc,
		"alltrue":          allTrue,
		"anytrue":          anyTrue,
		"base64decode":     base64Decode,
		"base64encode":     base64Encode,
		"base64gzip":       base64Gzip,
		"basename":         baseName,
		"ceil":             stdlib.CeilFunc,
		"chomp":            stdlib.ChompFunc,
		"chunklist":        stdlib.ChunklistFunc,
		"cidrhost":         cidrHost,
		"cidrnetmask":      cidrNetmask,
		"cidrsubnet":       cidrSubnet,
		"cidrsubnets":      cidrSubnets,
		"coalesce":         coalesce,
		"coalescelist":     stdlib.CoalesceListFunc,
		"compact":          stdlib.CompactFunc,
		"concat":           stdlib.ConcatFunc,
		"contains":         contains,
		"csvdecode":        csvDecode,
		"dirname":          dirName,
		"distinct":         distinct,
		"element":          stdlib.ElementFunc,
		"endswith":         endsWith,
		"env":              environment,
		"flatten":          stdlib.FlattenFunc,
		"floor":            stdlib.FloorFunc,
		"format":           format,
		"formatdate":       stdlib.FormatDateFunc,
		"formatlist":       formatList,
		"indent":           indent,
		"index":            index,
		"join":             join,
		"jsondecode":       jsonDecode,
		"jsonencode":       stdlib.JSONEncodeFunc,
		"keys":             stdlib.KeysFunc,
		"length":           length,
		"log":              stdlib.LogFunc,
		"lookup":           lookup,
		"lower":            stdlib.LowerFunc,
		"matchkeys":        matchKeys,
		"max":              stdlib.MaxFunc,
		"merge":            stdlib.MergeFunc,
		"min":              stdlib.MinFunc,
		"one":              one,
		"parseint":         parseInt,
		"pathexpand":       pathExpand,
		"pow":              stdlib.PowFunc,
		"range":            rangeOf,
		"regex":            regex,
		"regexall":         regexAll,
		"replace":          replace,
		"reverse":          stdlib.ReverseListFunc,
		"rsadecrypt":       rsaDecrypt,
		"setintersection":  stdlib.SetIntersectionFunc,
		"setproduct":       setProduct,
		"setsubtract":      stdlib.SetSubtractFunc,
		"setunion":         stdlib.SetUnionFunc,
		"signum":           stdlib.SignumFunc,
		"slice":            stdlib.SliceFunc,
		"sort":             stdlib.SortFunc,
		"split":            split,
		"startswith":       startsWith,
		"strcontains":      strContains,
		"strrev":           stdlib.ReverseFunc,
		"substr":           stdlib.SubstrFunc,
		"sum":              sum,
		"textdecodebase64": textDecodeBase64,
		"textencodebase64": textEncodeBase64,
		"timeadd":          stdlib.TimeAddFunc,
		"timecmp":          timeCmp,
		"title":            stdlib.TitleFunc,
		"tobool":           conversion("bool"),
		"tolist":           conversion("list"),
		"tomap":            conversion("map"),
		"tonumber":         conversion("number"),
		"toset":            conversion("set"),
		"tostring":         conversion("string"),
		"transpose":        transpose,
		"trim":             trim,
		"trimprefix":       stdlib.TrimPrefixFunc,
		"trimspace":        stdlib.TrimSpaceFunc,
		"trimsuffix":       stdlib.TrimSuffixFunc,
		"upper":            stdlib.UpperFunc,
		"urldecode":        urlDecode,
		"urlencode":        urlEncode,
		"uuidv5":           uuidV5,
		"values":           stdlib.ValuesFunc,
		"yamldecode":       yamlDecode,
		"yamlencode":       ctyyaml.YAMLEncodeFunc,
		"zipmap":           stdlib.ZipmapFunc,
	}
	for name, d := range digests {
		all[name] = d.ofString()
	}
	for name, f := range all {
		if looksAfterMarks(f) {
			all[name] = careful(f)
		}
	}
	maps.Copy(all, map[string]function.Function{
		"can":          tryfunc.CanFunc,
		"issensitive":  isSensitive,
		"nonsensitive": nonsensitive,
		"sensitive":    sensitive,
		"try":          tryfunc.TryFunc,
	})
	return all
}
