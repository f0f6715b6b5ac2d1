package command

import (
	"testing"

	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestSchemaFitsTheStruct(t *testing.T) {
	if err := schema.Check(commandSchema(), config{}); err != nil {
		t.Error(err)
	}
}
