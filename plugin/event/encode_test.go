package event

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAppendJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for _, row := range []struct {
		name  string
		build func(b *Builder)
		parse bool
		want  string
	}{
		{"an unchanged object goes out as it came, but for white space around it",
			func(b *Builder) { b.Log(at, []byte(` { "b":1.50, "a":"\u0041" } `)) }, true, `{ "b":1.50, "a":"\u0041" }`},
		{"an object over several lines goes out on one",
			func(b *Builder) { b.Log(time.Time{}, []byte("{\n \"a\": [1,\r\n 2]\n}")) }, true, `{"a":[1, 2]}`},
		{"an object with invalid UTF-8 goes out with U+FFFD",
			func(b *Builder) { b.Log(time.Time{}, []byte("{\"a\":\"x\xff\",\"b\":[\"\xc3\"],\"c\xfe\":1}")) }, true, "{\"a\":\"x\ufffd\",\"b\":[\"\ufffd\"],\"c\ufffd\":1}"},
		{"fields from before the parsing stay",
			func(b *Builder) {
				b.Log(time.Time{}, []byte(`{"a":1,"b":2}`))
				b.String("b", "old")
				b.String("c", "kept")
			}, true, `{"b":2,"c":"kept","a":1}`},
		{"the last member of a name counts",
			func(b *Builder) { b.Log(time.Time{}, []byte("{\"a\":1,\n\"\\u0061\":2}")) }, true, `{"a":2}`},
		{"a time and a text",
			func(b *Builder) { b.Log(at, []byte("a \"b\"\n\x01\u2028\xf0")) }, false, "{\"timestamp\":\"2026-01-02T03:04:05.000000006Z\",\"message\":\"a \\\"b\\\"\\n\\u0001\u2028\ufffd\"}"},
		{"fields of the names that have a meaning win",
			func(b *Builder) {
				b.Log(at, []byte("text"))
				b.String("message", "m")
				b.String("timestamp", "t")
			}, false, `{"message":"m","timestamp":"t"}`},
		{"numbers are written as encoding/json does",
			func(b *Builder) {
				b.Event(Audit, time.Time{})
				b.Float("a", 1e21)
				b.Float("b", 1e-7)
				b.Float("c", 100)
				b.Float("nan", math.NaN())
				b.Float("inf", math.Inf(-1))
				b.Int("i", math.MinInt64)
			}, false, `{"kind":"audit","a":1e+21,"b":1e-7,"c":100,"nan":null,"inf":null,"i":-9223372036854775808}`},
		{"no fields", func(b *Builder) { b.Event(Log, time.Time{}) }, false, `{}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			var builder Builder
			row.build(&builder)
			b := builder.Batch()
			if row.parse {
				if err := ParseJSON(b, 0); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(row.want, string(AppendJSON(nil, b, 0, EncodeOptions{}))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMetadataNeverReplacesAField(t *testing.T) {
	build := func(text string) *Batch {
		var b Builder
		b.Log(time.Time{}, []byte(text))
		b.Origin(Origin{Source: "source.file.a", Path: "/a"}, 0)
		batch := b.Batch()
		if err := ParseJSON(batch, 0); err != nil {
			t.Fatal(err)
		}
		return batch
	}
	options := EncodeOptions{Metadata: true, Host: "web1"}
	for text, want := range map[string]string{
		`{}`:                        `{"host":"web1","source":"source.file.a","path":"/a","offset":0}`,
		`{"path":"/login"}`:         `{"path":"/login","host":"web1","source":"source.file.a","offset":0}`,
		`{"host":1, "offset":null}`: `{"host":1, "offset":null,"source":"source.file.a","path":"/a"}`,
	} {
		if diff := cmp.Diff(want, string(AppendJSON(nil, build(text), 0, options))); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTextLogfmtAndRaw(t *testing.T) {
	b := mixedBatch(t)
	b.Set(1, b.Intern("a b"), StringValue("x y"))
	b.Set(0, b.Intern("n"), IntValue(1))
	var text, logfmt, raw []string
	for i := range b.Len() {
		text = append(text, string(AppendText(nil, b, i, EncodeOptions{})))
		logfmt = append(logfmt, string(AppendLogfmt(nil, b, i, EncodeOptions{Metadata: true, Host: "h"})))
		raw = append(raw, string(AppendRaw(nil, b, i)))
	}
	wantText := []string{
		`2026-01-02T03:04:05.000006Z s="a\tb" list=[1,2] n=1`,
		`2026-01-02T03:04:05.000006Z plain level=info a_b="x y"`,
		`2026-01-02T03:04:05.000006Z metric up=1.5 job=x`,
		`drift ok=false`,
		`2026-01-02T03:04:05.000006Z metric`,
	}
	if diff := cmp.Diff(wantText, text); diff != "" {
		t.Error(diff)
	}
	wantLogfmt := []string{
		`timestamp=2026-01-02T03:04:05.000006Z s="a\tb" list=[1,2] n=1 host=h source=source.file.a path=/a offset=17`,
		`timestamp=2026-01-02T03:04:05.000006Z message=plain level=info a_b="x y" host=h`,
		`timestamp=2026-01-02T03:04:05.000006Z kind=metric name=up type=gauge value=1.5 job=x host=h`,
		`kind=drift ok=false host=h`,
		`timestamp=2026-01-02T03:04:05.000006Z kind=metric host=h`,
	}
	if diff := cmp.Diff(wantLogfmt, logfmt); diff != "" {
		t.Error(diff)
	}
	wantRaw := []string{`{"s":"a\tb","list":[1,2]}`, `plain`, wantText[2], wantText[3], wantText[4]}
	if diff := cmp.Diff(wantRaw, raw); diff != "" {
		t.Error(diff)
	}
}

func FuzzAppendQuoted(f *testing.F) {
	f.Add("plain text, longer than eight bytes")
	f.Add("\x00\x7f\"\\\u00e9\u2028\xff\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, text string) {
		var got, want string
		if err := json.Unmarshal(AppendQuoted(nil, []byte(text)), &got); err != nil {
			t.Fatal(err)
		}
		std, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(std, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%q came back as %q, want %q", text, got, want)
		}
	})
}

func FuzzAppendFloat(f *testing.F) {
	for _, seed := range []float64{0, -0.1, 1e-6, 9.99e-7, 1e21, 1e20, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		want, err := json.Marshal(v)
		if err != nil {
			want = []byte("null")
		}
		if got := AppendValue(nil, FloatValue(v)); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
