package event

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

const benchLine = `{"time":"2026-01-02T03:04:05.123Z","level":"info","remote_addr":"203.0.113.%d","method":"GET","path":"/api/v1/items/%d?q=a%%20b","status":%d,` +
	`"bytes":5316,"duration":0.%03d,"user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36","tls":true,"referer":"-","tags":["a","b"]}`

const benchEvents = 512

// benchTexts returns lines as a web server writes them, and their size.
func benchTexts() (texts [][]byte, size int64) {
	for k := range benchEvents {
		text := fmt.Appendf(nil, benchLine, k%256, k*7919, 200+k%4*100, k)
		texts = append(texts, text)
		size += int64(len(text))
	}
	return texts, size
}

func fill(batch *Batch, texts [][]byte) {
	batch.Reset()
	b := NewBuilder(batch)
	for _, text := range texts {
		b.Log(time.Time{}, text)
	}
}

func parseAll(tb testing.TB, batch *Batch) {
	tb.Helper()
	for i := range batch.Len() {
		if err := ParseJSON(batch, i); err != nil {
			tb.Fatal(err)
		}
	}
}

// chain parses, keeps the errors and sets a field, as a short pipeline does.
func chain(tb testing.TB, batch *Batch, status *Ref, out []byte) []byte {
	tb.Helper()
	parseAll(tb, batch)
	batch.Keep(func(i int) bool { return status.Field(batch, i).Int() >= 300 })
	for i := range batch.Len() {
		batch.Set(i, batch.Intern("env"), StringValue("prod"))
		out = append(AppendJSON(out, batch, i, EncodeOptions{}), '\n')
	}
	return out
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	texts, _ := benchTexts()
	texts = append(texts, []byte(`not JSON`), []byte(`{"esc\u0061ped":"\u00e9\n","a":{"b":"\t"}}`))
	status, batch, other, out := NewRef("status"), new(Batch), new(Batch), []byte(nil)
	var cursor Cursor
	run := func() {
		fill(batch, texts)
		other.Reset()
		for i := range batch.Len() {
			if err := ParseJSON(batch, i); err != nil {
				batch.Set(i, batch.Intern("parse_error"), StringValue(err.Error()))
			}
			cursor.Member(NewRefValue(batch, i), "b")
		}
		batch.Keep(func(i int) bool { return status.Field(batch, i).Int() != 300 })
		out = out[:0]
		for i := range batch.Len() {
			out = AppendJSON(out, batch, i, EncodeOptions{Metadata: true, Host: "h"})
			batch.Set(i, batch.Intern("env"), StringValue("prod"))
			out = AppendJSON(out, batch, i, EncodeOptions{Metadata: true, Host: "h"})
			out = AppendLogfmt(out, batch, i, EncodeOptions{Metadata: true, Host: "h"})
			out = AppendText(out, batch, i, EncodeOptions{})
		}
		other.AppendRange(batch, 0, batch.Len())
		out = batch.AppendBinary(out)
	}
	run()
	if n := testing.AllocsPerRun(20, run); n > 1 {
		t.Errorf("%v allocations for a batch, want none for an event", n)
	}
}

// NewRefValue returns the field "a" of an event.
func NewRefValue(b *Batch, i int) Value {
	id, _ := b.Lookup("a")
	return b.Field(i, id)
}

func BenchmarkParseJSON(b *testing.B) {
	texts, size := benchTexts()
	batch := new(Batch)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		fill(batch, texts)
		parseAll(b, batch)
	}
}

func BenchmarkParseJSONStd(b *testing.B) {
	texts, size := benchTexts()
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			var m map[string]any
			if err := json.Unmarshal(text, &m); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkFilter(b *testing.B) {
	texts, size := benchTexts()
	batch := new(Batch)
	fill(batch, texts)
	parseAll(b, batch)
	status := NewRef("status")
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		batch.Keep(func(i int) bool { return status.Field(batch, i).Int() > 0 })
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	texts, size := benchTexts()
	for _, row := range []struct {
		name    string
		changed bool
	}{{"verbatim", false}, {"changed", true}} {
		b.Run(row.name, func(b *testing.B) {
			batch, out := new(Batch), []byte(nil)
			fill(batch, texts)
			parseAll(b, batch)
			for i := range batch.Len() {
				if row.changed {
					batch.Set(i, batch.Intern("env"), StringValue("prod"))
				}
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				out = out[:0]
				for i := range batch.Len() {
					out = AppendJSON(out, batch, i, EncodeOptions{})
				}
			}
		})
	}
}

func BenchmarkAppendJSONStd(b *testing.B) {
	texts, size := benchTexts()
	var events []map[string]any
	for _, text := range texts {
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			b.Fatal(err)
		}
		events = append(events, m)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range events {
			if _, err := json.Marshal(m); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkChain(b *testing.B) {
	texts, size := benchTexts()
	status, batch, out := NewRef("status"), new(Batch), []byte(nil)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		fill(batch, texts)
		out = chain(b, batch, status, out[:0])
	}
}

func BenchmarkChainStd(b *testing.B) {
	texts, size := benchTexts()
	var out []byte
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		out = out[:0]
		for _, text := range texts {
			var m map[string]any
			if err := json.Unmarshal(text, &m); err != nil {
				b.Fatal(err)
			}
			if status, _ := m["status"].(float64); status < 300 {
				continue
			}
			m["env"] = "prod"
			line, err := json.Marshal(m)
			if err != nil {
				b.Fatal(err)
			}
			out = append(append(out, line...), '\n')
		}
	}
}

func BenchmarkBinary(b *testing.B) {
	texts, _ := benchTexts()
	batch, out := new(Batch), []byte(nil)
	fill(batch, texts)
	parseAll(b, batch)
	out = batch.AppendBinary(out)
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(int64(len(out)))
		b.ReportAllocs()
		for b.Loop() {
			out = batch.AppendBinary(out[:0])
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(out)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode(out); err != nil {
				b.Fatal(err)
			}
		}
	})
}
