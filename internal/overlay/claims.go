package overlay

import "path"

// Claim says that a task manages the path, whether it has been planned yet or
// not, so that a task of a directory above leaves it alone.
func (o *Overlay) Claim(name string) {
	key := o.Canonical(name)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claim(key)
}

// claim must be called with the lock held.
func (o *Overlay) claim(key string) {
	o.claimed[key] = true
	for key != "/" && !o.above[path.Dir(key)] {
		key = path.Dir(key)
		o.above[key] = true
	}
}

// Claimed reports whether a task manages the path, or plans to make it.
func (o *Overlay) Claimed(name string) bool {
	key := o.Canonical(name)
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.claimed[key]
}

// ClaimedBelow is [Overlay.Claimed] for anything below the path.
func (o *Overlay) ClaimedBelow(name string) bool {
	key := o.Canonical(name)
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.above[key]
}
