package sinks

import (
	"path"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

func TestPathsAreMadeOfTheTimeAndTheFieldsOfAnEvent(t *testing.T) {
	var b event.Builder
	b.Event(event.Log, at)
	b.String("host", "web1")
	b.Int("code", -7)
	b.Float("big", 1e300)
	b.Bool("ok", true)
	b.Field("none", event.Value{})
	batch := b.Batch()

	tests := map[string]struct{ template, want string }{
		"a path without parts is itself":          {"/var/log/a.log", "/var/log/a.log"},
		"every conversion":                        {"/l/%Y-%m-%d/%H%M%S.%j", "/l/2025-03-04/050607.063"},
		"two percent signs are one":               {"/l/100%%", "/l/100%"},
		"a field":                                 {"/l/{host}.log", "/l/web1.log"},
		"a whole number":                          {"/l/{code}", "/l/-7"},
		"a large number stays short":              {"/l/{big}", "/l/1e+300"},
		"a bool":                                  {"/l/{ok}", "/l/true"},
		"a field that the event lacks is unknown": {"/l/{nobody}", "/l/unknown"},
		"a field that is null is unknown":         {"/l/{none}", "/l/unknown"},
		"several parts in one component":          {"/l/{host}-%Y-{code}.log", "/l/web1-2025--7.log"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			template, err := parsePath(tt.template)
			if err != nil {
				t.Fatal(err)
			}
			zone := time.FixedZone("far away", 5*60*60)
			if got := string(template.append(nil, at.In(zone), batch, 0)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if template.fixed != (tt.want == strings.ReplaceAll(tt.template, "%%", "%")) {
				t.Errorf("fixed is %v", template.fixed)
			}
		})
	}
}

func TestPathsThatCanNotBeMeantAreRefused(t *testing.T) {
	tests := map[string]string{
		"relative":                         "logs/a.log",
		"climbing up":                      "/var/log/../a.log",
		"a slash at the end":               "/var/log/",
		"the root":                         "/",
		"an unknown conversion":            "/var/log/%y.log",
		"a percent sign at the end":        "/var/log/a%",
		"an open brace":                    "/var/log/{host.log",
		"a closed brace":                   "/var/log/host}.log",
		"no name in the braces":            "/var/log/{}.log",
		"a brace in a brace":               "/var/log/{{host}}.log",
		"a slash in the name of a field":   "/var/log/{a/b}.log",
		"a component that may be too long": "/var/log/{a}{b}{c}.log",
	}
	for name, s := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := parsePath(s); err == nil {
				t.Errorf("%s was accepted", s)
			}
		})
	}
}

func TestTheValueOfAFieldIsMadeSafeForAName(t *testing.T) {
	tests := map[string]struct{ value, want string }{
		"plain":                      {"web-1_a b", "web-1_a b"},
		"letters of other scripts":   {"größe", "größe"},
		"empty":                      {"", "unknown"},
		"one dot":                    {".", "_"},
		"two dots":                   {"..", "__"},
		"dots within":                {"a.b..c", "a.b._c"},
		"a way out":                  {"../../etc/passwd", "______etc_passwd"},
		"an absolute path":           {"/etc/passwd", "_etc_passwd"},
		"a backslash":                {`a\b`, "a_b"},
		"NUL and control characters": {"a\x00b\nc\x1b[0m", "a_b_c_[0m"},
		"bytes that aren't UTF-8":    {"a\xffb", "a_b"},
		"marks that turn the text":   {"a\u202eb", "a_b"},
		"a value that is too long":   {strings.Repeat("x", 5000), strings.Repeat("x", maxFieldBytes)},
		"a rune across the limit":    {strings.Repeat("x", 99) + "ö", strings.Repeat("x", 99)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := string(appendName(nil, []byte(tt.value))); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzAnEventNeverLeavesTheDirectoryOfItsPath(f *testing.F) {
	f.Add("/logs/{a}/{b}.log", "..", "../x")
	f.Add("/logs/.{a}/{a}{b}", ".", ".")
	f.Add("/logs/%Y%%/{b}", "\x00", strings.Repeat("/", 300))
	f.Fuzz(func(t *testing.T, text, a, b string) {
		template, err := parsePath(text)
		if err != nil {
			return
		}
		var builder event.Builder
		builder.Event(event.Log, at)
		builder.String("a", a)
		builder.String("b", b)
		got := string(template.append(nil, at, builder.Batch(), 0))
		if path.Clean(got) != got || strings.Count(got, "/") != strings.Count(text, "/") {
			t.Errorf("%q with a=%q, b=%q leads to %q", text, a, b, got)
		}
		for component := range strings.SplitSeq(got, "/") {
			if len(component) > maxComponentBytes {
				t.Errorf("%q is too long for a name", component)
			}
		}
	})
}
