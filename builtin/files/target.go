package files

import (
	"fmt"
	"os"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// defaultMode is what a new file gets where no mode is declared, whatever the
// umask.
const defaultMode = 0o644

// target is what every task of one file declares beside the file's content.
type target struct {
	access
	Path     string   `schema:"path"`
	Backup   bool     `schema:"backup"`
	Validate []string `schema:"validate"`
}

func decodeTarget(cfg cty.Value) (target, error) {
	var t target
	if err := schema.Decode(cfg, &t.access); err != nil {
		return t, err
	}
	err := schema.Decode(cfg, &t)
	return t, err
}

// targetAttributes describes [target]. With the attributes of content that a
// type adds they make its schema.
func targetAttributes(claim schema.Claim) []schema.Attribute {
	return append([]schema.Attribute{
		{Name: "path", Type: cty.String, Required: true, Format: schema.AbsolutePath, Claim: claim,
			Doc: "The file to manage. A symbolic link at the path itself is not followed."},
		{Name: "backup", Type: cty.Bool, Default: cty.False,
			Doc: "Keep the previous content in the data directory before it is replaced or removed."},
		{Name: "validate", Type: cty.List(cty.String),
			Doc: "A command, as a list of arguments, that must accept the new file before it takes the old one's place. `{{path}}` in an argument stands for the new file."},
		{Name: "checksum", Type: cty.String, Computed: true,
			Doc: "The SHA-256 of the content, as `sha256:` and 64 hexadecimal digits; null where there is no file, or one of more than 16 MiB whose content isn't managed."},
		{Name: "size", Type: cty.Number, Computed: true, Doc: "The size of the content in bytes."},
	}, accessAttributes()...)
}

func stateAttribute(doc string) schema.Attribute {
	return schema.Attribute{Name: "state", Type: cty.String, Default: cty.StringVal(present), Enum: []string{present, absent}, Doc: doc}
}

// The values of state.
const (
	present = "present"
	absent  = "absent"
)

// commands are the validation commands as the host keeps them.
func (t *target) commands() [][]string {
	if len(t.Validate) == 0 {
		return nil
	}
	return [][]string{t.Validate}
}

// newFile is what a file is before anything is declared of it: the process's
// own, but for a directory that hands its group on.
func newFile(host plugin.Host, dir string) plugin.File {
	file := plugin.File{Mode: defaultMode, UID: os.Geteuid(), GID: os.Getegid()}
	if above, err := host.Lstat(dir); err == nil && above.Mode&0o2000 != 0 {
		file.GID = above.GID
	}
	return file
}

// validateTarget checks what the schema can't say of a target. Values may be
// unknown.
func validateTarget(cfg cty.Value) plugin.Diagnostics {
	diags := validatePath(cfg)
	argv, ok := knownStrings(cfg.GetAttr("validate"))
	if !ok {
		return diags
	}
	if len(argv) == 0 || argv[0] == "" {
		return append(diags, plugin.Error(plugin.Attr("validate"), "Empty command", "The command to validate with has no name. Write it as a list: validate = [\"visudo\", \"-cf\", \"{{path}}\"].")...)
	}
	if !strings.Contains(strings.Join(argv, "\x00"), atomicfile.PathPlaceholder) {
		diags = append(diags, plugin.Error(plugin.Attr("validate"), "Command without the file", "No argument of the command holds {{path}}, so it would not look at the new file. Put {{path}} where the file's path belongs.")...)
	}
	return diags
}

// validatePath refuses a path that names no entry of a directory.
func validatePath(cfg cty.Value) plugin.Diagnostics {
	path, ok := knownString(cfg.GetAttr("path"))
	if !ok {
		return nil
	}
	switch _, name := splitPath(path); name {
	case "", ".", "..":
		return plugin.Error(plugin.Attr("path"), "Invalid path", "%q doesn't end in the name of a file or directory.", path)
	}
	return nil
}

// splitPath cuts a path before its last component, without cleaning it: behind
// a symbolic link ".." leads elsewhere than it seems to.
func splitPath(path string) (dir, name string) {
	slash := strings.LastIndexByte(path, '/')
	return path[:max(slash, 1)], path[slash+1:]
}

// knownString returns a string that is neither unknown nor null.
func knownString(v cty.Value) (string, bool) {
	if !v.IsKnown() || v.IsNull() {
		return "", false
	}
	return v.AsString(), true
}

func knownStrings(v cty.Value) ([]string, bool) {
	if !v.IsWhollyKnown() || v.IsNull() {
		return nil, false
	}
	var out []string
	for _, element := range v.AsValueSlice() {
		if element.IsNull() {
			return nil, false
		}
		out = append(out, element.AsString())
	}
	return out, true
}

// isSet reports whether v has a value. It is not known of an unknown one.
func isSet(v cty.Value) bool { return v.IsKnown() && !v.IsNull() }

// sentence begins an error's text with a capital letter, unless it begins
// with something that is spelt otherwise.
func sentence(err error) string {
	text := err.Error()
	if len(text) > 1 && 'a' <= text[0] && text[0] <= 'z' && text[1] != '/' {
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return text
}

func quoteList(items []string, most int) string {
	shown := items[:min(len(items), most)]
	text := strings.Join(shown, ", ")
	if more := len(items) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
