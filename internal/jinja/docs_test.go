package jinja

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheGuideListsWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("../../website/content/docs/guides/jinja.md")
	if err != nil {
		t.Fatal(err)
	}
	for heading, want := range map[string][]string{
		"Filters": slices.Sorted(maps.Keys(filters())), "Tests": slices.Sorted(maps.Keys(tests())), "Functions": slices.Sorted(maps.Keys(functions())),
	} {
		_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !found {
			t.Errorf("the guide has no section %q", heading)
			continue
		}
		var got []string
		for line := range strings.Lines(section) {
			if !strings.HasPrefix(line, "- ") {
				continue
			}
			for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
				got = append(got, name[1])
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the section %q of the guide is out of date (-code +guide):\n%s", heading, diff)
		}
	}
}
