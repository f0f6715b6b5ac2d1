package terraform

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

func mutations() []mutation {
	return slices.Concat(driftMutations(), codeMutations(), lyingMutations(), acceptedMutations(), failingMutations(), publishedMutations())
}

// driftMutations are changes of the real world.
func driftMutations() []mutation {
	content := []string{"drift update fixture_file.a", `  content: "as declared" -> "by hand"`, `  size: 11 -> 7`}
	return []mutation{
		{name: "nothing", code: oneFile, verdict: "clean: as declared"},
		{name: "an attribute is changed by hand", code: oneFile, then: byHand("a", "by hand"), verdict: "drifted: 1 drifted", detail: content},
		{name: "a resource is removed by hand", code: oneFile, then: removed("a"), verdict: "drifted: 1 drifted", detail: []string{"drift delete fixture_file.a"}},
		{name: "a tag is changed by hand", code: taggedFile, then: byHand("a.meta", `{"tags":{"team":"else","cost":"12"},"items":["a","b","c"],"note":"{\"a\":1,\"b\":[2,3]}","ratio":0.5}`),
			verdict: "drifted: 1 drifted", detail: []string{"drift update fixture_file.a", `  tags.team: "infra" -> "else"`}},
		{name: "a number and a list are changed by hand", code: taggedFile, then: byHand("a.meta", `{"tags":{"team":"infra","cost":"12"},"items":["a"],"note":"{\"a\":1,\"b\":[2,3]}","ratio":0.25}`),
			verdict: "drifted: 1 drifted", detail: []string{"drift update fixture_file.a", `  items: ["a","b","c"] -> ["a"]`, `  ratio: 0.5 -> 0.25`}},
		{name: "one of many is removed by hand", code: "resource \"fixture_file\" \"a\" {\n  count = 2\n  path = \"FILES/${count.index}\"\n  content = \"x\"\n}\n", then: removed("1"),
			verdict: "drifted: 1 drifted", detail: []string{"drift delete fixture_file.a[1]"}},
		{name: "a resource in a module is changed by hand", code: moduleCall, then: func(t *testing.T, m *mutated) {
			byHand("a", "by hand")(t, m)
		}, verdict: "drifted: 1 drifted", detail: []string{"drift update module.part.fixture_file.a", `  content: "as declared" -> "by hand"`, `  size: 11 -> 7`}},
		{name: "a sensitive attribute is not shown", code: sensitiveFile, then: byHand("a", "hunter2-hunter2 by hand"), verdict: "drifted: 1 drifted",
			detail: []string{"drift update fixture_file.a", `  content: (sensitive value) -> (sensitive value)`, `  size: 15 -> 23`}},
		{name: "with refresh-only an attribute is changed by hand", code: oneFile, then: byHand("a", "by hand"), attrs: settings("mode", cty.StringVal("refresh-only")),
			verdict: "drifted: 1 drifted", detail: content},
		{name: "with refresh-only a resource is removed by hand", code: oneFile, then: removed("a"), attrs: settings("mode", cty.StringVal("refresh-only")),
			verdict: "drifted: 1 drifted", detail: []string{"drift delete fixture_file.a"}},
	}
}

const (
	moduleCall    = "module \"part\" {\n  source = \"./modules/part\"\n  dir    = \"FILES\"\n}\n"
	sensitiveFile = "resource \"fixture_file\" \"a\" {\n  path = \"FILES/a\"\n  content = sensitive(\"hunter2-hunter2\")\n}\n"
	modulePart    = "variable \"dir\" {}\nterraform {\n  required_providers {\n    fixture = { source = \"driftless.test/fixtures/fixture\" }\n  }\n}\nresource \"fixture_file\" \"a\" {\n  path    = \"${var.dir}/a\"\n  content = \"as declared\"\n}\n"
)

