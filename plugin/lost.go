package plugin

import "errors"

// ErrLost says that an instance is gone, because the process of its provider
// has ended. What was asked of it was not done, or nobody can tell. The
// instance has to be opened anew.
var ErrLost = errors.New("the process of the provider has ended")

// Perishable is an instance that can be lost before it is closed.
type Perishable interface {
	Instance
	// Lost returns a channel that is closed when the instance is gone. Every
	// call of it fails from then on.
	Lost() <-chan struct{}
}
