package state

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/plugin"
)

// Positions keeps the checkpoints of sources and sinks in a journal: each save
// appends a record, and the journal is written anew when most of it is out of
// date. A record is in the hands of the kernel when a save returns, so it
// outlives the process; the disk has it within [syncDelay].
//
// The process that has the positions open is the only one.
type Positions struct {
	unlock func() error

	mu      sync.Mutex
	journal *Journal
	live    int64 // bytes of the records that still hold
	values  map[position][]byte
	dirty   *time.Timer // runs the next sync, nil when there is nothing to sync
	failed  error       // of the last sync, told at the next save
}

const (
	// syncDelay bounds what a loss of power can cost. What was delivered
	// since is delivered again.
	syncDelay = time.Second
	// A journal is written anew when it is larger than compactSize and
	// compactRatio times what it has to hold.
	compactSize  = 1 << 20
	compactRatio = 4
)

// OpenPositions opens the positions of a data directory. It fails when
// another process has them open.
func OpenPositions(dir string) (*Positions, error) {
	unlock, err := lockFile(filepath.Join(dir, "agent.lock"), "agent", time.Now())
	if err != nil {
		if locked, ok := errors.AsType[*LockedError](err); ok {
			return nil, fmt.Errorf("another agent, process %d, runs with the data directory %s; stop it, or set another data_dir in the agent block", locked.PID, dir)
		}
		return nil, err
	}
	p := &Positions{unlock: unlock, values: make(map[position][]byte)}
	p.journal, err = OpenJournal(filepath.Join(dir, "positions"), p.take)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the positions: %w", err), unlock())
	}
	return p, nil
}

// take takes over a record of the journal.
func (p *Positions) take(payload []byte) error {
	at, value, err := decodePosition(payload)
	if err == nil {
		p.set(at, value)
	}
	return err
}

// Damaged returns how many bytes at the end of the journal could not be read
// when it was opened. They lie in a file of the same name with ".corrupt".
func (p *Positions) Damaged() int64 { return p.journal.Damaged() }

// Close makes everything durable and closes the journal.
func (p *Positions) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dirty != nil {
		p.dirty.Stop()
		p.dirty = nil
	}
	return errors.Join(p.failed, p.journal.Close(), p.unlock())
}

// For returns the checkpoints of one address.
func (p *Positions) For(address string) plugin.Checkpoints { return checkpoints{p, address} }

type checkpoints struct {
	*Positions
	address string
}

// Load implements [plugin.Checkpoints].
func (c checkpoints) Load(ctx context.Context, key string) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.values[position{c.address, key}]), ctx.Err()
}

// Save implements [plugin.Checkpoints].
func (c checkpoints) Save(ctx context.Context, key string, value []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.save(position{c.address, key}, value); err != nil {
		return fmt.Errorf("save position %q of %s: %w", key, c.address, err)
	}
	return nil
}

func (p *Positions) save(at position, value []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.failed; err != nil {
		p.failed = nil
		return err
	}
	if err := p.journal.Append(encodePosition(at, value)); err != nil {
		return err
	}
	p.set(at, value)
	if size := p.journal.Size(); size > compactSize && size > compactRatio*p.live {
		return p.journal.Rewrite(p.records())
	}
	if p.dirty == nil {
		p.dirty = time.AfterFunc(syncDelay, p.sync)
	}
	return nil
}

// records are the payloads of all values that still hold.
func (p *Positions) records() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for at, value := range p.values {
			if !yield(encodePosition(at, value), nil) {
				return
			}
		}
	}
}

// set keeps a value, nil for none.
func (p *Positions) set(at position, value []byte) {
	if old, ok := p.values[at]; ok {
		p.live -= recordSize(at, old)
	}
	if value == nil {
		delete(p.values, at)
		return
	}
	p.values[at] = slices.Clone(value)
	p.live += recordSize(at, value)
}

func (p *Positions) sync() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dirty == nil {
		return // closed in the meantime
	}
	p.dirty = nil
	p.failed = p.journal.Sync()
}
