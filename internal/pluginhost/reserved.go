package pluginhost

import (
	"fmt"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
)

// checkReserved refuses settings of a provider whose names belong to the core.
func checkReserved(m plugin.Manifest) error {
	if m.Config == nil {
		return nil
	}
	for _, reserved := range eval.ProcessSchema.Attributes {
		for _, a := range m.Config.Attributes {
			if a.Name == reserved.Name {
				return fmt.Errorf("it has a setting %q, a name that belongs to driftless", a.Name)
			}
		}
	}
	return nil
}
