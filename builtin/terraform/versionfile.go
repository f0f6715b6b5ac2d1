package terraform

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// exactVersion is what the files that the version managers of terraform read
// mostly hold. They know other words, which ask for no certain version.
var exactVersion = regexp.MustCompile(`^v?\d+\.\d+\.\d+[-.0-9A-Za-z]*$`)

// explain adds to why a stack could not be checked that its code asks for another
// version of the command. That alone is no error: what such a file says is for
// those who work on the code.
func (r *run) explain(out *stream, err error) error {
	var said reported
	if out.engine.version == "" || !errors.As(err, &said) || said.problem.kind != failedConfig {
		return err
	}
	name, want := r.wantedVersion(out.engine.name)
	if want == "" || want == out.engine.version {
		return err
	}
	said.problem.detail = fmt.Sprintf("%s\n\nThe code asks for version %s in %s, and was planned with %s %s: set binary, of the task or in an override, to the path of the other.",
		said.problem.detail, want, name, out.engine.name, out.engine.version)
	return err
}

// wantedVersion returns the exact version that a file asks for, beside the code
// or the next above it up to the root, and the name of such a file.
func (r *run) wantedVersion(engine string) (name, version string) {
	name = ".terraform-version"
	if engine == openTofu {
		name = ".opentofu-version"
	}
	for dir, rel := r.stack.dir, r.stack.path; ; dir, rel = filepath.Dir(dir), path.Dir(rel) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		switch version = strings.TrimSpace(string(text)); {
		case err == nil && exactVersion.MatchString(version):
			return name, strings.TrimPrefix(version, "v")
		case err == nil, rel == ".":
			return name, ""
		}
	}
}
