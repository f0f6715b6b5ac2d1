package host

import (
	"bufio"
	"io"
	"maps"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/driftless-hq/driftless/plugin"
)

// TestSameAsNodeExporter is the promise of this package: whatever a real
// node_exporter says of this host, the profile says as well, under the same
// names, types and labels.
func TestSameAsNodeExporter(t *testing.T) {
	url := startNodeExporter(t)
	instance, diags := openType(t, typeHost, nil)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	before := mustCollect(t, instance.(plugin.Collector))
	theirs := scrape(t, url)
	after := mustCollect(t, instance.(plugin.Collector))

	if len(theirs.types) < 60 {
		t.Fatalf("node_exporter has only %d families", len(theirs.types))
	}
	for _, name := range slices.Sorted(maps.Keys(theirs.types)) {
		if got := after.types[name]; got != theirs.types[name] {
			t.Errorf("%s is a %s, here %q", name, theirs.types[name], got)
			continue
		}
		compareSeries(t, theirs.of(name), before.of(name), after.of(name))
	}
	compareValues(t, before, theirs, after)
	t.Logf("%d families, %d series of node_exporter; %d and %d here", len(theirs.types), len(theirs.series), len(after.types), len(after.series))
}

// compareSeries allows for what comes and goes while the test runs.
func compareSeries(t *testing.T, theirs, before, after []string) {
	t.Helper()
	for _, key := range theirs {
		if !slices.Contains(before, key) && !slices.Contains(after, key) {
			t.Errorf("%s is missing", key)
		}
	}
	for _, key := range before {
		if slices.Contains(after, key) && !slices.Contains(theirs, key) {
			t.Errorf("%s is too many", key)
		}
	}
}

// compareValues expects a counter to lie between its values before and after,
// and some gauges not to change at all.
func compareValues(t *testing.T, before, theirs, after exposition) {
	t.Helper()
	constant := regexp.MustCompile(`^node_(boot_time_seconds|memory_(MemTotal|SwapTotal)_bytes|filesystem_(size_bytes|readonly|mount_info)|uname_info|time_(clocksource|zone).*|scrape_collector_success)\{`)
	for _, key := range slices.Sorted(maps.Keys(theirs.series)) {
		lo, there := before.series[key]
		hi, stillThere := after.series[key]
		if !there || !stillThere {
			continue
		}
		value, name := theirs.series[key], key[:strings.IndexByte(key, '{')]
		// The kernel itself lets times of a CPU go back a little.
		slack := 0.0
		if strings.HasPrefix(name, "node_cpu_") {
			slack = 1
		}
		increases := theirs.types[name] == "counter" || name == "node_time_seconds"
		if increases && (value < lo-slack || value > hi+slack) || constant.MatchString(key) && value != lo {
			t.Errorf("%s is %v, here %v before and %v after", key, value, lo, hi)
		}
	}
}

// startNodeExporter runs a node_exporter with the collectors and the settings
// of the profile, and returns its address.
func startNodeExporter(t *testing.T) string {
	t.Helper()
	binary, err := exec.LookPath("prometheus-node-exporter")
	if err != nil {
		binary, err = exec.LookPath("node_exporter")
	}
	if err != nil {
		t.Skip("there is no node_exporter on this machine to compare with")
	}
	args := []string{
		"--web.listen-address=127.0.0.1:0",
		"--collector.disable-defaults",
		"--collector.filesystem.mount-points-exclude=" + defaultExcludeMountPoints,
		"--collector.filesystem.fs-types-exclude=" + defaultExcludeFSTypes,
		"--collector.netdev.device-exclude=",
	}
	for _, part := range minimal() {
		args = append(args, "--collector."+part)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Wait() }) // the context of the test has ended it
	return "http://" + listenAddress(t, stderr) + "/metrics"
}

// listenAddress finds in the log where the exporter listens.
func listenAddress(t *testing.T, log io.Reader) string {
	t.Helper()
	address := regexp.MustCompile(`address=(127\.0\.0\.1:[1-9][0-9]*)`)
	lines := bufio.NewScanner(log)
	var seen []string
	for lines.Scan() {
		seen = append(seen, lines.Text())
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			go io.Copy(io.Discard, log)
			return found[1]
		}
	}
	t.Fatalf("node_exporter did not start:\n%s", strings.Join(seen, "\n"))
	return ""
}

// scrape reads an exposition. What node_exporter says of itself is left out.
func scrape(t *testing.T, url string) exposition {
	t.Helper()
	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	e := exposition{map[string]string{}, map[string]string{}, map[string]float64{}}
	for name, family := range families {
		if !strings.HasPrefix(name, "node_") || name == "node_exporter_build_info" {
			continue
		}
		e.types[name] = strings.ToLower(family.GetType().String())
		for _, m := range family.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+strconv.Quote(l.GetValue()))
			}
			e.series[series(name, labels)] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()
		}
	}
	return e
}
