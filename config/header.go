package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Headers returns the blocks that may stand at the top level of a file, with
// the meaning of their labels.
func Headers() []hcl.BlockHeaderSchema { return slices.Clone(rootSchema.Blocks) }
