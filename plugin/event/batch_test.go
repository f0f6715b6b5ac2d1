package event

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lines returns the events of a batch as JSON, changed or not.
func lines(b *Batch) []string {
	var out []string
	for i := range b.Len() {
		out = append(out, string(AppendJSON(nil, b, i, EncodeOptions{Metadata: true})))
	}
	return out
}

func parsed(t testing.TB, texts ...string) *Batch {
	t.Helper()
	b := logBatch(t, texts...)
	for i := range b.Len() {
		if err := ParseJSON(b, i); err != nil {
			t.Fatalf("%s: %v", texts[i], err)
		}
	}
	return b
}

func TestFieldsOfOneEventDoNotTouchAnother(t *testing.T) {
	b := parsed(t, `{"a":1,"b":2}`, `{"a":3}`)
	b.Set(0, b.Intern("c"), StringValue("new"))
	b.Set(1, b.Intern("b"), FloatValue(0.5))
	b.Set(0, b.Intern("a"), BoolValue(true))
	b.Unset(1, b.Intern("a"))
	b.Unset(1, b.Intern("never"))
	want := []string{`{"a":true,"b":2,"c":"new"}`, `{"b":0.5}`}
	if diff := cmp.Diff(want, lines(b)); diff != "" {
		t.Error(diff)
	}
}

func TestRawBytesLastUntilTheEventChanges(t *testing.T) {
	text := `{"a": 1}`
	changes := map[string]func(b *Batch){
		"Set":     func(b *Batch) { b.Set(0, b.Intern("x"), IntValue(1)) },
		"Unset":   func(b *Batch) { b.Unset(0, b.Intern("a")) },
		"SetBody": func(b *Batch) { b.SetBody(0, []byte("other")) },
	}
	for name, change := range changes {
		b := parsed(t, text)
		if raw, isJSON := b.Raw(0); string(raw) != text || !isJSON {
			t.Errorf("before %s: Raw = %q, %v", name, raw, isJSON)
		}
		change(b)
		if raw, isJSON := b.Raw(0); raw != nil || isJSON {
			t.Errorf("after %s: Raw = %q, %v", name, raw, isJSON)
		}
	}
	b := parsed(t, text)
	changes["Set"](b)
	if got := string(b.Original(0)); got != text {
		t.Errorf("Original = %q after a change, want %q", got, text)
	}
}

func TestKeepDropsAndLeavesTheRest(t *testing.T) {
	b := parsed(t, `{"n":0}`, `{"n":1}`, `{"n":2}`, `{"n":3}`)
	n := b.Intern("n")
	b.Keep(func(i int) bool { return b.Field(i, n).Int()%2 == 1 })
	if diff := cmp.Diff([]string{`{"n":1}`, `{"n":3}`}, lines(b)); diff != "" {
		t.Error(diff)
	}
}

func mixedBatch(t testing.TB) *Batch {
	t.Helper()
	var b Builder
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	b.Log(at, []byte(`{"s":"a\tb","list":[1,2]}`))
	b.Origin(Origin{Source: "source.file.a", Path: "/a"}, 17)
	b.Log(at, []byte("plain"))
	b.String("level", "info")
	b.Metric(&Family{Name: "up", Help: "Is it?", Type: Gauge}, at, 1.5, "job", "x")
	b.Event(Drift, time.Time{})
	b.Bool("ok", false)
	b.Event(Metric, at) // without a family
	batch := b.Batch()
	if err := ParseJSON(batch, 0); err != nil {
		t.Fatal(err)
	}
	return batch
}

var mixedLines = []string{
	`{"s":"a\tb","list":[1,2],"source":"source.file.a","path":"/a","offset":17}`,
	`{"timestamp":"2026-01-02T03:04:05.000006Z","message":"plain","level":"info"}`,
	`{"timestamp":"2026-01-02T03:04:05.000006Z","kind":"metric","name":"up","type":"gauge","value":1.5,"labels":{"job":"x"}}`,
	`{"kind":"drift","ok":false}`,
	`{"timestamp":"2026-01-02T03:04:05.000006Z","kind":"metric"}`,
}

