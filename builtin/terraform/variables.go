package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// varFile is the path of one of the var files.
func (s stack) varFile(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.dir, name)
}

// giveVariables hands the variables over in files: what is in the arguments of
// a process can be seen by everyone. Terraform takes the last value of a name.
func (r *run) giveVariables() error {
	for _, name := range r.stack.varFiles {
		file := r.stack.varFile(name)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the file %s of var_files does not exist: the paths are those from the directory of the stack", name)
		}
		r.varFiles = append(r.varFiles, file)
	}
	values := maps.Clone(r.stack.variables)
	for name, value := range r.stack.secrets {
		values[name] = cty.StringVal(value)
	}
	if len(values) == 0 {
		return nil
	}
	v := cty.ObjectVal(values)
	data, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return fmt.Errorf("write the variables of the stack: %w", err)
	}
	file := filepath.Join(r.dirs.temp, "variables.tfvars.json")
	r.varFiles = append(r.varFiles, file)
	return os.WriteFile(file, data, 0o600)
}

// varArgs are the arguments that hand the variables over.
func (r *run) varArgs() []string {
	args := make([]string, len(r.varFiles))
	for i, file := range r.varFiles {
		args[i] = "-var-file=" + file
	}
	return args
}

// giveBackendConfig returns the arguments that hand over the settings of the
// backend, in a file as well.
func (r *run) giveBackendConfig() ([]string, error) {
	if len(r.stack.backend) == 0 {
		return nil, nil
	}
	settings := hclwrite.NewEmptyFile()
	for _, name := range slices.Sorted(maps.Keys(r.stack.backend)) {
		settings.Body().SetAttributeValue(name, cty.StringVal(r.stack.backend[name]))
	}
	file := filepath.Join(r.dirs.temp, "settings.tfbackend")
	return []string{"-backend-config=" + file}, os.WriteFile(file, settings.Bytes(), 0o600)
}
