package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// Record is what is remembered of a task between runs.
type Record struct {
	// Inputs is a digest of the configuration that was last brought about.
	// Where it is that of now, a difference on the host is drift: it came
	// from outside.
	Inputs  string    `json:"inputs"`
	Applied time.Time `json:"applied"` // when the host was last found, or made, as declared
	Changed time.Time `json:"changed"` // when a run last changed something
}

var recordsBucket = []byte("tasks")

// Records keeps the records of a data directory. The file is open only while
// it is read or written, so that a command can run beside the agent.
type Records struct {
	path string
}

// NewRecords returns the records of a data directory.
func NewRecords(dir string) *Records {
	return &Records{filepath.Join(dir, "records.db")}
}

// Load returns all records by address. A file that isn't there has none.
func (r *Records) Load() (map[string]Record, error) {
	records := make(map[string]Record)
	err := r.with(func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			b := tx.Bucket(recordsBucket)
			if b == nil {
				return nil
			}
			return b.ForEach(func(k, v []byte) error {
				var record Record
				if err := json.Unmarshal(v, &record); err != nil {
					return fmt.Errorf("record of %s: %w", k, err)
				}
				records[string(k)] = record
				return nil
			})
		})
	})
	return records, err
}

// Save writes records by address, all or none.
func (r *Records) Save(records map[string]Record) error {
	if len(records) == 0 {
		return nil
	}
	return r.with(func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(recordsBucket)
			if err != nil {
				return err
			}
			for address, record := range records {
				v, err := json.Marshal(record)
				if err != nil {
					return err
				}
				if err := b.Put([]byte(address), v); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (r *Records) with(do func(*bbolt.DB) error) error {
	db, err := bbolt.Open(r.path, 0o600, &bbolt.Options{Timeout: 10 * time.Second})
	if err != nil {
		return fmt.Errorf("open %s: %w", r.path, err)
	}
	if err := errors.Join(do(db), db.Close()); err != nil {
		return fmt.Errorf("%s: %w", r.path, err)
	}
	return nil
}
