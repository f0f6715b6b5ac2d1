package plugin

import "os"

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
