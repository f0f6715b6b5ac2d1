package terraform

import (
	"bytes"
	"context"
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
)

// maxPlan bounds a plan as data, in bytes.
const maxPlan = 512 << 20

// show reads the plan as data. It starts the providers once more, for their
// schemas, so it is only called where there is something to show.
func (r *run) show(ctx context.Context) (*tfjson.Plan, error) {
	var out bounded
	if _, err := r.command(ctx, phaseShow, r.limits.Show, &out, r.workspaceEnv(), "show", "-json", "-no-color", r.planFile()); err != nil {
		return nil, err
	}
	if out.over {
		return nil, fmt.Errorf("the plan is larger than %d MiB as data: divide the stack", maxPlan>>20)
	}
	var plan tfjson.Plan
	plan.UseJSONNumber(true)
	if err := plan.UnmarshalJSON(out.Bytes()); err != nil {
		return nil, fmt.Errorf("read the plan that the command wrote: %w", err)
	}
	return &plan, nil
}

// bounded keeps what is written to it, unless that is too much.
type bounded struct {
	bytes.Buffer
	over bool
}

// Write never fails, so that the command isn't ended for it.
func (b *bounded) Write(p []byte) (int, error) {
	if b.over = b.over || b.Len()+len(p) > maxPlan; !b.over {
		return b.Buffer.Write(p)
	}
	return len(p), nil
}

// workspaceEnv chooses the workspace of the stack.
func (r *run) workspaceEnv() []string {
	if r.stack.workspace == defaultWorkspace {
		return nil
	}
	return []string{"TF_WORKSPACE=" + r.stack.workspace}
}
