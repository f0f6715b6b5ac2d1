package files

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// record is one line of the index of backups: whose content it was.
type record struct {
	Time     time.Time `json:"time"`
	Path     string    `json:"path"`
	Mode     string    `json:"mode"`
	UID      int       `json:"uid"`
	GID      int       `json:"gid"`
	Checksum string    `json:"checksum"`
}

// keep stores the content that is about to be lost, where that is asked for.
// Contents lie under their checksum, so the same one is stored once.
func (a *applier) keep(ctx context.Context) error {
	if !a.Backup || a.File != nil && a.keepsContent() {
		return nil
	}
	info, err := a.dir.Lstat(a.name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Type != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.store(ctx, info); err != nil {
		return fmt.Errorf("keep the previous content: %w", err)
	}
	return nil
}

func (a *applier) store(ctx context.Context, info atomicfile.Info) error {
	base, err := a.env.MakeDir()
	if err != nil {
		return err
	}
	store := filepath.Join(base, "backup")
	if err := os.MkdirAll(store, 0o700); err != nil {
		return err
	}
	sum, err := a.checksum()
	if err != nil {
		return err
	}
	if err := a.storeContent(ctx, filepath.Join(store, strings.TrimPrefix(sum, "sha256:")), sum); err != nil {
		return err
	}
	return appendRecord(filepath.Join(store, "index"), record{
		Time: a.env.Now().UTC(), Path: a.path, Checksum: sum,
		Mode: schema.FormatMode(info.Mode), UID: info.UID, GID: info.GID,
	})
}

func (a *applier) storeContent(ctx context.Context, path, sum string) error {
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	f, err := a.dir.Open(a.name)
	if err != nil {
		return err
	}
	content := checkSum(f, sum)
	defer content.Close()
	return atomicfile.Write(ctx, path, content, atomicfile.Options{
		Meta: atomicfile.Meta{Mode: 0o600, UID: -1, GID: -1},
	})
}

// appendRecord adds one line in one write, which no other writer can split.
func appendRecord(path string, r record) (err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.WriteString(f, string(line)+"\n"); err != nil {
		return err
	}
	return f.Sync()
}