// codeMutations are changes of the code.
func codeMutations() []mutation {
	return []mutation{
		{name: "never applied", then: extended(oneFile), verdict: "unapplied: 1 pending", detail: []string{"pending create fixture_file.a"}},
		{name: "the code changes an attribute", code: oneFile, then: recoded(`"as declared"`, `"anew"`), verdict: "pending: 1 pending",
			detail: []string{"pending update fixture_file.a", `  content: "as declared" -> "anew"`}},
		{name: "the code adds a resource", code: oneFile, then: extended(plainData), verdict: "pending: 1 pending", detail: []string{"pending create terraform_data.a"}},
		{name: "the code drops a resource", code: oneFile + plainData, then: recoded(plainData, ""), verdict: "pending: 1 pending", detail: []string{"pending delete terraform_data.a"}},
		{name: "the code replaces a resource", code: plainData, then: recoded(`["one"]`, `["two"]`), verdict: "pending: 1 pending",
			detail: []string{"pending replace terraform_data.a", `  triggers_replace[0]: "one" -> "two"`}},
		{name: "both move, in different attributes", code: oneFile, then: all(byHand("a", "by hand"), recoded("0640", "0600")), verdict: "drifted_pending: 1 drifted, 1 pending",
			detail: []string{"drift update fixture_file.a", `  content: "as declared" -> "by hand"`, `  size: 11 -> 7`, "pending update fixture_file.a", `  mode: "0640" -> "0600"`}},
		{name: "both move, in the same attribute", code: oneFile, then: all(byHand("a", "by hand"), recoded(`"as declared"`, `"anew"`)), verdict: "drifted_pending: 1 drifted, 1 pending",
			detail: []string{"drift update fixture_file.a", `  size: 11 -> 7`, "both update fixture_file.a", `  content: "by hand" -> "anew"`}},
		{name: "both move to the same", code: oneFile, then: all(byHand("a", "by hand"), recoded(`"as declared"`, `"by hand"`)), verdict: "clean: 1 changed outside as the code allows"},
		{name: "one drifts and the code adds another", code: oneFile, then: all(removed("a"), extended(plainData)), verdict: "drifted_pending: 1 drifted, 1 pending",
			detail: []string{"drift delete fixture_file.a", "pending create terraform_data.a"}},
		{name: "a resource is tainted", code: plainData, then: func(t *testing.T, m *mutated) {
			m.run(t, m.name, []string{"init", "-input=false"}, []string{"taint", "terraform_data.a"})
		}, verdict: "pending: 1 pending", detail: []string{"pending replace terraform_data.a", `  id: ID -> (known after apply)`, `  output: {"size":1} -> (known after apply)`}},
		{name: "with config-only the code changes an attribute", code: oneFile, then: all(byHand("a", "by hand"), recoded("0640", "0600")), attrs: settings("mode", cty.StringVal("config-only")),
			verdict: "pending: 1 pending", detail: []string{"pending update fixture_file.a", `  mode: "0640" -> "0600"`}},
	}
}

// lyingMutations are those of which an exit code says the wrong thing: 55, and
// 56 with tofu.
func lyingMutations() []mutation {
	number := extended("output \"number\" { value = fixture_file.a.size + 1 }\n")
	check := extended("check \"size\" {\n  assert {\n    condition     = fixture_file.a.size == 0\n    error_message = \"no\"\n  }\n}\n")
	return []mutation{
		{name: "with refresh-only a number output of an untouched stack", code: oneFile + "output \"n\" { value = fixture_file.a.size }\n", attrs: settings("mode", cty.StringVal("refresh-only")), verdict: "clean: as declared"},
		{name: "an output is new", code: oneFile, then: number, verdict: "clean: 1 outputs changed"},
		{name: "an output is new, and counts", code: oneFile, then: number, attrs: settings("count_outputs", cty.True), verdict: "pending: 1 outputs changed"},
		{name: "a resource is moved", code: oneFile, then: all(recoded(`"fixture_file" "a"`, `"fixture_file" "b"`), extended("moved {\n  from = fixture_file.a\n  to   = fixture_file.b\n}\n")), verdict: "clean: 1 moved to another address"},
		{name: "a resource that is moved was changed by hand", code: oneFile, then: all(removed("a"), recoded(`"fixture_file" "a"`, `"fixture_file" "b"`), extended("moved {\n  from = fixture_file.a\n  to   = fixture_file.b\n}\n")),
			verdict: "drifted: 1 drifted", detail: []string{"drift delete fixture_file.b"}},
		{name: "a check block doesn't hold", since: "1.5.0", code: oneFile, then: check, verdict: "clean: 1 failed checks"},
		{name: "a check block doesn't hold, and counts", since: "1.5.0", code: oneFile, then: check, attrs: settings("on_check_failure", cty.StringVal("drift")), verdict: "drifted: 1 failed checks"},
		{name: "an ignored attribute is changed by hand, and an output with it", code: oneFile + "output \"n\" { value = fixture_file.a.size }\n",
			then:    all(recoded(`mode    = "0640"`, "mode    = \"0640\"\n  lifecycle { ignore_changes = [content] }"), byHand("a", "by hand")),
			verdict: "clean: 1 changed outside as the code allows, 1 outputs changed"},
		{name: "an import", since: "1.5.0", code: plainData, then: all(byHand("i", "as declared"), extended("import {\n  to = fixture_file.i\n  id = \"FILES/i\"\n}\nresource \"fixture_file\" \"i\" {\n  path    = \"FILES/i\"\n  content = \"as declared\"\n}\n")),
			verdict: "pending: 1 pending, 1 to be imported", detail: []string{"pending update fixture_file.i"}},
		{name: "a resource is forgotten", since: "1.7.0", code: oneFile, then: recoded("resource \"fixture_file\" \"a\" {", "removed {\n  from = fixture_file.a\n  lifecycle {\n    destroy = false\n  }\n}\nresource \"fixture_file\" \"b\" {"),
			verdict: "pending: 2 pending", detail: []string{"pending forget fixture_file.a", "pending create fixture_file.b"}},
		{name: "with refresh-only the code changes", code: oneFile, then: recoded(`"as declared"`, `"anew"`), attrs: settings("mode", cty.StringVal("refresh-only")), verdict: "clean: as declared"},
		{name: "with config-only the real world changes", code: oneFile, then: byHand("a", "by hand"), attrs: settings("mode", cty.StringVal("config-only")), verdict: "clean: as declared"},
	}
}

