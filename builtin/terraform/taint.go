package terraform

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// hidden stands in place of a sensitive value.
const hidden = "(sensitive value)"

// minTaint is the length from which a sensitive value is looked for everywhere.
// Hiding every "1" or "true" would hide all there is.
const minTaint = 6

// taint knows the sensitive values of a stack. The marks of a plan are not
// enough: a provider may return a value that went in as sensitive in an
// attribute that isn't marked, or in an error.
type taint struct {
	values   map[string]bool
	replacer *strings.Replacer // of values; nil when they changed
}

func newTaint(env map[string]string) *taint {
	t := &taint{values: map[string]bool{}}
	for _, value := range env {
		t.add(value)
	}
	return t
}

func (t *taint) add(secret string) {
	forms := []string{
		secret, strings.TrimSpace(secret), url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
	}
	for line := range strings.Lines(secret) { // of a key in PEM, say
		forms = append(forms, strings.TrimSpace(line))
	}
	if len(strings.TrimSpace(secret)) < minTaint {
		return
	}
	for _, form := range forms {
		if len(form) >= minTaint {
			t.values[form] = true
		}
	}
	t.replacer = nil
}

// text hides every sensitive value in s.
func (t *taint) text(s string) string {
	if t.replacer == nil {
		// Where one value begins another, the longer one must go first.
		values := make([]string, 0, len(t.values))
		for value := range t.values {
			values = append(values, value)
		}
		slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
		pairs := make([]string, 0, 2*len(values))
		for _, value := range values {
			pairs = append(pairs, value, hidden)
		}
		t.replacer = strings.NewReplacer(pairs...)
	}
	return t.replacer.Replace(s)
}

// addPlan learns all that a plan marks as sensitive, wherever it is.
func (t *taint) addPlan(plan *tfjson.Plan) {
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

func (t *taint) addChange(change *tfjson.Change) {
	if change != nil {
		t.addMarked(change.Before, change.BeforeSensitive)
		t.addMarked(change.After, change.AfterSensitive)
	}
}

func (t *taint) addModule(module *tfjson.StateModule) {
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
func (t *taint) addMarked(value, marks any) {
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

func (t *taint) addAll(value any) {
	switch value := value.(type) {
	case string:
		t.add(value)
	case json.Number:
		t.add(value.String())
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
func (t *taint) show(value any) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(t.clean(value)); err != nil {
		return hidden // can't be: the value came from JSON
	}
	return shorten(strings.TrimSpace(out.String()), maxValue)
}

// maxValue bounds how much of a value is shown, in bytes.
const maxValue = 300

// clean hides before the value is encoded, so that no escape keeps a sensitive
// value from being recognised.
func (t *taint) clean(value any) any {
	switch value := value.(type) {
	case string:
		return t.text(value)
	case json.Number:
		if text := t.text(value.String()); text != value.String() {
			return text
		}
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, inner := range value {
			object[t.text(name)] = t.clean(inner)
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
