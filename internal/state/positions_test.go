package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func openPositions(t *testing.T, dir string) *Positions {
	t.Helper()
	p, err := OpenPositions(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustClose(t *testing.T, p *Positions) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustSave(t *testing.T, p *Positions, address, key, value string) {
	t.Helper()
	if err := p.For(address).Save(t.Context(), key, []byte(value)); err != nil {
		t.Fatal(err)
	}
}

func wantValue(t *testing.T, p *Positions, address, key, want string) {
	t.Helper()
	got, err := p.For(address).Load(t.Context(), key)
	if err != nil || string(got) != want {
		t.Errorf("%s %s: got %q, %v; want %q", address, key, got, err, want)
	}
}

func TestPositionsSurviveAReopen(t *testing.T) {
	dir := t.TempDir()
	p := openPositions(t, dir)
	mustSave(t, p, "source.file.a", "k", "1")
	mustSave(t, p, "source.file.a", "k", "2")
	mustSave(t, p, "source.file.b", "k", "3")
	mustSave(t, p, "source.file.b", "gone", "4")
	if err := p.For("source.file.b").Save(t.Context(), "gone", nil); err != nil {
		t.Fatal(err)
	}
	mustClose(t, p)
	p = openPositions(t, dir)
	defer mustClose(t, p)
	wantValue(t, p, "source.file.a", "k", "2")
	wantValue(t, p, "source.file.b", "k", "3")
	wantValue(t, p, "source.file.b", "gone", "")
	wantValue(t, p, "source.file.c", "k", "")
	if p.Damaged() != 0 {
		t.Errorf("%d bytes damaged", p.Damaged())
	}
}

func TestPositionsOfAProcessThatDiedAreThere(t *testing.T) {
	dir := t.TempDir()
	p := openPositions(t, dir)
	mustSave(t, p, "a", "k", "value")
	copied := filepath.Join(t.TempDir(), "positions") // as the kernel would show it to the next process
	content, err := os.ReadFile(filepath.Join(dir, "positions"))
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, p)
	if err := os.WriteFile(copied, content, 0o600); err != nil {
		t.Fatal(err)
	}
	p = openPositions(t, filepath.Dir(copied))
	defer mustClose(t, p)
	wantValue(t, p, "a", "k", "value")
}

func TestPositionsHaveOneOwner(t *testing.T) {
	dir := t.TempDir()
	p := openPositions(t, dir)
	if _, err := OpenPositions(dir); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("another agent, process %d", os.Getpid())) {
		t.Errorf("second open: %v", err)
	}
	mustClose(t, p)
	mustClose(t, openPositions(t, dir))
}

// A journal that ends anywhere, as after a crash, gives the records that are
// whole, and is written on behind them.
func TestAJournalThatIsCutOffAnywhereKeepsWhatIsWhole(t *testing.T) {
	var journal []byte
	var ends []int
	for i := range 5 {
		journal = appendFrame(journal, encodePosition(position{"a", "k"}, []byte(fmt.Sprint("value ", i))))
		ends = append(ends, len(journal))
	}
	for cut := range len(journal) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "positions"), journal[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		whole, want := 0, ""
		for i, end := range ends {
			if end <= cut {
				whole, want = end, fmt.Sprint("value ", i)
			}
		}
		p := openPositions(t, dir)
		wantValue(t, p, "a", "k", want)
		if p.Damaged() != int64(cut-whole) {
			t.Errorf("cut at %d: %d bytes damaged, want %d", cut, p.Damaged(), cut-whole)
		}
		mustSave(t, p, "a", "k", "next")
		mustClose(t, p)
		p = openPositions(t, dir)
		wantValue(t, p, "a", "k", "next")
		mustClose(t, p)
	}
}

func TestAFlippedBitIsNeverTakenForAValue(t *testing.T) {
	journal := appendFrame(nil, encodePosition(position{"a", "k"}, []byte("first")))
	whole := len(journal)
	journal = appendFrame(journal, encodePosition(position{"a", "k"}, []byte("second")))
	for i := whole; i < len(journal); i++ {
		flipped := bytes.Clone(journal)
		flipped[i] ^= 1 << rand.N(8)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "positions"), flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		p := openPositions(t, dir)
		wantValue(t, p, "a", "k", "first")
		mustClose(t, p)
		kept, err := os.ReadFile(filepath.Join(dir, "positions.corrupt"))
		if err != nil || !bytes.Equal(kept, flipped[whole:]) {
			t.Errorf("byte %d: kept %q, %v", i, kept, err)
		}
	}
}

func TestAJournalIsWrittenAnewWhenMostOfItIsOutOfDate(t *testing.T) {
	dir := t.TempDir()
	p := openPositions(t, dir)
	value := strings.Repeat("x", 10_000)
	for i := range 1000 {
		mustSave(t, p, "a", "k", fmt.Sprint(value, i))
	}
	mustSave(t, p, "b", "k", "kept")
	mustClose(t, p)
	info, err := os.Stat(filepath.Join(dir, "positions"))
	if err != nil || info.Size() > 2*compactSize {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	p = openPositions(t, dir)
	defer mustClose(t, p)
	wantValue(t, p, "a", "k", value+"999")
	wantValue(t, p, "b", "k", "kept")
}

func TestASaveAfterTheEndIsRefused(t *testing.T) {
	p := openPositions(t, t.TempDir())
	defer mustClose(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.For("a").Save(ctx, "k", []byte("v")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPositionsAreSyncedWithinASecondAndNotAfterClose(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := openPositions(t, dir)
		mustSave(t, p, "a", "k", "1")
		mustSave(t, p, "a", "k", "2")
		p.mu.Lock()
		waiting := p.dirty != nil
		p.mu.Unlock()
		time.Sleep(syncDelay)
		synctest.Wait()
		p.mu.Lock()
		done := p.dirty == nil && p.failed == nil
		p.mu.Unlock()
		if !waiting || !done {
			t.Errorf("waiting %t, done %t", waiting, done)
		}
		mustSave(t, p, "a", "k", "3")
		mustClose(t, p)
		time.Sleep(2 * syncDelay)
	})
}

func FuzzReadRecord(f *testing.F) {
	f.Add(appendFrame(nil, encodePosition(position{"source.file.a", "files"}, []byte("{}"))))
	f.Add(appendFrame(nil, encodePosition(position{"", ""}, nil)))
	f.Add([]byte{255, 255, 255, 255, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, journal []byte) {
		r := bytes.NewReader(journal)
		for {
			payload, err := readFrame(r)
			if err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, errDamaged) {
					t.Fatal(err)
				}
				return
			}
			at, value, err := decodePosition(payload)
			if err != nil {
				continue
			}
			again := encodePosition(at, value)
			if size := int64(recordHeader + len(again)); size != recordSize(at, value) || len(payload) < len(again) {
				t.Fatalf("%q %q read from %d bytes, written as %d", at, value, len(payload), len(again))
			}
		}
	})
}

func BenchmarkSave(b *testing.B) {
	p, err := OpenPositions(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	c, value := p.For("source.file.a"), bytes.Repeat([]byte("x"), 400)
	for b.Loop() {
		if err := c.Save(b.Context(), "files", value); err != nil {
			b.Fatal(err)
		}
	}
}
