package host

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// openExecWith opens the collector at an address with what differs from the
// defaults.
func openExecWith(t *testing.T, addr string, set map[string]cty.Value) (*execCollector, plugin.Diagnostics) {
	t.Helper()
	values := map[string]cty.Value{}
	for _, a := range execType().Schema.Attributes {
		values[a.Name] = cty.NullVal(a.Type)
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	maps.Copy(values, set)
	now := time.Unix(1700000000, 0).UTC()
	instance, diags := openExec(plugin.OpenRequest{
		Type: execType().Ref, Addr: addr, Config: cty.ObjectVal(values), Env: plugin.Env{Now: func() time.Time { return now }},
	})
	if diags.HasErrors() {
		return nil, diags
	}
	t.Cleanup(func() {
		if err := instance.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return instance.(*execCollector), nil
}

// script is the configuration of a program that is a shell script.
func script(format, text string) map[string]cty.Value {
	return map[string]cty.Value{
		"format":  cty.StringVal(format),
		"command": cty.ListVal([]cty.Value{cty.StringVal("/bin/sh"), cty.StringVal("-c"), cty.StringVal(text)}),
	}
}

// seriesOf writes the samples of a batch for a comparison.
func seriesOf(b *event.Batch) []string {
	var lines []string
	for i := range b.Len() {
		f, value := b.Metric(i)
		line := f.Type.String() + " " + f.Name
		for j := range b.NumFields(i) {
			id, v := b.FieldAt(i, j)
			line += fmt.Sprintf(" %s=%s", b.Name(id), v.Text())
		}
		lines = append(lines, fmt.Sprintf("%s %g", line, value))
	}
	return lines
}

func TestExecSchemaFitsTheStruct(t *testing.T) {
	if err := schema.Check(execType().Schema, execConfig{}); err != nil {
		t.Error(err)
	}
}

func TestExecReadsEveryFormat(t *testing.T) {
	tests := map[string]struct {
		addr string
		set  map[string]cty.Value
		want []string
		err  string
	}{
		"the numbers of nested JSON": {
			set: script("json", `echo '{"b":{"used":1.5,"ok":true,"name":"x","none":null},"a-count_total":3,"list":[1,{"x":2}]}'`),
			want: []string{
				"counter driftless_exec_raid_a_count_total 3", "gauge driftless_exec_raid_b_ok 1", "gauge driftless_exec_raid_b_used 1.5",
				"gauge driftless_exec_raid_list_0 1", "gauge driftless_exec_raid_list_1_x 2",
			},
		},
		"JSON without a number is an error":      {set: script("json", `echo '{"a":"b"}'`), err: "no number"},
		"two JSON values are an error":           {set: script("json", `echo '{} {}'`), err: "more than one"},
		"what is not JSON is an error":           {set: script("json", `echo oops`), err: "not JSON"},
		"a JSON number out of range is an error": {set: script("json", `echo '{"a":1e999,"b":2}'`), want: []string{"gauge driftless_exec_raid_b 2"}, err: "driftless_exec_raid_a is out of range"},
		"lines of name=number": {
			set:  script("keyvalue", `printf '# comment\n\n load = 0.5\r\nhits_total=7\n'`),
			want: []string{"gauge driftless_exec_raid_load 0.5", "counter driftless_exec_raid_hits_total 7"},
		},
		"a wrong line is named, the others are kept": {
			set: script("keyvalue", `printf 'a=1\nb=secret\n=3\nc\nd=2'`), want: []string{"gauge driftless_exec_raid_a 1", "gauge driftless_exec_raid_d 2"},
			err: "line 2 is not name=number\nline 3 is not name=number\nline 4 is not name=number",
		},
		"one value":                       {set: script("value", `echo ' 42.5 '`), want: []string{"gauge driftless_exec_raid 42.5"}},
		"two values are not one":          {set: script("value", `echo 1 2`), err: "one number"},
		"the metrics have the given name": {set: with(script("value", `echo 1`), "name", cty.StringVal("raid_errors_total")), want: []string{"counter raid_errors_total 1"}},
		"the key of for_each is a label":  {addr: `collector.exec.raid["md0"]`, set: script("value", `echo 1`), want: []string{"gauge driftless_exec_raid key=md0 1"}},
		"a name with a dash":              {addr: `module.a.collector.exec.my-raid`, set: script("value", `echo 1`), want: []string{"gauge driftless_exec_my_raid 1"}},
		"a variable of the environment":   {set: with(script("value", `echo $N`), "env", cty.MapVal(map[string]cty.Value{"N": cty.StringVal("7")})), want: []string{"gauge driftless_exec_raid 7"}},
		"performance data and exit status of a check": {
			set: script("nagios", `printf "DISK WARNING - low | /=2MB;5;9;0;10 'load 1'=0.5;;;0 time=250ms;; used=50%% req=7c n=U\nlong | text\nvolts=3V\n"; exit 1`),
			want: []string{
				"gauge driftless_exec_raid_status 1", "gauge driftless_exec_raid___bytes 2.097152e+06", "gauge driftless_exec_raid_load_1 0.5",
				"gauge driftless_exec_raid_time_seconds 0.25", "gauge driftless_exec_raid_used_ratio 0.5", "counter driftless_exec_raid_req_total 7",
			},
			err: "not label=value",
		},
		"a check without performance data": {set: script("nagios", `echo OK`), want: []string{"gauge driftless_exec_raid_status 0"}},
		"the exposition format": {
			set: script("prometheus", `printf '# HELP up Is up.\n# TYPE up gauge\nup{job="a",zone="b"} 1\nplain 2\n# TYPE c_total counter\nc_total 3'`),
			want: []string{
				"counter c_total 3", "untyped plain 2", "gauge up job=a zone=b 1",
			},
		},
		"histograms and summaries become series": {
			set: script("prometheus", `printf '# TYPE h histogram\nh_bucket{a="b",le="0.5"} 1\nh_bucket{a="b",le="+Inf"} 2\nh_sum{a="b"} 3\nh_count{a="b"} 2\n# TYPE s summary\ns{quantile="0.9"} 4\ns_sum 5\ns_count 6\n'`),
			want: []string{
				"untyped h_bucket a=b le=0.5 1", "untyped h_bucket a=b le=+Inf 2", "untyped h_sum a=b 3", "untyped h_count a=b 2",
				"untyped s quantile=0.9 4", "untyped s_sum 5", "untyped s_count 6",
			},
		},
		"a timestamp is refused":             {set: script("prometheus", `printf 'up 1 1700000000000\n'`), err: "timestamp"},
		"what is not the exposition format":  {set: script("prometheus", `printf 'up{ 1\n'`), err: "exposition format"},
		"a program that fails is an error":   {set: script("value", `echo 1; echo broken >&2; exit 3`), err: "exited with status 3:\nbroken"},
		"a check that is killed is an error": {set: script("nagios", `kill -9 $$`), err: "ended by a signal"},
		"too much output is refused whole":   {set: script("keyvalue", `yes a=1 | head -c 2000000`), err: "more than 1048576 bytes"},
		"too many values are refused whole":  {set: script("keyvalue", `yes a=1 | head -n 10001`), err: "more than 10000 values"},
		"a secret of the environment is not shown": {
			set: with(script("value", `echo "no $TOKEN" >&2; exit 1`), "env", cty.MapVal(map[string]cty.Value{"TOKEN": cty.StringVal("hunter2")})), err: "no (sensitive value)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			addr := test.addr
			if addr == "" {
				addr = "collector.exec.raid"
			}
			c, diags := openExecWith(t, addr, test.set)
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			var b event.Builder
			err := c.Collect(t.Context(), &b)
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want one with %q", err, test.err)
			}
			if diff := cmp.Diff(test.want, seriesOf(b.Batch())); diff != "" {
				t.Errorf("series (-want +got):\n%s", diff)
			}
		})
	}
}

// with returns the configuration with one attribute set.
func with(set map[string]cty.Value, name string, value cty.Value) map[string]cty.Value {
	set[name] = value
	return set
}

func TestExecEndsAProgramThatHangs(t *testing.T) {
	c, diags := openExecWith(t, "collector.exec.raid", script("value", `sleep 60 & wait`))
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	var b event.Builder
	if err := c.Collect(ctx, &b); err == nil || !strings.Contains(err.Error(), "was ended after") {
		t.Errorf("error %v", err)
	}
}

func TestExecRunsAsTheUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can run a program as someone else")
	}
	c, diags := openExecWith(t, "collector.exec.who", with(script("value", "id -u"), "user", cty.StringVal("0")))
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	other, diags := openExecWith(t, "collector.exec.who", with(script("value", "id -u"), "user", cty.StringVal("nobody")))
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	var b event.Builder
	for _, one := range []*execCollector{c, other} {
		if err := one.Collect(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	batch := b.Batch()
	_, root := batch.Metric(0)
	if _, nobody := batch.Metric(1); root != 0 || nobody == 0 {
		t.Errorf("the programs ran as %v and %v", root, nobody)
	}
}

func TestExecKeepsFamiliesThatStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "values")
	c, diags := openExecWith(t, "collector.exec.x", script("keyvalue", "cat "+path))
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	collect := func(text string) []*event.Family {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var b event.Builder
		if err := c.Collect(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		batch := b.Batch()
		var families []*event.Family
		for i := range batch.Len() {
			f, _ := batch.Metric(i)
			families = append(families, f)
		}
		return families
	}
	first, second := collect("a=1\nb=2\n"), collect("b=3\nc=4\n")
	if first[1] != second[0] {
		t.Error("the family that stayed was made anew")
	}
	if len(c.families) != 2 {
		t.Errorf("%d families are held, want the 2 of the last run", len(c.families))
	}
}

