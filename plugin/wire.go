package plugin

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func packManifest(m Manifest) (*protocol.ManifestResponse, error) {
	config, err := protocol.PackSchema(m.Config)
	if err != nil {
		return nil, err
	}
	out := &protocol.ManifestResponse{Name: m.Name, Version: m.Version, Doc: m.Doc, Config: config}
	for _, t := range m.Types {
		block, err := protocol.PackSchema(t.Schema)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Ref, err)
		}
		out.Types = append(out.Types, &protocol.Type{
			Kind: string(t.Ref.Kind), Name: t.Ref.Name, Schema: block, Emits: t.Emits, DetectOnly: t.DetectOnly, EnforcedBy: t.EnforcedBy,
		})
	}
	for _, f := range m.Functions {
		packed, err := packFunction(f)
		if err != nil {
			return nil, fmt.Errorf("function %s: %w", f.Name, err)
		}
		out.Functions = append(out.Functions, packed)
	}
	return out, nil
}

func unpackManifest(packed *protocol.ManifestResponse) (Manifest, error) {
	config, err := protocol.UnpackSchema(packed.GetConfig())
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Name: packed.GetName(), Version: packed.GetVersion(), Doc: packed.GetDoc(), Config: config}
	for _, t := range packed.GetTypes() {
		ref := TypeRef{Kind(t.GetKind()), t.GetName()}
		block, err := protocol.UnpackSchema(t.GetSchema())
		if err != nil {
			return Manifest{}, fmt.Errorf("%s: %w", ref, err)
		}
		m.Types = append(m.Types, Type{Ref: ref, Schema: block, Emits: t.GetEmits(), DetectOnly: t.GetDetectOnly(), EnforcedBy: t.GetEnforcedBy()})
	}
	for _, packed := range packed.GetFunctions() {
		f, err := unpackFunction(packed)
		if err != nil {
			return Manifest{}, fmt.Errorf("function %s: %w", packed.GetName(), err)
		}
		m.Functions = append(m.Functions, f)
	}
	return m, nil
}

func packFunction(f Function) (*protocol.Function, error) {
	result, err := protocol.PackType(f.Result)
	if err != nil {
		return nil, err
	}
	out := &protocol.Function{Name: f.Name, Doc: f.Doc, Result: result}
	for i := range f.Parameters {
		p, err := packParameter(&f.Parameters[i])
		if err != nil {
			return nil, err
		}
		out.Parameters = append(out.Parameters, p)
	}
	if f.Variadic != nil {
		out.Variadic, err = packParameter(f.Variadic)
	}
	return out, err
}

func packParameter(p *Parameter) (*protocol.Parameter, error) {
	t, err := protocol.PackType(p.Type)
	return &protocol.Parameter{Name: p.Name, Doc: p.Doc, Type: t, AllowNull: p.AllowNull}, err
}

func unpackFunction(packed *protocol.Function) (Function, error) {
	result, err := protocol.UnpackType(packed.GetResult())
	if err != nil {
		return Function{}, err
	}
	f := Function{Name: packed.GetName(), Doc: packed.GetDoc(), Result: result}
	for _, p := range packed.GetParameters() {
		parameter, err := unpackParameter(p)
		if err != nil {
			return Function{}, err
		}
		f.Parameters = append(f.Parameters, parameter)
	}
	if packed.GetVariadic() != nil {
		parameter, err := unpackParameter(packed.GetVariadic())
		if err != nil {
			return Function{}, err
		}
		f.Variadic = &parameter
	}
	return f, nil
}

func unpackParameter(p *protocol.Parameter) (Parameter, error) {
	t, err := protocol.UnpackType(p.GetType())
	return Parameter{Name: p.GetName(), Doc: p.GetDoc(), Type: t, AllowNull: p.GetAllowNull()}, err
}

func packDiagnostics(diags Diagnostics) []*protocol.Diagnostic {
	out := make([]*protocol.Diagnostic, len(diags))
	for i, d := range diags {
		out[i] = &protocol.Diagnostic{Severity: string(d.Severity), Summary: protocol.ValidText(d.Summary), Detail: protocol.ValidText(d.Detail), Path: protocol.PackPath(d.Path)}
	}
	return out
}

// unpackDiagnostics takes what isn't known to be a warning for an error.
func unpackDiagnostics(packed []*protocol.Diagnostic) Diagnostics {
	var diags Diagnostics
	for _, d := range packed {
		severity := SeverityError
		if d.GetSeverity() == string(SeverityWarning) {
			severity = SeverityWarning
		}
		diags = append(diags, Diagnostic{severity, d.GetSummary(), d.GetDetail(), protocol.UnpackPath(d.GetPath())})
	}
	return diags
}

