package process

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputKeepsTheBeginningAndTheEnd(t *testing.T) {
	tests := map[string]struct {
		limit     int
		writes    []string
		want      string
		truncated bool
	}{
		"nothing":                                 {limit: 8},
		"less than the limit":                     {limit: 8, writes: []string{"abc"}, want: "abc"},
		"the limit exactly":                       {limit: 8, writes: []string{"abcd", "efgh"}, want: "abcdefgh"},
		"one byte more":                           {limit: 8, writes: []string{"abcdefghi"}, want: "abcd\n[1 bytes left out]\nfghi", truncated: true},
		"much in one write":                       {limit: 8, writes: []string{"head" + strings.Repeat("-", 1000) + "tail"}, want: "head\n[1000 bytes left out]\ntail", truncated: true},
		"much in many writes":                     {limit: 8, writes: append(slices.Repeat([]string{"0123456"}, 100), "tail"), want: "0123\n[696 bytes left out]\ntail", truncated: true},
		"a limit of one byte is one on each side": {limit: 1, writes: []string{"abc"}, want: "a\n[1 bytes left out]\nc", truncated: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOutput(test.limit)
			for _, text := range test.writes {
				if n, err := o.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatalf("Write returned %d, %v", n, err)
				}
			}
			if diff := cmp.Diff(test.want, string(o.bytes())); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if o.truncated() != test.truncated {
				t.Errorf("truncated is %v", o.truncated())
			}
		})
	}
}

func FuzzOutput(f *testing.F) {
	f.Add(8, []byte("abcdefghijkl"), 3)
	f.Fuzz(func(t *testing.T, limit int, text []byte, step int) {
		limit, step = max(limit%1000, 2), max(step%50, 1)
		o := newOutput(limit)
		for chunk := range slices.Chunk(text, step) {
			if _, err := o.Write(chunk); err != nil {
				t.Fatal(err)
			}
			if cap(o.head) > 4*limit+64 || cap(o.tail) > 8*limit+64 {
				t.Fatalf("%d and %d bytes are held for a limit of %d", cap(o.head), cap(o.tail), limit)
			}
		}
		half := limit / 2
		if !o.truncated() {
			if !bytes.Equal(o.bytes(), text) {
				t.Fatalf("%q became %q", text, o.bytes())
			}
			return
		}
		if got := o.bytes(); !bytes.HasPrefix(got, text[:half]) || !bytes.HasSuffix(got, text[len(text)-half:]) {
			t.Fatalf("%q became %q with a limit of %d", text, got, limit)
		}
	})
}

func TestLastLines(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing":                       {"", ""},
		"white space":                   {" \n\n", ""},
		"fewer lines":                   {"a\nb\n", "a\nb"},
		"more lines":                    {"a\nb\nc\nd\n\n", "b\nc\nd"},
		"a line that never ends is cut": {strings.Repeat("x", 10_000), strings.Repeat("x", bytesOfError)},
		"bytes that are not UTF-8":      {"a\xffb", "a\uFFFDb"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, LastLines([]byte(test.text), 3)); diff != "" {
				t.Errorf("last lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormatArgs(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"plain words stay as they are":            {[]string{"apt-get", "-o", "A::b=c/d", "ä"}, "apt-get -o A::b=c/d ä"},
		"an empty argument is seen":               {[]string{"echo", ""}, "echo ''"},
		"spaces and dollars are quoted":           {[]string{"sh", "-c", "echo $HOME; ls *"}, "sh -c 'echo $HOME; ls *'"},
		"quotes in quotes":                        {[]string{"it's"}, `'it'\''s'`},
		"control characters don't reach a screen": {[]string{"a\x1b[2Jb\n"}, `"a\x1b[2Jb\n"`},
		"bytes that are not UTF-8":                {[]string{"\xff"}, `"\xff"`},
		"a tilde at the beginning is quoted":      {[]string{"~root"}, "'~root'"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, FormatArgs(test.args)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnvironmentHoldsNothingThatWasNotAskedFor(t *testing.T) {
	t.Setenv("DRIFTLESS_SECRET_TOKEN", "hunter2")
	t.Setenv("PATH", "/opt/bin")
	t.Setenv("HOME", "/home/me")
	as := &Credential{Name: "www", Home: "/srv/www"}
	tests := map[string]struct {
		as    *Credential
		extra map[string]string
		want  []string
	}{
		"by default":                   {want: []string{"HOME=/home/me", "LANG=C.UTF-8", "PATH=/opt/bin"}},
		"as a user":                    {as: as, want: []string{"HOME=/srv/www", "LANG=C.UTF-8", "LOGNAME=www", "PATH=/opt/bin", "USER=www"}},
		"what is given comes over all": {as: as, extra: map[string]string{"HOME": "/tmp", "LANG": "de", "A": "b"}, want: []string{"A=b", "HOME=/tmp", "LANG=de", "LOGNAME=www", "PATH=/opt/bin", "USER=www"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Environment(test.as, test.extra)); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLookupCredential(t *testing.T) {
	tests := map[string]struct{ user, group, want string }{
		"an unknown user":                      {"no-such-user", "", "no-such-user"},
		"an unknown group":                     {"", "no-such-group", "no such group"},
		"a number without a user and no group": {"4000000", "", "name a group too"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := LookupCredential(test.user, test.group); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
