package event

import (
	"math"
	"testing"
)

func TestValuesThereAndBack(t *testing.T) {
	want := []Value{
		{}, BoolValue(true), BoolValue(false), IntValue(math.MinInt64), FloatValue(-0.5),
		StringValue(""), StringValue("text\x00"), JSONValue([]byte(`{"a":[1]}`)),
	}
	got, err := DecodeValues(AppendValues(nil, want...))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Kind() != want[i].Kind() || got[i].num != want[i].num || string(got[i].Text()) != string(want[i].Text()) {
			t.Errorf("value %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func FuzzDecodeValues(f *testing.F) {
	f.Add(AppendValues(nil, Value{}, IntValue(1), StringValue("a")))
	f.Add([]byte{byte(String), 255, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, p []byte) {
		values, err := DecodeValues(p)
		if err == nil && string(AppendValues(nil, values...)) != string(p) {
			t.Errorf("%x reads as %v", p, values)
		}
	})
}