func packChange(c Change, b *schema.Block) (*protocol.Change, error) {
	out := &protocol.Change{
		Action: string(c.Action), Fidelity: string(c.Fidelity), Payload: c.Payload,
		Reasons: protocol.ValidTexts(c.Reasons), Warnings: protocol.ValidTexts(c.Warnings),
		ReportOnly: c.ReportOnly,
	}
	var err error
	if out.Before, err = packOptional(c.Before, b); err != nil {
		return nil, err
	}
	if out.After, err = protocol.PackBlock(b, c.After); err != nil {
		return nil, err
	}
	if c.Text != nil {
		out.Text = &protocol.Text{
			Attribute: c.Text.Attribute, Path: []byte(c.Text.Path), Before: c.Text.Before, After: c.Text.After, Unknown: c.Text.Unknown,
			HasBefore: c.Text.Before != nil, HasAfter: c.Text.After != nil,
		}
	}
	out.Findings, err = packFindings(c.Findings)
	return out, err
}

// unpackChange reads a change of a task with a configuration, whose expressions
// its values hold too.
func unpackChange(packed *protocol.Change, b *schema.Block, config cty.Value) (Change, error) {
	if err := checkAction(Action(packed.GetAction())); err != nil {
		return Change{}, err
	}
	c := Change{
		Action: Action(packed.GetAction()), Fidelity: Fidelity(packed.GetFidelity()),
		Reasons: packed.GetReasons(), Warnings: packed.GetWarnings(), Payload: packed.GetPayload(),
		ReportOnly: packed.GetReportOnly(),
	}
	var err error
	if c.Before, err = unpackOptional(packed.GetBefore(), b, config); err != nil {
		return Change{}, err
	}
	if c.After, err = protocol.UnpackBlock(b, packed.GetAfter(), config); err != nil {
		return Change{}, err
	}
	if text := packed.GetText(); text != nil {
		c.Text = &Text{
			Attribute: text.GetAttribute(), Path: string(text.GetPath()), Unknown: text.GetUnknown(),
			Before: present(text.GetBefore(), text.GetHasBefore()), After: present(text.GetAfter(), text.GetHasAfter()),
		}
	}
	c.Findings, err = unpackFindings(packed.GetFindings())
	return c, err
}

func checkAction(a Action) error {
	switch a {
	case NoOp, Create, Update, Replace, Delete, Run:
		return nil
	}
	return fmt.Errorf("a change has the unknown action %q", a)
}

// packOptional packs a value, or nothing for none.
func packOptional(v cty.Value, b *schema.Block) ([]byte, error) {
	if v == cty.NilVal {
		return nil, nil
	}
	return protocol.PackBlock(b, v)
}

func unpackOptional(packed []byte, b *schema.Block, config cty.Value) (cty.Value, error) {
	if len(packed) == 0 {
		return cty.NilVal, nil
	}
	return protocol.UnpackBlock(b, packed, config)
}

// present tells empty bytes from none: the wire makes one of the other.
func present(p []byte, is bool) []byte {
	if is && p == nil {
		return []byte{}
	}
	return p
}

func packFindings(findings []Finding) ([]*protocol.Finding, error) {
	var out []*protocol.Finding
	for _, f := range findings {
		packed, err := packFinding(f)
		if err != nil {
			return nil, err
		}
		out = append(out, packed)
	}
	return out, nil
}

func unpackFindings(packed []*protocol.Finding) ([]Finding, error) {
	var findings []Finding
	for _, one := range packed {
		f, err := unpackFinding(one)
		if err != nil {
			return nil, err
		}
		findings = append(findings, f)
	}
	return findings, nil
}

func packFinding(f Finding) (*protocol.Finding, error) {
	out := &protocol.Finding{Name: protocol.ValidText(f.Name), Verdict: protocol.ValidText(f.Verdict), Summary: protocol.ValidText(f.Summary)}
	for _, e := range f.Detail {
		entry := &protocol.Entry{Name: protocol.ValidText(e.Name), Class: protocol.ValidText(e.Class), Action: string(e.Action)}
		for _, d := range e.Attributes {
			entry.Attributes = append(entry.Attributes, &protocol.Differ{
				Path: protocol.ValidText(d.Path), Before: protocol.ValidText(d.Before), After: protocol.ValidText(d.After),
			})
		}
		out.Detail = append(out.Detail, entry)
	}
	if f.Value == cty.NilVal {
		return out, nil
	}
	var err error
	out.Value, out.ValueType, err = protocol.PackTyped(f.Value)
	return out, err
}

func unpackFinding(packed *protocol.Finding) (Finding, error) {
	f := Finding{Name: packed.GetName(), Verdict: packed.GetVerdict(), Summary: packed.GetSummary()}
	for _, e := range packed.GetDetail() {
		entry := Entry{Name: e.GetName(), Class: e.GetClass(), Action: Action(e.GetAction())}
		for _, d := range e.GetAttributes() {
			entry.Attributes = append(entry.Attributes, Differ{d.GetPath(), d.GetBefore(), d.GetAfter()})
		}
		f.Detail = append(f.Detail, entry)
	}
	if len(packed.GetValue()) == 0 {
		return f, nil
	}
	var err error
	f.Value, err = protocol.UnpackTyped(packed.GetValue(), packed.GetValueType())
	return f, err
}