func TestExecValidate(t *testing.T) {
	tests := map[string]struct {
		set  map[string]cty.Value
		want string
	}{
		"a name that can't be a metric's": {with(script("value", ""), "name", cty.StringVal("a-b")), "Invalid metric name"},
		"an empty command":                {with(script("value", ""), "command", cty.ListValEmpty(cty.String)), "Empty command"},
		"a null argument":                 {with(script("value", ""), "command", cty.ListVal([]cty.Value{cty.StringVal("x"), cty.NullVal(cty.String)})), "Empty command"},
		"a user that doesn't exist":       {with(script("value", ""), "user", cty.StringVal("no-such-user")), "User can't be taken on"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, diags := openExecWith(t, "collector.exec.x", test.set)
			if len(diags) != 1 || diags[0].Summary != test.want {
				t.Errorf("diagnostics %v, want %q", diags, test.want)
			}
		})
	}
	unknown := cty.ObjectVal(map[string]cty.Value{"command": cty.UnknownVal(cty.List(cty.String)), "name": cty.UnknownVal(cty.String)})
	if diags := validateExec(unknown); len(diags) > 0 {
		t.Errorf("what is unknown was judged: %v", diags)
	}
}

func FuzzExecFormats(f *testing.F) {
	f.Add("json", []byte(`{"a":{"b":[1,true,"x"]}}`))
	f.Add("keyvalue", []byte("a=1\nb = 2.5e3\n# x\n"))
	f.Add("nagios", []byte("OK | 'it''s'=1ms;2;3 b=4%\nmore | c=5KB d=U"))
	f.Add("value", []byte(" 1.5\n"))
	f.Add("prometheus", []byte("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 2\nh_count 1\n"))
	formats := execFormats()
	f.Fuzz(func(t *testing.T, name string, output []byte) {
		format, ok := formats[name]
		if !ok {
			t.Skip("not a format")
		}
		samples, err := format.parse("prefix", output)
		if len(samples) == 0 && err == nil && (name == "json" || name == "value") {
			t.Error("nothing was read, and there is no error")
		}
		for _, s := range samples {
			if !model.LegacyValidation.IsValidMetricName(s.name) {
				t.Errorf("%q is not the name of a metric", s.name)
			}
			if name == "json" && (math.IsNaN(s.value) || math.IsInf(s.value, 0)) {
				t.Errorf("%s has the value %v, which JSON can't hold", s.name, s.value)
			}
			if len(s.labels)%2 != 0 {
				t.Errorf("%s has the labels %q", s.name, s.labels)
			}
		}
	})
}
