package githubapp

import (
	"crypto/sha256"
	"fmt"
	"sync"
)

// Apps keeps apps open, so that all who use one share its token, and whoever
// opens it again need not ask for another. The zero value is ready to use.
type Apps struct {
	mu   sync.Mutex
	open map[[sha256.Size]byte]*App
}

// Open returns the app that was opened with these options before, or a new one.
func (a *Apps) Open(o Options) (*App, error) {
	id := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q %q", o.BaseURL, o.AppID, o.InstallationID, o.PrivateKey, o.CABundle, o.Proxy))
	a.mu.Lock()
	defer a.mu.Unlock()
	if app, ok := a.open[id]; ok {
		return app, nil
	}
	app, err := New(o)
	if err != nil {
		return nil, err
	}
	if a.open == nil || len(a.open) >= maxOpen {
		a.open = make(map[[sha256.Size]byte]*App)
	}
	a.open[id] = app
	return app, nil
}

// maxOpen bounds what is kept where keys change again and again. What is
// dropped costs no more than another request.
const maxOpen = 100
