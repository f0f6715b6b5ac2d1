package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

func TestTheCommittedPagesAreThoseOfTheCode(t *testing.T) {
	want, err := pages(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	got := readTree(t, filepath.Join(root, referenceDir))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pages in %s are not those of the code; run make generate (-code +committed):\n%s", referenceDir, diff)
	}
}

func TestGeneratingRemovesThePagesOfTypesThatAreGone(t *testing.T) {
	dir := t.TempDir()
	for _, source := range []string{examplesDir, filepath.Dir(streamSchema)} {
		if err := os.CopyFS(filepath.Join(dir, source), os.DirFS(filepath.Join(root, source))); err != nil {
			t.Fatal(err)
		}
	}
	stale := filepath.Join(dir, referenceDir, "tasks", "gone.md")
	if err := os.MkdirAll(filepath.Dir(stale), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, []byte("# task \"gone\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := generate(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	want, err := pages(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, readTree(t, filepath.Join(dir, referenceDir))); diff != "" {
		t.Errorf("what was written is not what was drawn (-drawn +written):\n%s", diff)
	}
}

// readTree returns the content of all files below a directory, by path.
func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
