package plugin

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// MakeDir makes the instance's private directory, readable by its owner only,
// and returns its path.
func (e Env) MakeDir() (string, error) {
	return e.Dir, os.MkdirAll(e.Dir, 0o700)
}

// Report tells of one of total findings as soon as Plan has come to it, so that
// it is seen while Plan is busy with the others. What Plan returns has the last
// word, so to report is never needed. It may be called from several goroutines.
func (e Env) Report(f Finding, total int) {
	if e.OnFinding != nil {
		e.OnFinding(f, total)
	}
}

// CacheTag is the file that marks a directory as a cache, by the Cache Directory
// Tagging Specification, so that backups can leave it out too.
const CacheTag = "CACHEDIR.TAG"

const cacheSignature = `Signature: 8a477f597d28d172789f06886806bc55
# What is here can be made again. It is removed a while after its block is gone
# from the configuration.
`

// MarkCache makes a directory for what can be made again: an instance's private
// directory, or one that lies in that itself. It is removed when the block has
// not been part of the configuration for 30 days since; all else that an instance
// keeps stays for ever. Instances call it whenever they use the directory.
func MarkCache(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tag := filepath.Join(dir, CacheTag)
	if info, err := os.Stat(tag); err == nil && time.Since(info.ModTime()) < 24*time.Hour {
		return nil
	}
	if err := os.WriteFile(tag, []byte(cacheSignature), 0o600); err != nil {
		return fmt.Errorf("mark a directory as a cache: %w", err)
	}
	return nil
}
