package terraform

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// taint knows the sensitive values of a stack. The marks of a plan are not
// enough: a provider may return a value that went in as sensitive in an
// attribute that isn't marked, or in an error.
type taint struct{ *redact.Redactor }

func newTaint(s stack) taint {
	t := taint{redact.New()}
	for _, values := range []map[string]string{s.env, s.secrets, s.backend} {
		for name, value := range values {
			if name != cliConfigName { // a path, which errors are full of
				t.Add(value)
			}
		}
	}
	return t
}

// addPlan learns all that a plan marks as sensitive, wherever it is.
func (t taint) addPlan(plan *tfjson.Plan) {
	for _, changes := range [][]*tfjson.ResourceChange{plan.ResourceDrift, plan.ResourceChanges} {
		for _, change := range changes {
			t.addChange(change.Change)
		}
	}
	for _, output := range plan.OutputChanges {
		t.addChange(output)
	}
	if plan.PriorState != nil && plan.PriorState.Values != nil {
		for _, output := range plan.PriorState.Values.Outputs {
			t.addMarked(output.Value, output.Sensitive)
		}
		t.addModule(plan.PriorState.Values.RootModule)
	}
	if plan.Config == nil || plan.Config.RootModule == nil {
		return
	}
	for name, declared := range plan.Config.RootModule.Variables {
		if given := plan.Variables[name]; given != nil {
			t.addMarked(given.Value, declared.Sensitive)
		}
	}
}

func (t taint) addChange(change *tfjson.Change) {
	if change != nil {
		t.addMarked(change.Before, change.BeforeSensitive)
		t.addMarked(change.After, change.AfterSensitive)
	}
}

func (t taint) addModule(module *tfjson.StateModule) {
	if module == nil {
		return
	}
	for _, resource := range module.Resources {
		var marks any
		if json.Unmarshal(resource.SensitiveValues, &marks) == nil {
			t.addMarked(map[string]any(resource.AttributeValues), marks)
		}
	}
	for _, child := range module.ChildModules {
		t.addModule(child)
	}
}

// addMarked learns the scalars of value below every mark that is true.
func (t taint) addMarked(value, marks any) {
	switch marks := marks.(type) {
	case bool:
		if marks {
			t.addAll(value)
		}
	case map[string]any:
		if object, ok := value.(map[string]any); ok {
			for name, mark := range marks {
				t.addMarked(object[name], mark)
			}
		}
	case []any:
		if list, ok := value.([]any); ok {
			for i := range min(len(list), len(marks)) {
				t.addMarked(list[i], marks[i])
			}
		}
	}
}

func (t taint) addAll(value any) {
	switch value := value.(type) {
	case string:
		t.Add(value)
	case json.Number:
		t.Add(value.String())
	case map[string]any:
		for _, inner := range value {
			t.addAll(inner)
		}
	case []any:
		for _, inner := range value {
			t.addAll(inner)
		}
	}
}

// show writes a value as JSON for a reader, with nothing sensitive in it.
func (t taint) show(value any) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(t.clean(value)); err != nil {
		return redact.Placeholder // can't be: the value came from JSON
	}
	return abridge(strings.TrimSpace(out.String()))
}

// maxValue bounds how much of a value is shown, in bytes.
const maxValue = 300

// abridge shows the beginning of a text that is too long, and tells by its size
// and a digest whether the rest is the same: two values that differ behind the
// beginning must not pass for one.
func abridge(text string) string {
	if len(text) <= maxValue {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%s (%d bytes, sha256 %x)", shorten(text, maxValue), len(text), sum[:6])
}

// clean hides before the value is encoded, so that no escape keeps a sensitive
// value from being recognised.
func (t taint) clean(value any) any {
	switch value := value.(type) {
	case string:
		return t.String(value)
	case json.Number:
		if text := t.String(value.String()); text != value.String() {
			return text
		}
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, inner := range value {
			object[t.String(name)] = t.clean(inner)
		}
		return object
	case []any:
		list := make([]any, len(value))
		for i, inner := range value {
			list[i] = t.clean(inner)
		}
		return list
	}
	return value
}
