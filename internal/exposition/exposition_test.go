package exposition_test

import (
	"bytes"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/driftless-hq/driftless/internal/exposition"
	"github.com/driftless-hq/driftless/plugin/event"
)

var now = time.Unix(1700000000, 0)

// batch builds one batch.
func batch(build func(b *event.Builder)) *event.Batch {
	var b event.Builder
	build(&b)
	return b.Batch()
}

// parse reads text as Prometheus would.
func parse(t testing.TB, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("Prometheus' own parser refuses it: %v\n%s", err, text)
	}
	return families
}

func TestAppend(t *testing.T) {
	up := &event.Family{Name: "up", Help: "Whether it is up.", Type: event.Gauge}
	seconds := &event.Family{Name: "cpu_seconds_total", Help: "Time.", Type: event.Counter}
	plain := &event.Family{Name: "plain"}
	tests := map[string]struct {
		batches  []*event.Batch
		want     string
		problems []string
	}{
		"no batch is no text": {},
		"families are sorted by name, samples and labels stay in order": {
			batches: []*event.Batch{batch(func(b *event.Builder) {
				b.Metric(up, now, 1)
				b.Metric(seconds, now, 2.5, "mode", "user", "cpu", "10")
				b.Metric(seconds, now, 1e6, "mode", "user", "cpu", "9")
			})},
			want: `# HELP cpu_seconds_total Time.
# TYPE cpu_seconds_total counter
cpu_seconds_total{mode="user",cpu="10"} 2.5
cpu_seconds_total{mode="user",cpu="9"} 1e+06
# HELP up Whether it is up.
# TYPE up gauge
up 1
`,
		},
		"a family of several batches is written once, with the first help": {
			batches: []*event.Batch{
				batch(func(b *event.Builder) { b.Metric(up, now, 1, "job", "a") }),
				batch(func(b *event.Builder) {
					b.Metric(&event.Family{Name: "up", Help: "Other.", Type: event.Gauge}, now, 0, "job", "b")
				}),
			},
			want: "# HELP up Whether it is up.\n# TYPE up gauge\nup{job=\"a\"} 1\nup{job=\"b\"} 0\n",
		},
		"samples of another type than the first are left out and counted": {
			batches: []*event.Batch{
				batch(func(b *event.Builder) { b.Metric(up, now, 1, "job", "a") }),
				batch(func(b *event.Builder) {
					other := &event.Family{Name: "up", Type: event.Counter}
					b.Metric(other, now, 0, "job", "b")
					b.Metric(other, now, 0, "job", "c")
				}),
			},
			want:     "# HELP up Whether it is up.\n# TYPE up gauge\nup{job=\"a\"} 1\n",
			problems: []string{`metric "up": 2 samples left out: it is a gauge elsewhere and a counter here`},
		},
		"the second sample of a series is left out, whatever the order of its labels": {
			batches: []*event.Batch{batch(func(b *event.Builder) {
				b.Metric(plain, now, 1, "a", "1", "b", "2")
				b.Metric(plain, now, 2, "b", "2", "a", "1")
				b.Metric(plain, now, 3, "a", "1", "b", "2", "empty", "")
				b.Metric(plain, now, 4, "a", "2", "b", "1")
			})},
			want:     "# TYPE plain untyped\nplain{a=\"1\",b=\"2\"} 1\nplain{a=\"2\",b=\"1\"} 4\n",
			problems: []string{`metric "plain": 2 samples left out: another sample has the same labels`},
		},
		"backslash, quote and newline are escaped": {
			batches: []*event.Batch{batch(func(b *event.Builder) {
				b.Metric(&event.Family{Name: "x", Help: "a\\b\n\"c\""}, now, 1, "path", "C:\\\"dir\"\n")
			})},
			want: "# HELP x a\\\\b\\n\"c\"\n# TYPE x untyped\nx{path=\"C:\\\\\\\"dir\\\"\\n\"} 1\n",
		},
		"infinities and not-a-number have their names": {
			batches: []*event.Batch{batch(func(b *event.Builder) {
				b.Metric(plain, now, math.Inf(1), "v", "a")
				b.Metric(plain, now, math.Inf(-1), "v", "b")
				b.Metric(plain, now, math.NaN(), "v", "c")
				b.Metric(plain, now, math.Copysign(0, -1), "v", "d")
			})},
			want: "# TYPE plain untyped\nplain{v=\"a\"} +Inf\nplain{v=\"b\"} -Inf\nplain{v=\"c\"} NaN\nplain{v=\"d\"} -0\n",
		},
		"names that aren't legal are left out, not mended": {
			batches: []*event.Batch{batch(func(b *event.Builder) {
				b.Metric(&event.Family{Name: "a-b"}, now, 1)
				b.Metric(&event.Family{Name: "1a"}, now, 1)
				b.Metric(plain, now, 1, "no-dash", "x")
				b.Metric(plain, now, 1, "__name__", "x")
				b.Metric(plain, now, 1, "same", "x", "same", "y")
				b.Metric(plain, now, 1, "bad", "\xff")
			})},
			problems: []string{
				`metric "1a": 1 samples left out: it is not a legal name of a metric`,
				`metric "a-b": 1 samples left out: it is not a legal name of a metric`,
				`metric "plain": 1 samples left out: it has a label with the illegal name "__name__"`,
				`metric "plain": 1 samples left out: it has a label with the illegal name "no-dash"`,
				`metric "plain": 1 samples left out: it has two labels named same`,
				`metric "plain": 1 samples left out: the value of label bad is not valid UTF-8`,
			},
		},
		"help that is not valid UTF-8 is left out alone": {
			batches:  []*event.Batch{batch(func(b *event.Builder) { b.Metric(&event.Family{Name: "x", Help: "\xff"}, now, 1) })},
			want:     "# TYPE x untyped\nx 1\n",
			problems: []string{`metric "x": its help is not valid UTF-8 and was left out`},
		},
		"fields that a stage has set become labels": {
			batches: []*event.Batch{batch(func(b *event.Builder) {
				b.Metric(plain, now, 1)
				b.Int("int", -3)
				b.Float("float", 0.5)
				b.Bool("bool", true)
				b.Field("null", event.Value{})
			})},
			want: "# TYPE plain untyped\nplain{int=\"-3\",float=\"0.5\",bool=\"true\",null=\"\"} 1\n",
		},
		"events that are no metrics are passed over": {
			batches: []*event.Batch{batch(func(b *event.Builder) {
				b.Log(now, []byte("up 1"))
				b.Metric(plain, now, 1)
			})},
			want: "# TYPE plain untyped\nplain 1\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, problems := exposition.Append([]byte("before\n"), test.batches...)
			text, kept := bytes.CutPrefix(got, []byte("before\n"))
			if !kept {
				t.Fatalf("what was in dst before has changed: %q", got)
			}
			if diff := cmp.Diff(test.want, string(text)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			parse(t, text)
			var reported []string
			for _, p := range problems {
				reported = append(reported, p.Error())
			}
			if diff := cmp.Diff(test.problems, reported); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// series is a batch like that of a small host.
func series(n int) *event.Batch {
	families := make([]*event.Family, 20)
	for i := range families {
		families[i] = &event.Family{
			Name: "node_example" + string(rune('a'+i)) + "_seconds_total",
			Help: "Seconds that an example of this length has spent in each mode.", Type: event.Counter,
		}
	}
	modes := []string{"idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"}
	return batch(func(b *event.Builder) {
		for i := range n {
			b.Metric(families[i*len(families)/n], now, float64(i)*1.37+0.01, "cpu", string(rune('0'+i%25/10))+string(rune('0'+i%10)), "mode", modes[i%8], "device", "dm-"+string(rune('a'+i%23)))
		}
	})
}

func TestPromtoolFindsNothing(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not on the PATH of this machine")
	}
	text, _ := exposition.Append(nil, series(500))
	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = bytes.NewReader(text)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

func FuzzAppend(f *testing.F) {
	f.Add("up", "Help.", "job", "node", 1.5)
	f.Add("a:b", "a\\b\n", "path", "C:\\\"\n", math.Inf(1))
	f.Add("", "\xff", "__x", "\x00", math.Copysign(0, -1))
	f.Fuzz(func(t *testing.T, name, help, label, value string, sample float64) {
		b := batch(func(b *event.Builder) {
			b.Metric(&event.Family{Name: name, Help: help, Type: event.Gauge}, now, sample, label, value)
		})
		text, problems := exposition.Append(nil, b)
		families := parse(t, text)
		if len(text) == 0 {
			if len(problems) == 0 {
				t.Fatal("a sample was left out without a word")
			}
			return
		}
		got := families[name]
		if got == nil || len(got.Metric) != 1 {
			t.Fatalf("the sample did not come back: %s", text)
		}
		m := got.Metric[0]
		if m.Label[0].GetName() != label || m.Label[0].GetValue() != value {
			t.Errorf("label %q=%q came back as %v", label, value, m.Label[0])
		}
		if v := m.GetGauge().GetValue(); math.Float64bits(v) != math.Float64bits(sample) && !(math.IsNaN(v) && math.IsNaN(sample)) {
			t.Errorf("value %v came back as %v", sample, v)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	batch := series(500)
	var dst []byte
	for b.Loop() {
		dst, _ = exposition.Append(dst[:0], batch)
	}
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
}

// BenchmarkExpfmt encodes the same series with Prometheus' encoder, from
// families that are built already.
func BenchmarkExpfmt(b *testing.B) {
	text, _ := exposition.Append(nil, series(500))
	families := parse(b, text)
	var sorted []*dto.MetricFamily
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ = strings.Cut(name, " ")
			sorted = append(sorted, families[name])
		}
	}
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		encoder := expfmt.NewEncoder(&out, expfmt.NewFormat(expfmt.TypeTextPlain))
		for _, family := range sorted {
			if err := encoder.Encode(family); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.SetBytes(int64(out.Len()))
	b.ReportAllocs()
}

// BenchmarkGather gathers the same series from a registry before it encodes
// them: what a handler of client_golang does at every scrape.
func BenchmarkGather(b *testing.B) {
	registry := prometheus.NewRegistry()
	if err := registry.Register(constMetrics(b, series(500))); err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		families, err := registry.Gather()
		if err != nil {
			b.Fatal(err)
		}
		encoder := expfmt.NewEncoder(&out, expfmt.NewFormat(expfmt.TypeTextPlain))
		for _, family := range families {
			if err := encoder.Encode(family); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.SetBytes(int64(out.Len()))
	b.ReportAllocs()
}

// collector offers metrics that were made before.
type collector []prometheus.Metric

func (collector) Describe(chan<- *prometheus.Desc) {}

func (c collector) Collect(out chan<- prometheus.Metric) {
	for _, m := range c {
		out <- m
	}
}

func constMetrics(b *testing.B, batch *event.Batch) collector {
	b.Helper()
	var metrics collector
	for i := range batch.Len() {
		family, value := batch.Metric(i)
		var names, values []string
		for j := range batch.NumFields(i) {
			id, v := batch.FieldAt(i, j)
			names, values = append(names, batch.Name(id)), append(values, string(v.Text()))
		}
		desc := prometheus.NewDesc(family.Name, family.Help, names, nil)
		metrics = append(metrics, prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value, values...))
	}
	return metrics
}