// acceptedMutations are differences that are none, or are known.
func acceptedMutations() []mutation {
	rewritten := byHand("a.meta", `{"tags":{"team":"infra","cost":"12"},"items":["a","b","c"],"note":"{ \"b\": [2.0, 3], \"a\": 1 }","ratio":0.5}`)
	return []mutation{
		{name: "JSON is written in another way", code: taggedFile, then: rewritten, attrs: normalizing("json_strings", cty.True), verdict: "clean: 1 only written in another way"},
		{name: "JSON is written in another way, which nobody accepts", code: taggedFile, then: rewritten, verdict: "drifted: 1 drifted",
			detail: []string{"drift update fixture_file.a", `  note: "{\"a\":1,\"b\":[2,3]}" -> "{ \"b\": [2.0, 3], \"a\": 1 }"`}},
		{name: "a list has another order", code: taggedFile, then: byHand("a.meta", `{"tags":{"team":"infra","cost":"12"},"items":["c","a","b"],"note":"{\"a\":1,\"b\":[2,3]}","ratio":0.5}`),
			attrs: normalizing("unordered", listOf("items")), verdict: "clean: 1 only written in another way"},
		{name: "an empty text has become null", code: "resource \"fixture_file\" \"a\" {\n  path = \"FILES/a\"\n  content = \"x\"\n  note = \"\"\n}\n", then: byHand("a.meta", `{}`),
			verdict: "clean: 1 only written in another way"},
		{name: "an empty text has become null, which matters", code: "resource \"fixture_file\" \"a\" {\n  path = \"FILES/a\"\n  content = \"x\"\n  note = \"\"\n}\n", then: byHand("a.meta", `{}`),
			attrs: normalizing("null_empty", cty.False), verdict: "drifted: 1 drifted", detail: []string{"drift update fixture_file.a", `  note: "" -> null`}},
		{name: "a rule knows the resource", code: oneFile, then: removed("a"), attrs: settings("ignore", ignoreValue(ignoreConfig{Address: "fixture_file.*", Actions: []string{"delete"}, Reason: "known"})), verdict: "clean: 1 ignored"},
		{name: "a rule knows another action", code: oneFile, then: removed("a"), attrs: settings("ignore", ignoreValue(ignoreConfig{Address: "*", Actions: []string{"update"}, Reason: "known"})),
			verdict: "drifted: 1 drifted", detail: []string{"drift delete fixture_file.a"}},
		{name: "the file of the stack knows an attribute", code: oneFile, then: all(byHand("a", "by hand"), driftIgnore("# known\nfixture_file.*\n!fixture_file.a.size\n")),
			verdict: "drifted: 1 drifted, 1 ignored", detail: []string{"drift update fixture_file.a", `  size: 11 -> 7`}},
	}
}

func driftIgnore(text string) func(*testing.T, *mutated) {
	return func(t *testing.T, m *mutated) { write(t, filepath.Join(m.root, m.name, ignoreFileName), text) }
}

// failingMutations are those after which nothing can be said.
func failingMutations() []mutation {
	mishap := func(kind string) func(*testing.T, *mutated) {
		return func(t *testing.T, m *mutated) { m.setInState(t, "mishap", kind) }
	}
	return []mutation{
		{name: "25: the provider crashes", code: oneFile, then: mishap("crash"), verdict: "error: PROVIDER GONE"},
		{name: "29: the provider is killed for its memory", code: oneFile, then: mishap("killed"), verdict: "error: PROVIDER GONE"},
		{name: "53: the API refuses", code: oneFile, then: mishap("refuse"), verdict: "error: Cannot read the file"},
		{name: "40: the code is broken", code: oneFile, then: extended("resource \"fixture_file\" {}\n"), verdict: "error: Missing name for resource"},
		{name: "43: a variable is missing, and nobody is asked for it", code: oneFile, then: extended("variable \"size\" {}\n"), verdict: "error: No value for required variable"},
		{name: "42: a workspace is missing", code: oneFile, attrs: settings("workspaces", listOf("nowhere")), verdict: "error: Workspace not found"},
	}
}
