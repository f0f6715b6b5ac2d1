package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const alerts = root + "/" + examplesDir + "/alerts"

func TestTheAlertsDoWhatTheySay(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skipf("promtool is needed for this: %v", err)
	}
	for _, args := range [][]string{{"check", "rules", "driftless.rules.yml"}, {"test", "rules", "driftless.test.yml"}} {
		c := exec.CommandContext(t.Context(), promtool, args...)
		c.Dir = alerts
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

var ownMetric = regexp.MustCompile(`\bdriftless_[a-z_]+\b`)

func TestTheAlertsAreOnMetricsOfTheAgent(t *testing.T) {
	var code strings.Builder
	for path := range readTree(t, filepath.Join(root, "agent")) {
		if filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go") {
			code.WriteString(read(t, filepath.Join(root, "agent", path)))
		}
	}
	names := ownMetric.FindAllString(read(t, filepath.Join(alerts, "driftless.rules.yml")), -1)
	if len(names) == 0 {
		t.Error("the alerts are on no metric")
	}
	for _, name := range names {
		if !strings.Contains(code.String(), `"`+name+`"`) {
			t.Errorf("the agent has no metric %s", name)
		}
	}
}
