package process

import (
	"bufio"
	"fmt"
	"os/exec"
	"testing"
)

func TestMemoryIsThatOfAllDescendants(t *testing.T) {
	t.Parallel()
	// The shell and what it starts read from the same pipe, and so end with it.
	cmd := exec.Command("sh", "-c", "(cat; true) <&0 & echo started; cat; wait")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	alone, withChildren := heldBy(pid, 0), heldBy(pid, maxGenerations)
	children := childrenOf(pid)
	var sum int64
	for _, child := range children {
		sum += heldBy(child, maxGenerations)
	}
	if alone < 100<<10 || len(children) == 0 || withChildren < alone+100<<10 || sum < 100<<10 {
		t.Errorf("the shell holds %d bytes, its children %v hold %d, and all %d", alone, children, sum, withChildren)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := heldBy(pid, maxGenerations); got != 0 {
		t.Errorf("a process that has ended holds %d bytes", got)
	}
}

func TestMemoryIsMeasuredWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, asked := range []bool{true, false} {
		t.Run(fmt.Sprint(asked), func(t *testing.T) {
			t.Parallel()
			longer := fmt.Sprint(memoryInterval.Seconds() + 0.5)
			result, err := Run(t.Context(), Spec{Args: []string{"sleep", longer}, MeasureMemory: asked})
			if err != nil || (result.Memory > 0) != asked {
				t.Errorf("it is %d bytes, error %v", result.Memory, err)
			}
		})
	}
}
