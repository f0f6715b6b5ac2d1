package lang

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// maxRange is how many numbers the range of the library makes at most.
const maxRange = 1024

// rangeOf is range, which loops are made of: whole numbers are counted as such,
// and all else is left to the library, which counts with big ones.
var rangeOf = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "params", Type: cty.Number},
	Type:     function.StaticReturnType(cty.List(cty.Number)),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if numbers, ok := wholeRange(args); ok {
			return cty.ListVal(numbers), nil
		}
		return stdlib.RangeFunc.Call(args)
	},
})

// wholeRange reports false where a number isn't whole or is large, and where
// there are none or too many.
func wholeRange(args []cty.Value) (numbers []cty.Value, ok bool) {
	var whole [3]int64
	if len(args) == 0 || len(args) > len(whole) {
		return nil, false
	}
	for i, arg := range args {
		n, _ := arg.AsBigFloat().Int64()
		if !arg.AsBigFloat().IsInt() || n > 1<<32 || n < -1<<32 {
			return nil, false
		}
		whole[i] = n
	}
	start, limit, step := int64(0), whole[0], whole[2]
	if len(args) > 1 {
		start, limit = whole[0], whole[1]
	}
	if len(args) < 3 {
		step = 1
		if limit < start {
			step = -1
		}
	}
	for n := start; step > 0 && n < limit || step < 0 && n > limit; n += step {
		if len(numbers) == maxRange {
			return nil, false
		}
		numbers = append(numbers, cty.NumberIntVal(n))
	}
	return numbers, len(numbers) > 0
}
