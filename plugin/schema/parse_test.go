package schema

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "250ms": 250 * time.Millisecond, "90s": 90 * time.Second, "1h30m": 90 * time.Minute,
		"7d": 7 * 24 * time.Hour, "1d12h": 36 * time.Hour,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: got %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "-5s", "5 s", "d", "1d-1h", "99999d", "1h1d", "s", "1.5d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, got)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0": 0, "4096": 4096, "512KiB": 512 << 10, "8MiB": 8 << 20, "1.5GiB": 3 << 29, "1 GB": 1e9, "10kB": 10_000, "7B": 7,
	} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1MiB", "1 parsec", "NaN", "Inf", "1e30TiB", "0x10"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

func TestParseModeAndBack(t *testing.T) {
	for _, text := range []string{"0644", "4755", "0000", "7777"} {
		mode, err := ParseMode(text)
		if err != nil || FormatMode(mode) != text {
			t.Errorf("%q: got %04o, %v", text, mode, err)
		}
	}
	for _, text := range []string{"", "644", "00644", "0888", "u=rw", "-644", "+644", "0x1f"} {
		if mode, err := ParseMode(text); err == nil {
			t.Errorf("%q: got %04o, want an error", text, mode)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"1h30m", "7d", "8MiB", "0644", "1e9", "-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := ParseDuration(text); err == nil && d < 0 {
			t.Errorf("%q is the duration %s", text, d)
		}
		if n, err := ParseSize(text); err == nil && n < 0 {
			t.Errorf("%q is the size %d", text, n)
		}
		if mode, err := ParseMode(text); err == nil && mode > 0o7777 {
			t.Errorf("%q is the mode %o", text, mode)
		}
	})
}
