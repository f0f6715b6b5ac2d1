package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/reference"
)

func runSchema(ctx context.Context, e env) int {
	if err := e.schema(ctx); err != nil {
		e.Error(err)
		return exitError
	}
	return exitOK
}

func (e env) schema(ctx context.Context) error {
	r, err := Reference(ctx)
	if err != nil {
		return err
	}
	verb, name := e.flags.Args().Get(0), e.flags.Args().Get(1)
	switch {
	case verb == "":
		return e.wholeSchema(r)
	case verb != "show":
		return fmt.Errorf("there is no \"driftless schema %s\".%s Write driftless schema show NAME, or leave the argument out for all in JSON", verb, lang.Suggest(verb, []string{"show"}))
	case e.flags.IsSet("format"):
		return errors.New("-format is for the whole schema; leave out show, or -format")
	case name == "" && e.IsJSON():
		return e.writeJSON(r)
	case name == "":
		e.Topics(r)
		return nil
	}
	return e.showTopic(r, name)
}

// wholeSchema writes all there is, for a program.
func (e env) wholeSchema(r *reference.Reference) error {
	switch format := e.flags.String("format"); format {
	case "json":
		return e.writeJSON(r)
	case "jsonschema":
		return e.writeJSON(r.JSONSchema())
	default:
		return fmt.Errorf("there is no format %q; use json or jsonschema", format)
	}
}

func (e env) showTopic(r *reference.Reference, name string) error {
	topic, ok := r.Topic(name)
	if !ok {
		return fmt.Errorf("there is nothing named %q.%s All names: driftless schema show", name, r.Suggest(name))
	}
	if e.IsJSON() {
		return e.writeJSON(topic)
	}
	e.Topic(r, topic)
	return nil
}

// writeJSON writes one document to the standard output.
func (e env) writeJSON(document any) error {
	out, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	e.Print("%s\n", out)
	return nil
}
