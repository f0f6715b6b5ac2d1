package terraform

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

// addVariables learns the values of the variables that the code of a stack
// declares to be sensitive. The plan says so, too, but where it fails there is
// none, and its errors quote what was given. Code or files that can't be read
// are for the command to complain about.
func (t taint) addVariables(s stack, files []string) {
	defaults := sensitiveVariables(s.dir)
	if len(defaults) == 0 {
		return
	}
	for _, value := range defaults {
		t.addValue(value)
	}
	for name, value := range s.variables {
		if _, ok := defaults[name]; ok {
			t.addValue(value)
		}
	}
	for _, file := range append(automaticFiles(s.dir), files...) {
		for name, value := range variablesIn(file) {
			if _, ok := defaults[name]; ok {
				t.addValue(value)
			}
		}
	}
}

// addValue learns all texts and numbers of a value.
func (t taint) addValue(value cty.Value) {
	// No callback fails.
	_ = cty.Walk(value, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.IsNull() || !v.IsKnown() || !v.Type().IsPrimitiveType() {
			return true, nil
		}
		switch v.Type() {
		case cty.String:
			t.Add(v.AsString())
		case cty.Number:
			t.addAll(json.Number(v.AsBigFloat().Text('f', -1)))
		}
		return true, nil
	})
}

var (
	variableBlocks = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "variable", LabelNames: []string{"name"}}}}
	ofVariable     = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "sensitive"}, {Name: "default"}}}
)

// sensitiveVariables returns the defaults of the variables that the code of a
// directory declares to be sensitive, null where there is none.
func sensitiveVariables(dir string) map[string]cty.Value {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	found := map[string]cty.Value{}
	for _, entry := range entries {
		file := filepath.Join(dir, entry.Name())
		if !isCode(file) || !mayDeclareSensitive(file) {
			continue
		}
		body := parsed(file)
		if body == nil {
			continue
		}
		// Other blocks are none of this, and mistakes the command's.
		content, _, _ := body.PartialContent(variableBlocks)
		for _, block := range content.Blocks {
			declared, _, _ := block.Body.PartialContent(ofVariable)
			if isTrue(declared.Attributes["sensitive"]) {
				found[block.Labels[0]] = static(declared.Attributes["default"])
			}
		}
	}
	return found
}

// mayDeclareSensitive saves each check from parsing all of a stack's code. In
// JSON the word may be spelt otherwise.
func mayDeclareSensitive(file string) bool {
	if strings.HasSuffix(file, ".json") {
		return true
	}
	code, err := os.ReadFile(file)
	return err == nil && bytes.Contains(code, []byte("sensitive"))
}

// variablesIn returns the values that a file of variables gives.
func variablesIn(file string) map[string]cty.Value {
	body := parsed(file)
	if body == nil {
		return nil
	}
	attributes, _ := body.JustAttributes() // mistakes are the command's
	values := map[string]cty.Value{}
	for name, attribute := range attributes {
		values[name] = static(attribute)
	}
	return values
}

// automaticFiles are the files of variables that the command reads unasked.
func automaticFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var found []string
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".json")
		if name == "terraform.tfvars" || strings.HasSuffix(name, ".auto.tfvars") {
			found = append(found, filepath.Join(dir, entry.Name()))
		}
	}
	return found
}

// parsed returns what could be read of a file in one of the two syntaxes, nil
// where it can't be. What is wrong with it is for the command to tell.
func parsed(file string) hcl.Body {
	body, _ := parse(file)
	return body
}

// parse is parsed, and reports whether all of the file could be read.
func parse(file string) (body hcl.Body, isWhole bool) {
	parser := hclparse.NewParser()
	read := parser.ParseHCLFile
	if strings.HasSuffix(file, ".json") {
		read = parser.ParseJSONFile
	}
	content, diags := read(file)
	if content == nil {
		return nil, false
	}
	return content.Body, !diags.HasErrors()
}

// static is the value of an attribute that refers to nothing, null for others.
func static(attribute *hcl.Attribute) cty.Value {
	if attribute == nil {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	value, diags := attribute.Expr.Value(nil)
	if diags.HasErrors() {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return value
}

func isTrue(attribute *hcl.Attribute) bool {
	value := static(attribute)
	return value.RawEquals(cty.True) || value.RawEquals(cty.StringVal("true"))
}