func TestAppendRangeCopiesAllThatAnEventHas(t *testing.T) {
	from := mixedBatch(t)
	to := parsed(t, `{"level":"first"}`)
	to.AppendRange(from, 0, 2)
	to.AppendRange(from, 2, 2)
	to.AppendRange(from, 2, 5)
	from.Reset()
	withLog(from, "overwrites the arena of the batch that was copied from, all of it")
	if diff := cmp.Diff(append([]string{`{"level":"first"}`}, mixedLines...), lines(to)); diff != "" {
		t.Error(diff)
	}
}

// withLog adds an event, whose text comes behind those of the others.
func withLog(b *Batch, text string) *Batch {
	NewBuilder(b).Log(time.Time{}, []byte(text))
	return b
}

func TestAppendRangeCopiesParsedBytesOnce(t *testing.T) {
	text := `{"message":"` + strings.Repeat("x", 1000) + `"}`
	var to Batch
	to.Append(parsed(t, text))
	if got := len(to.arena); got != len(text) {
		t.Errorf("the copy holds %d bytes, want %d", got, len(text))
	}
}

func TestAppendToItself(t *testing.T) {
	b := parsed(t, `{"a":"x"}`)
	b.Append(b)
	if diff := cmp.Diff([]string{`{"a":"x"}`, `{"a":"x"}`}, lines(b)); diff != "" {
		t.Error(diff)
	}
}

func TestAppendRangeTakesOnlyTheNamesItNeeds(t *testing.T) {
	var many Builder
	for k := range 2000 {
		many.Log(time.Time{}, []byte("x"))
		many.Int(fmt.Sprint("name", k), int64(k))
	}
	var to Batch
	to.AppendRange(many.Batch(), 1500, 1501)
	if diff := cmp.Diff([]string{"name1500"}, to.names); diff != "" {
		t.Error(diff)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	b := mixedBatch(t)
	c := b.Clone()
	b.Set(0, b.Intern("s"), StringValue("changed"))
	b.Keep(func(i int) bool { return i == 0 })
	b.Reset()
	withLog(b, strings.Repeat("z", 200))
	if diff := cmp.Diff(mixedLines, lines(c)); diff != "" {
		t.Error(diff)
	}
	c.Set(3, c.Intern("fresh"), IntValue(1))
	if got := c.Field(3, c.Intern("fresh")); got.Int() != 1 {
		t.Errorf("a field set on the copy is %v", got)
	}
}

func TestResetForgetsNamesOnlyWhenThereAreMany(t *testing.T) {
	b := parsed(t, `{"a":1}`)
	b.Reset()
	if b.Len() != 0 || b.Size() != 0 {
		t.Errorf("after Reset the batch has %d events of %d bytes", b.Len(), b.Size())
	}
	for k := range maxKeptNames + 1 {
		b.Intern(fmt.Sprint(k))
	}
	b.Reset()
	if len(b.names) != 0 {
		t.Errorf("after Reset the batch knows %d names", len(b.names))
	}
}

func TestTimes(t *testing.T) {
	b := logBatch(t, "x")
	now := time.Date(2026, 5, 6, 7, 8, 9, 10, time.FixedZone("", 3600))
	b.SetTime(0, now)
	if !b.Time(0).Equal(now) {
		t.Errorf("got %v, want %v", b.Time(0), now)
	}
	for _, none := range []time.Time{{}, time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if b.SetTime(0, none); !b.Time(0).IsZero() {
			t.Errorf("set to %v: got %v, want none", none, b.Time(0))
		}
	}
}

func TestRefFollowsBatchesAndChanges(t *testing.T) {
	ref := NewRef("b")
	one, two := parsed(t, `{"a":1,"b":2}`, `{"b":3}`, `{"a":4}`), parsed(t, `{"b":5}`)
	for _, row := range []struct {
		batch *Batch
		event int
		want  int64
	}{{one, 0, 2}, {one, 1, 3}, {two, 0, 5}, {one, 0, 2}} {
		if got := ref.Field(row.batch, row.event); got.Int() != row.want {
			t.Errorf("got %d, want %d", got.Int(), row.want)
		}
	}
	if got := ref.Field(one, 2); !got.IsNull() {
		t.Errorf("a missing field is %v", got)
	}
	if got := ref.Field(withLog(new(Batch), "x"), 0); !got.IsNull() {
		t.Errorf("a name that the batch doesn't know is %v", got)
	}
}
