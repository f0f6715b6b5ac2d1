package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Module is the use of another directory's configuration under a name.
type Module struct {
	Name string
	// Config is what the directory holds. Modules of the same directory share
	// it.
	Config *Config
	// Args are the values of its variables, by their names.
	Args  map[string]*hcl.Attribute
	Range hcl.Range // the header of the block

	// The meta-arguments. An expression is nil where it isn't written.
	ForEach   hcl.Expression
	When      hcl.Expression
	DependsOn []Reference
	Tags      *hcl.Attribute // that all blocks of the module have too; nil where it isn't written

	source *hcl.Attribute
}

var moduleSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "source", Required: true}, {Name: "for_each"}, {Name: "depends_on"}, {Name: "when"}, {Name: "tags"},
}}

// decodeModule reads a module block. The directory is read later.
func (c *Config) decodeModule(b *hcl.Block) hcl.Diagnostics {
	m := &Module{Name: b.Labels[0], Range: b.DefRange}
	diags := checkName(b, 0)
	if first, exists := c.Modules[m.Name]; exists {
		return append(diags, duplicate(b.DefRange, "module."+m.Name, first.Range)...)
	}
	content, rest, contentDiags := b.Body.PartialContent(moduleSchema)
	diags = append(diags, contentDiags...)
	args, argDiags := rest.JustAttributes()
	m.Args, diags = args, append(diags, argDiags...)
	for name, attr := range content.Attributes {
		switch name {
		case "source":
			m.source = attr
			c.Modules[m.Name] = m
		case "for_each":
			m.ForEach = attr.Expr
		case "when":
			m.When = attr.Expr
		case "depends_on":
			refs, refDiags := References(attr.Expr)
			m.DependsOn, diags = refs, append(diags, refDiags...)
		case "tags":
			m.Tags = attr
		}
	}
	return diags
}

// tree reads a configuration and its modules, each directory once.
type tree struct {
	root *Config
	dirs map[string]*Config // by the real path
}

// modules loads the modules that c calls. The directories that lead to c are
// those that a module of it can't be in.
func (t *tree) modules(c *Config, above []string) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(c.Modules)) {
		m := c.Modules[name]
		child, childDiags := t.module(c, m, above)
		diags = append(diags, childDiags...)
		if m.Config = child; child == nil {
			delete(c.Modules, name)
			t.root.Incomplete = true
		}
	}
	return diags
}

// module returns the configuration in the directory of a module, nil where
// there is none.
func (t *tree) module(c *Config, m *Module, above []string) (*Config, hcl.Diagnostics) {
	path, diags := c.modulePath(m.source.Expr)
	if diags.HasErrors() {
		return nil, diags
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	var info os.FileInfo
	if err == nil {
		info, err = os.Stat(real)
	}
	switch {
	case err != nil || !info.IsDir():
		return nil, diagError(m.source.Expr.Range(), "Module not found", "There is no directory %s. The source of a module is given as seen from the directory of the file that it is in.", path)
	case slices.Contains(above, real):
		return nil, diagError(m.source.Expr.Range(), "Module in itself", "%s is the directory that this module is a part of, so that there would be no end of modules.", path)
	}
	if known, ok := t.dirs[real]; ok {
		return known, nil
	}
	child := newConfig(t.root.Files)
	child.isModule = true
	t.dirs[real] = child
	diags = child.load(path)
	t.root.Incomplete = t.root.Incomplete || child.Incomplete
	diags = append(diags, child.rootOnly()...)
	diags = append(diags, child.checkVariableNames()...)
	return child, append(diags, t.modules(child, append(slices.Clip(above), real))...)
}

// modulePath returns the directory that the source of a module names.
func (c *Config) modulePath(expr hcl.Expression) (string, hcl.Diagnostics) {
	var source string
	if diags := decodeLiteralExpr(expr, &source); diags.HasErrors() {
		return "", diags
	}
	switch {
	case filepath.IsAbs(source):
		return source, nil
	case source == "." || source == ".." || strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../"):
		return filepath.Join(c.path, source), nil
	}
	return "", diagError(expr.Range(), "Unsupported module source", "%q is not the path of a directory. Begin it with ./ or ../, as in \"./modules/web\".", source)
}

// rootOnly reports blocks that are about the process as a whole.
func (c *Config) rootOnly() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if c.Agent != nil {
		diags = append(diags, diagError(c.Agent.Range, "Not in a module", "The settings of the agent belong into the configuration that uses the module.")...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Providers)) {
		diags = append(diags, diagError(c.Providers[name].Range, "Not in a module", "The settings of a provider belong into the configuration that uses the module.")...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Required)) {
		diags = append(diags, diagError(c.Required[name].Range, "Not in a module", "What providers are required belongs into the configuration that uses the module.")...)
	}
	c.Agent, c.Providers, c.Required = nil, nil, nil
	return diags
}

// checkVariableNames reports variables of a module that no block could set,
// because the block itself has an argument of that name.
func (c *Config) checkVariableNames() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, argument := range moduleSchema.Attributes {
		if v, ok := c.Variables[argument.Name]; ok {
			diags = append(diags, diagError(v.Range, "Reserved variable name", "%q is an argument of module blocks, so the one that uses this module can't set a variable of that name. Choose another name.", v.Name)...)
		}
	}
	return diags
}
