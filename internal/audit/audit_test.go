package audit_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/audit"
	"github.com/driftless-hq/driftless/internal/plan"
)

func entries(names ...string) []plan.AuditEntry {
	var all []plan.AuditEntry
	for _, name := range names {
		all = append(all, plan.AuditEntry{Event: plan.AuditBefore, Address: addr.Addr{Kind: addr.Task, Type: "file", Name: name}})
	}
	return all
}

// kept are the addresses in a file, "?" for a line that is none.
func kept(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var e struct {
			Actor   string `json:"actor"`
			Address string `json:"address"`
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			e.Actor, e.Address = "?", ""
		}
		all = append(all, e.Actor+e.Address)
	}
	return all
}

func TestEntriesAreLinesThatOnlyTheOwnerCanRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, audit.Name)
	for i, log := range []*audit.Log{audit.Open(dir, audit.Options{Actor: "agent "}), audit.Open(dir, audit.Options{Actor: "root "})} {
		if err := log.Append(t.Context(), entries(fmt.Sprint("a", i), fmt.Sprint("b", i))); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"agent task.file.a0", "agent task.file.b0", "root task.file.a1", "root task.file.b1"}
	if diff := cmp.Diff(want, kept(t, file)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
}

// TestATornLineHarmsNoOther: power was lost while it was written.
func TestATornLineHarmsNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, audit.Name)
	if err := os.WriteFile(file, []byte(`{"actor":"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := audit.Open(dir, audit.Options{}).Append(t.Context(), entries("a")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"?", "task.file.a"}, kept(t, file)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOldFilesAreKeptUpToANumber(t *testing.T) {
	t.Parallel()
	for _, files := range []int{1, 3} {
		dir := t.TempDir()
		log := audit.Open(dir, audit.Options{MaxSize: 1, MaxFiles: files})
		for i := range 5 {
			if err := log.Append(t.Context(), entries(fmt.Sprint("n", i))); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		found, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			got = append(got, filepath.Base(file)+" "+kept(t, file)[0])
		}
		want := []string{"audit.jsonl task.file.n4", "audit.jsonl.1 task.file.n3", "audit.jsonl.2 task.file.n2"}[:files]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d files (-want +got):\n%s", files, diff)
		}
	}
}

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	if err := audit.Open(filepath.Join(t.TempDir(), "missing"), audit.Options{}).Append(t.Context(), entries("a")); err == nil {
		t.Error("there is no error")
	}
}

func BenchmarkAppend(b *testing.B) {
	log := audit.Open(b.TempDir(), audit.Options{})
	for _, n := range []int{1, 1000} {
		all := entries(make([]string, n)...)
		b.Run(fmt.Sprint(n, " entries"), func(b *testing.B) {
			for b.Loop() {
				if err := log.Append(b.Context(), all); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestAnApprovalIsALineOfWhoHasGivenIt beside those of what is applied.
func TestAnApprovalIsALineOfWhoHasGivenIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := audit.Open(dir, audit.Options{Actor: "agent "})
	if err := log.Approve("on-call ", audit.Approval{Event: audit.Approved, Address: "task.terraform.a", ID: "1f"}); err != nil {
		t.Fatal(err)
	}
	if err := log.Append(t.Context(), entries("a")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"on-call task.terraform.a", "agent task.file.a"}, kept(t, filepath.Join(dir, audit.Name))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
