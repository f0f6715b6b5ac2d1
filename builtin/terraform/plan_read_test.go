package terraform

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAPlanIsReadWithoutWhatNobodyNeeds compares it with what the library makes
// of all of it.
func TestAPlanIsReadWithoutWhatNobodyNeeds(t *testing.T) {
	t.Parallel()
	const text = `{"format_version":"1.2","complete":false,"variables":{"a":{"value":12345678901234567890}},
		"planned_values":{"root_module":{"resources":[{"address":"x.a"}],"child_modules":[[],{}]}},
		"resource_drift":null,
		"resource_changes":[
			{"address":"x.a","change":{"actions":["no-op"],"before":{"v":1},"after":{"v":1}}},
			{"address":"x.b","change":{"actions":["no-op"],"before":{"v":"s"},"after":{"v":"s"},"before_sensitive":{"v":true}}},
			{"address":"x.c","change":{"actions":["update"],"before":{"v":1},"after":{"v":2}}}],
		"output_changes":{"o":{"actions":["create"]}},
		"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"x.a","values":{"v":12345678901234567890}}]}}},
		"configuration":{"root_module":{"variables":{"a":{"sensitive":true}}}},
		"of_a_later_version":[1,{"a":[2]}],"errored":false}`
	plan, err := readPlan(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, r := range plan.ResourceChanges {
		shown = append(shown, fmt.Sprint(r.Address, r.Change.Before, r.Change.After))
	}
	want := []string{"x.a<nil> <nil>", "x.bmap[v:s] map[v:s]", "x.cmap[v:1] map[v:2]"}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("the changes (-want +got):\n%s", diff)
	}
	if plan.PlannedValues != nil || *plan.Complete || !plan.Config.RootModule.Variables["a"].Sensitive || plan.OutputChanges["o"] == nil {
		t.Errorf("the plan is %+v", plan)
	}
	if got := plan.PriorState.Values.RootModule.Resources[0].AttributeValues["v"]; got != json.Number("12345678901234567890") {
		t.Errorf("a large number has become %v", got)
	}
}

func TestAPlanThatIsNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "EOF",
		"[]":                           "there is [ where { must be",
		"{":                            "EOF",
		`{}`:                           "format version is missing",
		`{"format_version":"7.0"}`:     "unsupported plan format version",
		`{"resource_changes":{}}`:      "resource_changes: it is no list",
		`{"resource_changes":[{"x":1`:  "resource_changes: unexpected EOF",
		`{"planned_values":{"a":[[[`:   "planned_values: EOF",
		`{"format_version":"1.2"}, {}`: "<nil>",
	} {
		if _, err := readPlan(strings.NewReader(text)); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func FuzzReadPlan(f *testing.F) {
	f.Add([]byte(`{"format_version":"1.2","resource_changes":[{"change":{"actions":["no-op"]}}],"prior_state":{},"x":[{}]}`))
	f.Add([]byte(`{"resource_drift":[null],"configuration":{"root_module":null},"complete":1}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		plan, err := readPlan(strings.NewReader(string(text)))
		if err == nil {
			taint := newTaint(stack{})
			taint.addPlan(plan)
			classify(plan, taint, differ{taint: taint})
		}
	})
}

// TestAHugePlan is 44: each resource of a plan of 100 MB changes.
func TestAHugePlan(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some hundred megabytes")
	}
	f := newFake(t)
	f.says(t, "plan", `{"type":"planned_change","change":{"action":"update"}}`+"\n")
	resources := f.showsLarge(t, 100<<20)
	change, _ := plan(t, f.open(t, nil))
	want := fmt.Sprintf("pending: %d pending", resources)
	if got := rendered(finding(t, change, "stack"))[0]; got != want {
		t.Errorf("the stack is %s, want %s", got, want)
	}
}

// BenchmarkReadOfAPlan tells what a plan of 10 MB takes.
func BenchmarkReadOfAPlan(b *testing.B) {
	f := newFake(b)
	f.showsLarge(b, 10<<20)
	for b.Loop() {
		file, err := os.Open(filepath.Join(f.bin, "show"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := readPlan(file); err != nil {
			b.Fatal(err)
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// showsLarge has show say a plan of so many bytes, with all the copies that a
// plan has of a resource, and returns how many resources those are.
func (f *fake) showsLarge(t testing.TB, size int) (resources int) {
	t.Helper()
	value := strings.Repeat("x", 1000)
	resources = size / 4500
	each := func(format string) string {
		var all strings.Builder
		for i := range resources {
			if i > 0 {
				all.WriteByte(',')
			}
			fmt.Fprintf(&all, `{"address":"fixture_file.a[%d]","mode":"managed","type":"fixture_file","name":"a",`+format+"}", i, value)
		}
		return all.String()
	}
	values := each(`"values":{"content":%q}`)
	changes := each(`"change":{"actions":["update"],"before":{"content":%[2]q,"mode":"0600"},"after":{"content":%[2]q,"mode":"0640"}}`)
	f.says(t, "show", fmt.Sprintf(`{"format_version":"1.2","planned_values":{"root_module":{"resources":[%[1]s]}},"resource_changes":[%[2]s],`+
		`"prior_state":{"values":{"root_module":{"resources":[%[1]s]}}}}`, values, changes))
	return resources
}
