package event

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func decoded(t *testing.T, p []byte) *Batch {
	t.Helper()
	b, err := Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeReturnsWhatWasEncoded(t *testing.T) {
	b := mixedBatch(t)
	b.Set(3, b.Intern("late"), FloatValue(-0.5))
	want := append([]string{}, mixedLines...)
	want[3] = `{"kind":"drift","ok":false,"late":-0.5}`
	prefix := []byte("kept")
	packed := b.AppendBinary(prefix)
	if !bytes.HasPrefix(packed, prefix) {
		t.Error("AppendBinary changed what was there")
	}
	got := decoded(t, packed[len(prefix):])
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Error(diff)
	}
	family, _ := got.Metric(2)
	if diff := cmp.Diff(&Family{Name: "up", Help: "Is it?", Type: Gauge}, family); diff != "" {
		t.Error(diff)
	}
	got.Set(0, got.Intern("more"), IntValue(1))
	if v := got.Field(0, got.Intern("more")); v.Int() != 1 {
		t.Errorf("a decoded batch can't be added to: %v", v)
	}
}

func TestPackedFormLeavesOutWhatWasDropped(t *testing.T) {
	b := parsed(t, `{"a":"`+string(bytes.Repeat([]byte("x"), 10_000))+`"}`, `{"b":1}`)
	b.Keep(func(i int) bool { return i == 1 })
	packed := b.AppendBinary(nil)
	if len(packed) > 200 {
		t.Errorf("one small event takes %d bytes", len(packed))
	}
	if diff := cmp.Diff([]string{`{"b":1}`}, lines(decoded(t, packed))); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyBatchCanBePacked(t *testing.T) {
	if b := decoded(t, new(Batch).AppendBinary(nil)); b.Len() != 0 {
		t.Errorf("%d events came out of none", b.Len())
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := mixedBatch(t).AppendBinary(nil)
	edit := func(change func(p []byte) []byte) []byte { return change(bytes.Clone(good)) }
	for name, p := range map[string][]byte{
		"nothing":                    nil,
		"another version":            edit(func(p []byte) []byte { p[0]++; return p }),
		"more than it needs":         append(bytes.Clone(good), 0),
		"a count that is too high":   edit(func(p []byte) []byte { p[8] = 0x7f; return p }),
		"an unknown kind of event":   edit(func(p []byte) []byte { p[len(p)-2] = 99; return p }),
		"unknown flags":              edit(func(p []byte) []byte { p[len(p)-1] = 0xff; return p }),
		"a text outside of itself":   edit(func(p []byte) []byte { p[len(p)-recordBytes+24] = 0xff; return p }),
		"fields that no event has":   edit(func(p []byte) []byte { p[len(p)-recordBytes-recordBytes+40] = 0; return p }),
		"more fields than there are": edit(func(p []byte) []byte { p[len(p)-recordBytes+40] = 9; return p }),
	} {
		if _, err := Decode(p); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want ErrFormat", name, err)
		}
	}
	for n := range good {
		if _, err := Decode(good[:n]); !errors.Is(err, ErrFormat) {
			t.Errorf("the first %d bytes: got %v, want ErrFormat", n, err)
		}
	}
}

func TestDecodeBoundsWhatSharedBytesStandFor(t *testing.T) {
	text := bytes.Repeat([]byte("x"), 1<<20)
	b := logBatch(t, string(text))
	body, _ := b.Body(0)
	for range MaxBytes / len(text) {
		b.Add(0, b.Intern("f"), BytesValue(body))
	}
	if _, err := Decode(b.AppendBinary(nil)); !errors.Is(err, ErrFormat) {
		t.Errorf("1 MiB that stands for more than 1 GiB: got %v, want ErrFormat", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(mixedBatch(f).AppendBinary(nil))
	f.Add(parsed(f, `{"a":[{"b":"\u0041"}],"c":1.5,"d":null}`).AppendBinary(nil))
	f.Fuzz(func(t *testing.T, p []byte) {
		b, err := Decode(p)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("got %v, want ErrFormat", err)
			}
			return
		}
		if b.Size() > 2*len(p)+1024 {
			t.Errorf("%d bytes became %d", len(p), b.Size())
		}
		again := decoded(t, b.AppendBinary(nil))
		for i := range b.Len() {
			b.Time(i)
			b.Origin(i)
			for j := range b.NumFields(i) {
				_, v := b.FieldAt(i, j)
				Member(v, "b")
				Index(v, 0)
			}
			if diff := cmp.Diff(AppendJSON(nil, b, i, EncodeOptions{}), AppendJSON(nil, again, i, EncodeOptions{})); diff != "" {
				t.Error(diff)
			}
			AppendLogfmt(nil, b, i, EncodeOptions{Metadata: true})
			AppendText(nil, b, i, EncodeOptions{Metadata: true})
		}
		for i := range b.Len() {
			if err := ParseJSON(b, i); err == nil && b.Original(i) == nil {
				t.Error("an event without a text was parsed")
			}
		}
	})
}
