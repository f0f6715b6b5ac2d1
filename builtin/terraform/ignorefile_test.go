package terraform

import (
	"testing"
)

func FuzzIgnoreFile(f *testing.F) {
	f.Add("# a comment\naws_instance.*\n!aws_instance.web\nmodule.x[\"a\"].b.c.tags\n", "aws_instance.web", "tags.Name")
	f.Add("\x89\naws_instance.*\n", "aws_instance.web", "tags.Name")
	f.Fuzz(func(t *testing.T, text, address, path string) {
		e := entry{address: address, class: drift, attributes: []attribute{{path: path, class: drift}}}
		rest, removed := parseIgnoreFile(text).ignoreIn(e)
		if (rest == nil) != (len(removed) == 1) {
			t.Errorf("left %+v, removed %+v", rest, removed)
		}
	})
}
