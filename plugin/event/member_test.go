package event

import "testing"

func TestMemberAndIndex(t *testing.T) {
	v := JSONValue([]byte(`{"a": {"b\"": [10, "x\ty", {"c": null}], "b": 1}, "a2":"s", "d":1, "d":-2.5, "t":true}`))
	a := Member(v, "a")
	list := Member(a, `b"`)
	for _, row := range []struct {
		name string
		got  Value
		want string
	}{
		{"an object stays text", a, `{"b\"": [10, "x\ty", {"c": null}], "b": 1}`},
		{"a name with an escape", list, `[10, "x\ty", {"c": null}]`},
		{"a number", Index(list, 0), `10`},
		{"a string with an escape", Index(list, 1), `"x\ty"`},
		{"a null", Member(Index(list, 2), "c"), `null`},
		{"the last of two members", Member(v, "d"), `-2.5`},
		{"a bool", Member(v, "t"), `true`},
		{"a string", Member(v, "a2"), `"s"`},
		{"a name that is only the beginning of another", Member(v, ""), `null`},
		{"an index beyond the end", Index(list, 3), `null`},
		{"a negative index", Index(list, -1), `null`},
		{"a member of an array", Member(list, "0"), `null`},
		{"an element of an object", Index(v, 0), `null`},
		{"a member of a string", Member(StringValue(`{"a":1}`), "a"), `null`},
		{"a broken text", Member(JSONValue([]byte(`{"a":1,"b`)), "b"), `null`},
	} {
		if got := string(AppendValue(nil, row.got)); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
	}
}

// FuzzMember looks into texts that are not what they should be.
func FuzzMember(f *testing.F) {
	f.Add(`{"a":[1,{"b":2}]}`, "a")
	f.Add("[\"\\", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		v := JSONValue([]byte(text))
		Index(Member(v, name), 1)
		Member(Index(v, 0), name)
		AppendValue(nil, v)
	})
}
