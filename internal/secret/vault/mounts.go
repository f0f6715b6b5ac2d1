package vault

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/vault/api"
)

// mount is where a secrets engine begins.
type mount struct {
	path      string // with a slash at the end
	engine    string // such as kv or transit
	versioned bool   // KV version 2, which keeps its values under data/
}

// readPath is the path in Vault's interface of what people call path. A path
// that was written with the data/ of KV version 2 is taken as it is.
func (m mount) readPath(path string) string {
	rest := strings.TrimPrefix(path, m.path)
	if !m.versioned || strings.HasPrefix(rest, "data/") {
		return path
	}
	return m.path + "data/" + rest
}

// mounts remembers what Vault has said about its mounts.
type mounts struct {
	mu    sync.Mutex
	known []mount
}

func (m *mounts) find(path string) (mount, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, known := range m.known {
		if strings.HasPrefix(path, known.path) {
			return known, true
		}
	}
	return mount{}, false
}

func (m *mounts) add(found mount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = append(m.known, found)
}

// forget makes the next read ask again: an engine may have been mounted anew,
// or upgraded to version 2.
func (m *mounts) forget(old mount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = slices.DeleteFunc(m.known, func(known mount) bool { return known == old })
}

// mountOf asks Vault which mount a path is in. It isn't known where Vault
// doesn't tell: to a token without any right under it, or when it is too old.
func (c *Client) mountOf(ctx context.Context, path string) (found mount, known bool, err error) {
	if found, known = c.mounts.find(path); known {
		return found, true, nil
	}
	answer, _, err := c.do(ctx, func(ctx context.Context, client *api.Client) (*api.Secret, error) {
		return client.Logical().ReadWithContext(ctx, "sys/internal/ui/mounts/"+path)
	})
	if errors.Is(err, errEnded) || err != nil && !IsFinal(err) {
		return mount{}, false, err
	}
	if err != nil || answer == nil {
		return mount{}, false, nil
	}
	name, _ := answer.Data["path"].(string)
	if name == "" || !strings.HasPrefix(path, name) {
		return mount{}, false, nil
	}
	options, _ := answer.Data["options"].(map[string]any)
	engine, _ := answer.Data["type"].(string)
	found = mount{path: name, engine: engine, versioned: engine == "kv" && options["version"] == "2"}
	c.mounts.add(found)
	return found, true, nil
}
