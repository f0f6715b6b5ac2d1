package secret

import (
	"maps"
	"strings"
	"testing"
)

func TestParseEnv(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want map[string]string
	}{
		"a line is a name and a value":                 {"A=one\nB=two", map[string]string{"A": "one", "B": "two"}},
		"empty lines and comments say nothing":         {"\n# A=no\n  # B=no\n\nC=yes\n", map[string]string{"C": "yes"}},
		"spaces around name and value are not part":    {"  A = one  \n", map[string]string{"A": "one"}},
		"export before a name is passed over":          {"export A=one\nexport\tB=two\nexported=three", map[string]string{"A": "one", "B": "two", "exported": "three"}},
		"a value may hold the sign that ends the name": {"A=b=c==\n", map[string]string{"A": "b=c=="}},
		"a comment begins after a space":               {"A=one # two\nB=one#two\nC= # nothing", map[string]string{"A": "one", "B": "one#two", "C": ""}},
		"single quotes take all literally":             {`A='one \n "two" # $three'`, map[string]string{"A": `one \n "two" # $three`}},
		"double quotes know escapes":                   {`A="one\n\t\r\"two\" \\ \$ \'"`, map[string]string{"A": "one\n\t\r\"two\" \\ $ '"}},
		"a comment may follow quotes":                  {`A='one' # two`, map[string]string{"A": "one"}},
		"quotes span lines":                            {"A='one\ntwo'\nB=\"three\nfour\"\nC=five", map[string]string{"A": "one\ntwo", "B": "three\nfour", "C": "five"}},
		"nothing is expanded":                          {`A=$HOME ${B} $(id)`, map[string]string{"A": "$HOME ${B} $(id)"}},
		"lines may end as on Windows":                  {"A=one\r\nB='two'\r\n", map[string]string{"A": "one", "B": "two"}},
		"a byte order mark is passed over":             {"\ufeffA=one", map[string]string{"A": "one"}},
		"a quote within a value is part of it":         {`A=it's`, map[string]string{"A": "it's"}},
		"a value may be empty":                         {"A=\nB=''", map[string]string{"A": "", "B": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseEnv(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseEnvErrorsNameTheLineAndNoValue(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"no sign of equality":         {"A=one\nhunter2", `line 2: there is no "="`},
		"a name with a dash":          {"hunter2-x=one", "line 1: what stands before the \"=\" is no name"},
		"a name that isn't there":     {"=hunter2", "line 1: what stands before the \"=\" is no name"},
		"a value given twice":         {"A=hunter2\nB=x\nA=hunter2", "line 3: A was given a value before"},
		"a quote that isn't closed":   {"B='one\ntwo'\n\nA='hunter2", "line 4: A: the quote that begins the value is never closed"},
		"text after the quotes":       {"A='one'hunter2", "line 1: A: something follows the closing quote"},
		"an escape that there is not": {`A="hunter2\x"`, "line 1: A: there is no such escape"},
		"a backslash at the very end": {`A="hunter2\`, "line 1: A: the quote that begins the value is never closed"},
		"bytes that are no text":      {"A=hunter2\xff", "it is not text in UTF-8"},
		"a byte of zero":              {"A=hunter2\x00", "it is not text in UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseEnv(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q without a value", err, tt.want)
			}
		})
	}
}

// FuzzParseEnv checks that what is parsed can be written in single quotes and
// be parsed again.
func FuzzParseEnv(f *testing.F) {
	f.Add("A=one # two\nexport B=\"x\\n\"\nC='\n'")
	f.Add("A='\nB=\"")
	f.Add("=\n#\nexport =x")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parseEnv(text)
		if err != nil {
			return
		}
		var again strings.Builder
		for name, value := range values {
			if strings.Contains(value, "'") {
				return // what single quotes can't hold
			}
			again.WriteString("export " + name + "='" + value + "' # comment\n")
		}
		got, err := parseEnv(again.String())
		if err != nil || !maps.Equal(got, values) {
			t.Errorf("%q was parsed to %q, and then to %q (%v)", text, values, got, err)
		}
	})
}
