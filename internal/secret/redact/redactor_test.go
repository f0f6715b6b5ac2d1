package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// awkward has what encodings change: quotes, HTML, URL escapes, a space, a
// letter beyond ASCII.
const awkward = `p"a<s>s/w+o rd&é\~?`

func encodeJSON(t testing.TB, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestAValueIsHiddenInEveryForm(t *testing.T) {
	r := redact.New(awkward)
	std, web := base64.StdEncoding, base64.URLEncoding
	for name, text := range map[string]string{
		"as it is":                        awkward,
		"base64":                          std.EncodeToString([]byte(awkward)),
		"base64 without padding":          std.WithPadding(base64.NoPadding).EncodeToString([]byte(awkward)),
		"base64 for URLs":                 web.EncodeToString([]byte(awkward)),
		"base64 for URLs without padding": web.WithPadding(base64.NoPadding).EncodeToString([]byte(awkward)),
		"hex":                             hex.EncodeToString([]byte(awkward)),
		"hex in capitals":                 strings.ToUpper(hex.EncodeToString([]byte(awkward))),
		"escaped for a query":             url.QueryEscape(awkward),
		"escaped for a path":              url.PathEscape(awkward),
		"escaped in small letters":        "p%22a%3cs%3es%2fw%2bo+rd%26%c3%a9%5c~%3f",
		"JSON":                            strings.Trim(encodeJSON(t, awkward), `"`),
		"JSON without escapes for HTML":   `p\"a<s>s/w+o rd&é\\~?`,
		"quoted as in Go":                 strings.Trim(strconv.Quote(awkward), `"`),
		"HTML":                            html.EscapeString(awkward),
		"XML":                             `p&quot;a&lt;s&gt;s/w+o rd&amp;é\~?`,
		"quoted in ASCII":                 strings.Trim(strconv.QuoteToASCII(awkward), `"`),
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := r.String("before "+text+" after"), "before "+redact.Placeholder+" after"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestAValueIsHiddenInsideSomethingEncoded(t *testing.T) {
	const value = "hunter2hunter2"
	r := redact.New(value)
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		for before := range 4 {
			for after := range 4 {
				text := strings.Repeat("x", before) + value + strings.Repeat("y", after)
				got := r.String(encoding.EncodeToString([]byte(text)))
				// What remains are digits that are shared with the neighbours.
				if rest := strings.Replace(got, redact.Placeholder, "", 1); !strings.Contains(got, redact.Placeholder) || len(rest) > 2*4+4 {
					t.Errorf("%d bytes before and %d after: %s", before, after, got)
				}
			}
		}
	}
}

func TestWhatIsHiddenAndWhatIsNot(t *testing.T) {
	const hidden = redact.Placeholder
	for name, tt := range map[string]struct {
		values     []string
		text, want string
	}{
		"text without a secret stays":                      {[]string{"hunter2"}, "all is well", "all is well"},
		"nothing known hides nothing":                      {nil, "hunter2", "hunter2"},
		"a value of three bytes is no secret":              {[]string{"dev"}, "dev", "dev"},
		"a value of four bytes is one":                     {[]string{"s3c!"}, "s3c!", hidden},
		"a number of five digits is no secret":             {[]string{"54321"}, "54321", "54321"},
		"a number of six digits is one":                    {[]string{"654321"}, "654321", hidden},
		"a word of JSON is no secret":                      {[]string{"true", "false", "null"}, "true, false, null", "true, false, null"},
		"twice in a text is twice hidden":                  {[]string{"hunter2"}, "hunter2 hunter2", hidden + " " + hidden},
		"the longer of two with one beginning":             {[]string{"hunter", "hunter2"}, "hunter2!", hidden + "!"},
		"two that overlap leave no rest":                   {[]string{"abcdefgh", "efghijkl"}, "<abcdefghijkl>", "<" + hidden + ">"},
		"a value is known without the newline at its end":  {[]string{"hunter2\n"}, "hunter2.", hidden + "."},
		"base64 is known without the newline at its end":   {[]string{"hunter2\n"}, "aHVudGVyMg==.", hidden + "."},
		"each long line of a key is hidden":                {[]string{"-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\n-----END KEY-----\n"}, "line 2: MIIEowIBAAKCAQEA", "line 2: " + hidden},
		"a part before a slash is hidden":                  {[]string{"before-the-slash/and-after"}, "mkdir /srv/before-the-slash: denied", "mkdir /srv/" + hidden + ": denied"},
		"the directory of a secret path is not hidden":     {[]string{"/etc/driftless/aws.conf"}, "open /etc/driftless/aws.conf in /etc/driftless", "open " + hidden + " in /etc/driftless"},
		"a part after a slash is hidden":                   {[]string{"before/and-after-it"}, "open and-after-it", "open " + hidden},
		"a password in a URL is hidden, and not its host":  {[]string{"https://ann:hunter2hunter2@db.example.com/x"}, "hunter2hunter2 at db.example.com", hidden + " at db.example.com"},
		"the first line of a key is no secret":             {[]string{"-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\n-----END KEY-----\n"}, "-----BEGIN KEY-----", "-----BEGIN KEY-----"},
		"a secret that is in the placeholder ends nowhere": {[]string{"sensitive"}, "a sensitive word", "a " + hidden + " word"},
	} {
		t.Run(name, func(t *testing.T) {
			r := redact.New(tt.values...)
			if got := r.String(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := string(r.Bytes([]byte(tt.text))); got != tt.want {
				t.Errorf("as bytes: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAWriterHidesValuesThatComeInPieces(t *testing.T) {
	const text = "token=hunter2hunter2, key=aHVudGVyMmh1bnRlcjI=\nnext line\n"
	r := redact.New("hunter2hunter2", "2, key")
	want := r.String(text)
	for size := 1; size <= len(text); size++ {
		var out bytes.Buffer
		w := r.Writer(&out)
		for piece := range pieces(text, size) {
			if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
				t.Fatalf("Write of %d bytes: %d, %v", len(piece), n, err)
			}
		}
		if out.String() != want {
			t.Errorf("pieces of %d bytes:\n got %q\nwant %q", size, out.String(), want)
		}
	}
}

func TestAWriterHoldsBackOnlyWhatMayBecomeASecret(t *testing.T) {
	for name, tt := range map[string]struct{ text, written, closed string }{
		"an ordinary line goes on at once":            {"all is well\n", "all is well\n", ""},
		"a beginning waits, and is shown at the end":  {"a hun", "a ", "hun"},
		"a longer beginning is hidden at the end":     {"a hunter2hun", "a ", redact.Placeholder},
		"a beginning that became none goes on":        {"a hunt\n", "a hunt\n", ""},
		"a whole value goes on when no other can be":  {"a hunter2hunter2", "a " + redact.Placeholder, ""},
		"a value within a longer one waits for it":    {"a <hunter2hunter2", "a ", redact.Placeholder},
		"a value whose end begins another goes on":    {"hunter2hunter2 and 2abcdeh", redact.Placeholder + " and " + redact.Placeholder, ""},
		"a value and a part of the next one it began": {"2abcdehunter2", redact.Placeholder, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w := redact.New("hunter2hunter2", "2abcdeh", "<hunter2hunter2>").Writer(&out)
			if _, err := w.Write([]byte(tt.text)); err != nil {
				t.Fatal(err)
			}
			if out.String() != tt.written {
				t.Errorf("written: %q, want %q", out.String(), tt.written)
			}
			out.Reset()
			if err := w.Close(); err != nil || out.String() != tt.closed {
				t.Errorf("at the end: %q (%v), want %q", out.String(), err, tt.closed)
			}
		})
	}
}

func TestAWriterIsBoundedByTheLongestValue(t *testing.T) {
	r := redact.New("aaaaaaaa")
	var out bytes.Buffer
	w := r.Writer(&out)
	for range 1000 {
		if _, err := w.Write([]byte("aaaaaaaaaaaaaaaaaaaa")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), redact.Placeholder+"\n"; got != want {
		t.Errorf("one run of secrets is written as %.60q, want %q", got, want)
	}
}

func TestAWriterReportsTheErrorOfWhatIsBehindIt(t *testing.T) {
	broken := errors.New("broken pipe")
	w := redact.New("hunter2").Writer(failing{broken})
	if n, err := w.Write([]byte("text\n")); n != 0 || !errors.Is(err, broken) {
		t.Errorf("Write: %d, %v", n, err)
	}
	if _, err := w.Write([]byte("hun")); err != nil {
		t.Errorf("what is held back is not written: %v", err)
	}
	if err := w.Close(); !errors.Is(err, broken) {
		t.Errorf("Close: %v", err)
	}
}

func TestARetiredValueIsForgottenAfterVeryManyOthers(t *testing.T) {
	r := redact.New("first-value", "kept-value")
	r.Retire("first-value")
	r.Retire("never known")
	if got := r.String("first-value"); got != redact.Placeholder {
		t.Fatalf("just retired: %q", got)
	}
	retireMany(r)
	want := "first-value " + redact.Placeholder + " " + redact.Placeholder
	if got := r.String("first-value kept-value " + long(manyValues-1)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAValueThatIsUsedAgainIsNotRetired(t *testing.T) {
	r := redact.New("hunter2")
	r.Retire("hunter2")
	r.Add("hunter2")
	r.Learn("hunter2")
	retireMany(r)
	if got := r.String("hunter2"); got != redact.Placeholder {
		t.Errorf("got %q", got)
	}
}

func TestALearnedValueIsForgottenUnlessItIsLearnedAgain(t *testing.T) {
	r := redact.New()
	r.Learn("learned-once", "learned-twice")
	for i := range manyValues {
		r.Learn(long(i))
		r.Learn("learned-twice")
	}
	if got, want := r.String("learned-once learned-twice"), "learned-once "+redact.Placeholder; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// manyValues are more than a redactor remembers of those that long returns.
const manyValues = 150

func long(i int) string { return fmt.Sprintf("value-%04d-%s", i, strings.Repeat("x", 16000)) }

func retireMany(r *redact.Redactor) {
	for i := range manyValues {
		r.Add(long(i))
		r.Retire(long(i))
	}
}

func TestAnErrorIsCleanedAndStaysWhatItIs(t *testing.T) {
	err := redact.New("hunter2").Error(fmt.Errorf("open hunter2: %w", fs.ErrNotExist))
	if err.Error() != "open "+redact.Placeholder+": file does not exist" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := redact.New("hunter2").Error(nil); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}

func TestALoggerWritesNoSecret(t *testing.T) {
	var out bytes.Buffer
	r := redact.New(awkward)
	for _, asJSON := range []bool{false, true} {
		log := hclog.New(&hclog.LoggerOptions{Output: r.Writer(&out), JSONFormat: asJSON, Level: hclog.Trace})
		log.Info("connected with "+awkward, "password", awkward, "error", fmt.Errorf("refused %q", awkward))
	}
	if got := out.String(); strings.Contains(got, "rd&") || strings.Count(got, redact.Placeholder) != 6 {
		t.Errorf("the log:\n%s", got)
	}
}

func TestARedactorServesManyAtOnce(t *testing.T) {
	r := redact.New()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 50 {
				value := fmt.Sprintf("value-%d-%d", i, j)
				r.Add(value)
				if got := r.String(value); got != redact.Placeholder {
					t.Errorf("%s: %s", value, got)
				}
				r.Retire(value)
			}
		})
	}
	group.Wait()
}

// isSecret reports whether a value is hidden at all: words such as true are not.
func isSecret(value string) bool { return redact.New(value).String(value) != value }

// FuzzRedact checks that no value is left in a text, however it is cut into
// pieces.
func FuzzRedact(f *testing.F) {
	f.Add("hunter2", "secret-two", "a hunter2 b", uint8(3))
	f.Add("aaaaaa", "aaaaaab", "aaaaaaaaaaaaab", uint8(1))
	f.Add("abcdef", "defghi", "abcdefghi", uint8(2))
	f.Add("line one of it\nline two", "\x00\xff\x00\xff\x00\xff", "line two\x00\xff", uint8(5))
	f.Fuzz(func(t *testing.T, one, two, text string, size uint8) {
		// A value that the placeholder itself completes is found again, rightly.
		if strings.ContainsAny(one+two, redact.Placeholder) {
			t.Skip()
		}
		r := redact.New(one, two)
		clean := r.String(text + one + text + two)
		for _, value := range []string{one, two} {
			if isSecret(value) && strings.Contains(clean, value) {
				t.Errorf("%q is in %q", value, clean)
			}
		}
		var out bytes.Buffer
		w := r.Writer(&out)
		for piece := range pieces(text+one+text+two+"\n", int(size%16)+1) {
			if _, err := w.Write([]byte(piece)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for _, value := range []string{one, two} {
			if isSecret(value) && strings.Contains(out.String(), value) {
				t.Errorf("written in pieces: %q is in %q", value, out.String())
			}
		}
	})
}

func BenchmarkRedactALogLine(b *testing.B) {
	r := redact.New()
	for i := range 100 {
		r.Add(fmt.Sprintf("a-random-secret-%04d-%x", i, i*7919))
	}
	line := "2026-01-02T03:04:05.678Z [INFO]  agent.task: applied: address=task.file.motd action=update duration=12ms result=ok\n"
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if r.String(line) != line {
			b.Fatal("a line without a secret was changed")
		}
	}
}

// pieces cuts a text into pieces of size bytes.
func pieces(text string, size int) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for start := 0; start < len(text); start += size {
			if !yield(text[start:min(start+size, len(text))]) {
				return
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
