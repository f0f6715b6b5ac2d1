package event

import (
	"encoding/json"
	"testing"
	"time"
)

func logBatch(t testing.TB, lines ...string) *Batch {
	t.Helper()
	var b Builder
	for _, line := range lines {
		b.Log(time.Time{}, []byte(line))
	}
	return b.Batch()
}

func depthOf(p []byte) int {
	depth, most, inString := 0, 0, false
	for k := 0; k < len(p); k++ {
		switch c := p[k]; {
		case inString && c == '\\':
			k++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}

func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { "a" : 1 , "b":[1,{"c":"\u00e9"}],"d":null } `, `{"a":-0.5e+3,"a":"x\n","\u0061":true}`,
		`[1]`, `{"a":01}`, `{"a":"\ud83d\ude00\ud800"}`, `{"a"}`, `{"a":1}x`, "{\"a\":\"\x01\"}", `{"a":1e999}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := logBatch(t, `{"a":1,"b":2}`, text)
		if err := ParseJSON(b, 0); err != nil {
			t.Fatal(err)
		}
		err := ParseJSON(b, 1)
		var want map[string]any
		valid := json.Valid([]byte(text)) && depthOf([]byte(text)) <= maxDepth
		isObject := len(text) > 0 && text[skipSpace([]byte(text), 0)%len(text)] == '{'
		if accepted := err == nil; accepted != (valid && isObject) {
			t.Fatalf("ParseJSON(%q) = %v, json.Valid says %v", text, err, valid)
		}
		if err != nil {
			if body, ok := b.Body(1); !ok || string(body) != text || b.NumFields(1) != 0 {
				t.Fatalf("a failed parse changed the event: %q, %d fields", body, b.NumFields(1))
			}
			return
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			return // a number out of range
		}
		compareWithMap(t, b, 1, want)
	})
}

func compareWithMap(t *testing.T, b *Batch, i int, want map[string]any) {
	t.Helper()
	b.Set(i, b.Intern("force"), BoolValue(true))
	b.Unset(i, b.Intern("force"))
	var got map[string]any
	encoded := AppendJSON(nil, b, i, EncodeOptions{})
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatalf("encoded as %q: %v", encoded, err)
	}
	wantText, _ := json.Marshal(want)
	gotText, _ := json.Marshal(got)
	if string(wantText) != string(gotText) && len(want) == b.NumFields(i) {
		t.Errorf("got %s, want %s", gotText, wantText)
	}
}
