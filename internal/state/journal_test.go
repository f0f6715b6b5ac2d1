package state

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is written and can't be read again would take all that follows with it.
func TestARecordThatCouldNotBeReadAgainIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := OpenJournal(path, func([]byte) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	tooLong := make([]byte, maxRecord+1)
	if j.Append([]byte("before")) != nil || j.Append(tooLong) == nil || j.Append([]byte("after")) != nil {
		t.Error("the one record is taken that is too long, or another is not")
	}
	if err := j.Rewrite(func(yield func([]byte, error) bool) { yield(tooLong, nil) }); err == nil {
		t.Error("the journal is written anew with a record that is too long")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	j, err = OpenJournal(path, func(payload []byte) error {
		got = append(got, string(payload))
		return nil
	})
	if err != nil || j.Damaged() != 0 {
		t.Errorf("%d bytes are damaged, %v", j.Damaged(), err)
	}
	if diff := cmp.Diff([]string{"before", "after"}, got); diff != "" {
		t.Error(diff)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}
