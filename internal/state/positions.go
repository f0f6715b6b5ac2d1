package state

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/driftless-hq/driftless/plugin"
)

// Positions keeps the checkpoints of sources and sinks. The process that has
// it open is the only one.
type Positions struct {
	db *bbolt.DB
}

// OpenPositions opens the positions of a data directory. It fails when
// another process has them open.
func OpenPositions(dir string) (*Positions, error) {
	path := filepath.Join(dir, "positions.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("open %s: another agent runs with this data directory; stop it, or set another data_dir in the agent block", path)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &Positions{db}, nil
}

// Close closes the file.
func (p *Positions) Close() error { return p.db.Close() }

// For returns the checkpoints of one address.
func (p *Positions) For(address string) plugin.Checkpoints {
	return checkpoints{p.db, []byte(address)}
}

type checkpoints struct {
	db      *bbolt.DB
	address []byte
}

// Load implements [plugin.Checkpoints].
func (c checkpoints) Load(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := c.db.View(func(tx *bbolt.Tx) error {
		if b := tx.Bucket(c.address); b != nil {
			value = append(value, b.Get([]byte(key))...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load position %q of %s: %w", key, c.address, err)
	}
	return value, ctx.Err()
}

// Save implements [plugin.Checkpoints]. Saves from several goroutines share
// one write to the disk.
func (c checkpoints) Save(ctx context.Context, key string, value []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := c.db.Batch(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(c.address)
		if err != nil {
			return err
		}
		if value == nil {
			return b.Delete([]byte(key))
		}
		return b.Put([]byte(key), value)
	})
	if err != nil {
		return fmt.Errorf("save position %q of %s: %w", key, c.address, err)
	}
	return nil
}
