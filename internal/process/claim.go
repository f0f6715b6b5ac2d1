package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// ErrClaimed says that another run holds a claim.
var ErrClaimed = errors.New("it is claimed by another run, of this process or of another")

// Claim is the sole right to work somewhere, held by one run. It is a locked
// file that names the run for as long as it lasts. A run that was killed
// leaves its name behind, and whoever claims the file next ends what is left
// of it.
type Claim struct {
	// DeadRun is the id of the run that was killed while it held the claim,
	// empty where none was.
	DeadRun string
	// Killed is how many processes of it were still there; see [KillMarked].
	Killed int

	file *os.File
}

// Take claims the file at path, which is created, for the run with that id. It
// waits until no other run holds it.
func Take(ctx context.Context, path, id string) (*Claim, error) {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		c, err := TryTake(path, id)
		if !errors.Is(err, ErrClaimed) {
			return c, err
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w: %w", path, err, context.Cause(ctx))
		}
	}
}

// TryTake is [Take] without waiting: it returns [ErrClaimed] where another run
// holds the claim.
func TryTake(path, id string) (*Claim, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	c := &Claim{file: file}
	if err := c.takeOver(id); err != nil {
		return nil, errors.Join(fmt.Errorf("claim %s: %w", path, err), file.Close())
	}
	return c, nil
}

// takeOver ends what is left of the run that is named in the file.
func (c *Claim) takeOver(id string) error {
	text, err := io.ReadAll(io.LimitReader(c.file, 256))
	if err != nil {
		return err
	}
	if c.DeadRun = strings.TrimSpace(string(text)); c.DeadRun != "" {
		if c.Killed, err = KillMarked(c.DeadRun); err != nil {
			return err
		}
	}
	return c.write(id)
}

func (c *Claim) write(id string) error {
	if err := c.file.Truncate(0); err != nil {
		return err
	}
	_, err := c.file.WriteAt([]byte(id), 0)
	return err
}

// Release ends the claim. Nothing of the run may be left.
func (c *Claim) Release() error {
	return errors.Join(c.write(""), unlockFile(c.file), c.file.Close())
}
