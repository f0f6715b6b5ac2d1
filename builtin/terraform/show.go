package terraform

import (
	"context"
	"fmt"
	"io"
	"sync"

	tfjson "github.com/hashicorp/terraform-json"
)

// maxPlan bounds a plan as data, in bytes.
const maxPlan = 512 << 20

// show reads the plan as data. It starts the providers once more, for their
// schemas, so it is only called where there is something to show.
func (r *run) show(ctx context.Context) (*tfjson.Plan, error) {
	output, input := io.Pipe()
	var plan *tfjson.Plan
	var unreadable error
	var reading sync.WaitGroup
	reading.Go(func() {
		limited := &io.LimitedReader{R: output, N: maxPlan}
		plan, unreadable = readPlan(limited)
		if limited.N == 0 {
			unreadable = fmt.Errorf("it is larger than %d MiB: divide the stack", maxPlan>>20)
		}
		// The command must not wait for someone who reads the rest. The pipe
		// has no errors of its own.
		_, _ = io.Copy(io.Discard, output)
	})
	_, err := r.command(ctx, phaseShow, r.limits.Show, input, r.workspaceEnv(), "show", "-json", "-no-color", r.planFile())
	_ = input.Close() // never fails
	reading.Wait()
	if err == nil && unreadable != nil {
		err = fmt.Errorf("read the plan that the command wrote: %w", unreadable)
	}
	return plan, err
}

// workspaceEnv chooses the workspace of the stack.
func (r *run) workspaceEnv() []string {
	if r.stack.workspace == defaultWorkspace {
		return nil
	}
	return []string{"TF_WORKSPACE=" + r.stack.workspace}
}
