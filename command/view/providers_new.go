package view

// NewProvider is a provider whose project was just written.
type NewProvider struct {
	Name       string   `json:"name"`
	Dir        string   `json:"dir"`
	Module     string   `json:"module"`
	Files      []string `json:"files"` // in the directory
	Executable string   `json:"executable"`
}

// NewProvider shows what was written, and what to do next.
func (v *View) NewProvider(p NewProvider) {
	if v.json {
		v.document(struct {
			FormatVersion string `json:"format_version"`
			NewProvider
		}{FormatVersion, p})
		return
	}
	v.Print("The provider %s was written to %s:\n\n", v.out.paint(bold, p.Name), p.Dir)
	for _, name := range p.Files {
		v.Print("  %s\n", name)
	}
	v.Print("\nNext, have its tests run, and build and install it:\n\n"+
		"  cd %s\n  go mod tidy\n  go test ./...\n  go build -o %[2]s .\n  driftless providers install %[2]s\n\n"+
		"Then change task.go and collector.go. README.md shows a configuration.\n", p.Dir, p.Executable)
}
