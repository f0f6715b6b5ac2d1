package diff

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestUnified(t *testing.T) {
	tests := []struct{ name, a, b, want string }{
		{"equal texts have no difference", "a\n", "a\n", ""},
		{"a changed line", "a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
		{"a file from nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"a file to nothing", "a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"a newline added at the end", "a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"no newline on both sides", "a\nz", "b\nz", "@@ -1,2 +1,2 @@\n-a\n+b\n z\n\\ No newline at end of file\n"},
		{"changes far apart are hunks of their own", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
			"@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
		{"changes close together are one hunk", "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
			"@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
		{"a carriage return is part of the line", "a\r\n", "a\n", "@@ -1 +1 @@\n-a\r\n+a\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := test.want
			if want != "" {
				want = "--- old\n+++ new\n" + want
			}
			got := Unified([]byte(test.a), []byte(test.b), Options{FromName: "old", ToName: "new"})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnifiedIsCutAtMaxLines(t *testing.T) {
	got := Unified(nil, []byte("1\n2\n3\n4\n"), Options{FromName: "a", ToName: "b", MaxLines: 2})
	want := "--- a\n+++ b\n@@ -0,0 +1,4 @@\n+1\n+2\n[2 more lines are not shown]\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBinaryFilesAreNotShown(t *testing.T) {
	got := Unified([]byte("a\x00"), []byte("abc"), Options{})
	if !strings.HasPrefix(got, "Binary files differ: 2 B sha256 ") || !strings.Contains(got, "→ 3 B sha256 ba7816bf") {
		t.Error(got)
	}
}

func TestNameThatWouldBreakTheHeaderIsQuoted(t *testing.T) {
	got := Unified([]byte("a\n"), []byte("b\n"), Options{FromName: "x\n+++ y", ToName: "z"})
	if !strings.HasPrefix(got, "--- \"x\\n+++ y\"\n+++ z\n@@") {
		t.Error(got)
	}
}

// randomText has few different lines, so that there is much to match.
func randomText(r *rand.Rand) []byte {
	var out bytes.Buffer
	for range r.IntN(30) {
		fmt.Fprintf(&out, "%c\n", 'a'+r.IntN(4))
	}
	if r.IntN(3) == 0 {
		out.WriteString("end")
	}
	return out.Bytes()
}

func TestHunksMakeOneTextOfTheOther(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		a, b := randomText(r), randomText(r)
		checkHunks(t, a, b, r.IntN(5)-1)
		checkShortest(t, a, b)
	}
}

// checkHunks applies the hunks to a.
func checkHunks(t *testing.T, a, b []byte, context int) {
	t.Helper()
	from := splitLines(a)
	var got strings.Builder
	at := 0
	for _, h := range Hunks(a, b, context) {
		first := h.FromLine - 1
		if h.FromCount == 0 {
			first++
		}
		got.WriteString(strings.Join(from[at:first], ""))
		at = first
		for _, line := range h.Lines {
			text := line.Text
			if !line.NoNewline {
				text += "\n"
			}
			if line.Op != Insert {
				if from[at] != text {
					t.Fatalf("line %d is %q, the hunk has %q", at+1, from[at], text)
				}
				at++
			}
			if line.Op != Delete {
				got.WriteString(text)
			}
		}
		if at-first != h.FromCount {
			t.Fatalf("the hunk counts %d lines and has %d", h.FromCount, at-first)
		}
	}
	got.WriteString(strings.Join(from[at:], ""))
	if got.String() != string(b) {
		t.Fatalf("the hunks make %q of %q, want %q", got.String(), a, b)
	}
}

// checkShortest compares with the longest common subsequence by its definition.
func checkShortest(t *testing.T, a, b []byte) {
	t.Helper()
	from, to := splitLines(a), splitLines(b)
	longest := make([][]int, len(from)+1)
	for i := range longest {
		longest[i] = make([]int, len(to)+1)
	}
	for i := range from {
		for j := range to {
			if from[i] == to[j] {
				longest[i+1][j+1] = longest[i][j] + 1
			} else {
				longest[i+1][j+1] = max(longest[i][j+1], longest[i+1][j])
			}
		}
	}
	changed := 0
	for _, c := range compare(from, to) {
		changed += c.fromHigh - c.fromLow + c.toHigh - c.toLow
	}
	if shortest := len(from) + len(to) - 2*longest[len(from)][len(to)]; changed != shortest {
		t.Fatalf("%q to %q takes %d lines, %d would do", a, b, changed, shortest)
	}
}

func TestPatchTakesTheDifference(t *testing.T) {
	patch, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("there is no patch(1) here")
	}
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		a, b := randomText(r), randomText(r)
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, a, 0o600); err != nil {
			t.Fatal(err)
		}
		difference := Unified(a, b, Options{FromName: "file", ToName: "file"})
		if difference == "" {
			continue
		}
		cmd := exec.CommandContext(t.Context(), patch, "--posix", file)
		cmd.Stdin = strings.NewReader(difference)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("seed %d: %v: %s\n%s", seed, err, out, difference)
		}
		// POSIX has patch remove a file that becomes empty or leave it empty.
		got, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if string(got) != string(b) {
			t.Fatalf("seed %d: patch made %q of %q, want %q", seed, got, a, b)
		}
	}
}

func TestLargeTextsAreComparedInTime(t *testing.T) {
	tests := []struct {
		name string
		line func(r *rand.Rand, i int) string
	}{
		{"nothing in common", func(r *rand.Rand, _ int) string { return fmt.Sprint(r.Uint64()) }},
		{"all lines in common, in another order", func(r *rand.Rand, _ int) string { return fmt.Sprint(r.IntN(1000)) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			texts := [2]bytes.Buffer{}
			for side := range texts {
				r := rand.New(rand.NewPCG(uint64(side), 2))
				for i := range 100_000 {
					texts[side].WriteString(test.line(r, i) + "\n")
				}
			}
			start := time.Now()
			checkHunks(t, texts[0].Bytes(), texts[1].Bytes(), 0)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func FuzzHunks(f *testing.F) {
	f.Add([]byte("a\nb\nc"), []byte("a\nc\n"), 1)
	f.Fuzz(func(t *testing.T, a, b []byte, context int) {
		if context > 1000 || context < -1000 {
			return
		}
		checkHunks(t, a, b, context)
	})
}

func BenchmarkUnified(b *testing.B) {
	var from bytes.Buffer
	for i := range 10_000 {
		fmt.Fprintf(&from, "line %d\n", i)
	}
	to := bytes.ReplaceAll(from.Bytes(), []byte("00\n"), []byte("00 changed\n"))
	for b.Loop() {
		if Unified(from.Bytes(), to, Options{}) == "" {
			b.Fatal("no difference")
		}
	}
}
