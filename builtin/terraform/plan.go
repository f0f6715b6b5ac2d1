package terraform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	tfjson "github.com/hashicorp/terraform-json"
)

// readPlan reads a plan as data, piece by piece: it may be hundreds of
// megabytes, of which most is of resources that nothing happens to. What will
// be planned values is left out, and so are the values of such resources, unless
// something in them is sensitive.
func readPlan(from io.Reader) (*tfjson.Plan, error) {
	decoder := json.NewDecoder(from)
	decoder.UseNumber()
	if err := expect(decoder, json.Delim('{')); err != nil {
		return nil, err
	}
	var plan tfjson.Plan
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		if err := readMember(decoder, &plan, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := expect(decoder, json.Delim('}')); err != nil {
		return nil, err
	}
	return &plan, plan.Validate()
}

func readMember(decoder *json.Decoder, plan *tfjson.Plan, name json.Token) (err error) {
	switch name {
	case "format_version":
		return decoder.Decode(&plan.FormatVersion)
	case "complete":
		return decoder.Decode(&plan.Complete)
	case "variables":
		return decoder.Decode(&plan.Variables)
	case "output_changes":
		return decoder.Decode(&plan.OutputChanges)
	case "configuration":
		return decoder.Decode(&plan.Config)
	case "resource_drift":
		plan.ResourceDrift, err = readChanges(decoder)
		return err
	case "resource_changes":
		plan.ResourceChanges, err = readChanges(decoder)
		return err
	case "prior_state":
		// Its own type would read numbers as those of a machine.
		var state struct{ Values *tfjson.StateValues }
		err := decoder.Decode(&state)
		plan.PriorState = &tfjson.State{Values: state.Values}
		return err
	}
	return skip(decoder)
}

func readChanges(decoder *json.Decoder) ([]*tfjson.ResourceChange, error) {
	start, err := decoder.Token()
	if err != nil || start == nil { // null
		return nil, err
	}
	if start != json.Delim('[') {
		return nil, errors.New("it is no list")
	}
	var changes []*tfjson.ResourceChange
	for decoder.More() {
		var resource tfjson.ResourceChange
		if err := decoder.Decode(&resource); err != nil {
			return nil, err
		}
		if c := resource.Change; c != nil && c.Actions.NoOp() && !holdsTrue(c.BeforeSensitive) && !holdsTrue(c.AfterSensitive) {
			c.Before, c.After = nil, nil
		}
		changes = append(changes, &resource)
	}
	return changes, expect(decoder, json.Delim(']'))
}

// skip passes over a value without keeping it.
func skip(decoder *json.Decoder) error {
	for depth := 0; ; {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func expect(decoder *json.Decoder, want json.Delim) error {
	token, err := decoder.Token()
	if err == nil && token != want {
		err = fmt.Errorf("there is %v where %v must be", token, want)
	}
	return err
}
