package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// Validate reports what is not sound about a schema: names that can't be
// written, what has no documentation, and what contradicts itself. The names
// that the core keeps to itself, such as depends_on, are refused where a
// provider is loaded.
func (b *Block) Validate() error { return b.validate(level{}) }

// level says where in a type a block is.
type level struct {
	nested   bool
	repeated bool // within a list or a map of blocks, which all have one type
}

func (b *Block) validate(at level) error {
	seen := make(map[string]bool)
	for i := range b.Attributes {
		a := &b.Attributes[i]
		if err := validateName(a.Name, seen); err != nil {
			return err
		}
		if err := a.validate(at); err != nil {
			return fmt.Errorf("the attribute %q %w", a.Name, err)
		}
	}
	for i := range b.Blocks {
		n := &b.Blocks[i]
		if err := validateName(n.Name, seen); err != nil {
			return err
		}
		if n.Nesting == Map && n.Label == "" {
			return fmt.Errorf("the block %q has labels and doesn't say what they mean", n.Name)
		}
		inner := level{nested: true, repeated: at.repeated || n.Nesting != Single}
		if err := n.Block.validate(inner); err != nil {
			return fmt.Errorf("in the block %q: %w", n.Name, err)
		}
	}
	return nil
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func validateName(name string, seen map[string]bool) error {
	switch {
	case !identifier.MatchString(name):
		return fmt.Errorf("the name %q is not an identifier", name)
	case seen[name]:
		return fmt.Errorf("the name %q is there twice", name)
	}
	seen[name] = true
	return nil
}

func (a *Attribute) validate(at level) error {
	hasDefault := a.Default != cty.NilVal
	switch {
	case a.Doc == "":
		return errors.New("has no documentation")
	case a.Type == cty.NilType:
		return errors.New("has no type")
	case a.Required && (a.Computed || hasDefault), a.Computed && hasDefault:
		return errors.New("is more than one of required, computed and with a default")
	case a.Computed && at.nested:
		return errors.New("is computed, which only those of the block itself can be")
	case a.Type.HasDynamicTypes() && at.repeated:
		return errors.New("can have any type, which those of a repeated block can't")
	case hasDefault && !a.Default.Type().Equals(a.Type):
		return fmt.Errorf("has a default of the type %s", a.Default.Type().FriendlyName())
	case (a.Format != "" || len(a.Enum) > 0 || a.Claim != "") && !holdsStrings(a.Type):
		return errors.New("has a format, choices or a claim, which only strings can have")
	case a.Format != "" && !slices.Contains(formats(), a.Format):
		return fmt.Errorf("has the unknown format %q", a.Format)
	case a.Claim != "" && a.Claim != Owns && a.Claim != Edits:
		return fmt.Errorf("has the unknown claim %q", a.Claim)
	case !hasDefault || a.Default.IsNull():
		return nil
	}
	return a.validateDefault()
}

func formats() []Format {
	return []Format{Duration, Size, Mode, AbsolutePath, Regexp, Glob, URL, Schedule}
}

func holdsStrings(t cty.Type) bool {
	return t == cty.String || t.IsCollectionType() && t.ElementType() == cty.String
}

// validateDefault refuses a default that a user could not write.
func (a *Attribute) validateDefault() error {
	texts := []cty.Value{a.Default}
	if a.Type.IsCollectionType() {
		texts = a.Default.AsValueSlice()
	}
	if !holdsStrings(a.Type) {
		return nil
	}
	for _, text := range texts {
		if text.IsNull() {
			continue
		}
		if len(a.Enum) > 0 && !slices.Contains(a.Enum, text.AsString()) {
			return fmt.Errorf("has a default that is none of its choices: %q", text.AsString())
		}
		if err := a.Format.validate(text.AsString()); err != nil {
			return fmt.Errorf("has a default that has not its format: %w", err)
		}
	}
	return nil
}

// validate checks a text against the formats that this package can read.
func (f Format) validate(text string) error {
	var err error
	switch f {
	case Duration:
		_, err = ParseDuration(text)
	case Size:
		_, err = ParseSize(text)
	case Mode:
		_, err = ParseMode(text)
	case Regexp:
		_, err = regexp.Compile(text)
	}
	return err
}
