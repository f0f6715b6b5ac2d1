package atomicfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// PathPlaceholder stands for the file in the arguments of a validation command.
const PathPlaceholder = "{{path}}"

const (
	validateTimeout = 30 * time.Second
	// maxOutput is how much of a command's output an error quotes.
	maxOutput = 4 << 10
	// fallbackPath is where commands are looked for when the process was
	// started without a PATH.
	fallbackPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

func runValidators(ctx context.Context, commands [][]string, path string) error {
	for _, argv := range commands {
		if err := runValidator(ctx, argv, path); err != nil {
			return err
		}
	}
	return nil
}

func runValidator(ctx context.Context, argv []string, path string) error {
	if len(argv) == 0 {
		return errors.New("the validation command is empty")
	}
	ctx, cancel := context.WithTimeout(ctx, validateTimeout)
	defer cancel()
	args := make([]string, len(argv))
	for i, arg := range argv {
		args[i] = strings.ReplaceAll(arg, PathPlaceholder, path)
	}
	output := &tail{limit: maxOutput}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = output, output
	// The command gets none of the process's own environment, which may hold
	// secrets.
	cmd.Env = []string{"PATH=" + searchPath(), "LC_ALL=C"}
	// Its children are ended with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%q did not end within %s%s", argv[0], validateTimeout, output)
	case ctx.Err() != nil:
		return fmt.Errorf("%q was interrupted: %w", argv[0], ctx.Err())
	}
	return fmt.Errorf("%q did not accept the new file: %w%s", argv[0], err, output)
}

func searchPath() string {
	if path := os.Getenv("PATH"); path != "" {
		return path
	}
	return fallbackPath
}

// tail keeps the end of what is written to it.
type tail struct {
	limit int
	buf   []byte
}

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - t.limit; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

// String returns what follows a colon in an error, nothing if there is none.
func (t *tail) String() string {
	text := bytes.TrimSpace(t.buf)
	if len(text) == 0 {
		return ""
	}
	return ": " + string(text)
}
