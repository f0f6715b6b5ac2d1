package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// family finds the name of a metric where the code declares it.
var family = regexp.MustCompile(`(?:gauge|counter)\("(driftless_[a-z_]+)"|Name:\s+"(driftless_[a-z_]+)"`)

// TestMetricsAreInTheGuides goes both ways: no guide tells of a metric that is
// not there, and no metric is there of which none tells.
func TestMetricsAreInTheGuides(t *testing.T) {
	code := make(map[string]bool)
	for _, dir := range []string{"agent", "builtin/git"} {
		for path := range readTree(t, filepath.Join(root, dir)) {
			if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, found := range family.FindAllStringSubmatch(read(t, filepath.Join(root, dir, path)), -1) {
				code[found[1]+found[2]] = true
			}
		}
	}
	guides := make(map[string]bool)
	docs := filepath.Join(root, "website", "content", "docs")
	for path := range readTree(t, docs) {
		for _, name := range ownMetric.FindAllString(read(t, filepath.Join(docs, path)), -1) {
			guides[name] = true
		}
	}
	if len(code) < 50 {
		t.Fatalf("only %d metrics are found in the code", len(code))
	}
	for name := range code {
		if !guides[name] {
			t.Errorf("no guide tells of the metric %s", name)
		}
	}
	for name := range guides {
		if !code[name] && !strings.HasSuffix(name, "_") { // that of a group, as in driftless_plugin_*
			t.Errorf("a guide tells of %s, which is no metric", name)
		}
	}
}
