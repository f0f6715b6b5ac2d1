package secret

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/driftless-hq/driftless/config/lang"
)

const (
	// prefix is what the variables begin with that are meant for driftless alone.
	prefix = "DRIFTLESS_SECRET_"
	// maxName bounds the name of a secret, in bytes.
	maxName = 128
	// envPoll is how often the env file is looked at for a change.
	envPoll = 30 * time.Second
)

// CheckName says what is wrong with the name of a secret, without looking for
// it.
func CheckName(name string) error {
	valid := name != "" && len(name) <= maxName && (name[0] < '0' || name[0] > '9')
	for i := range len(name) {
		c := name[i]
		valid = valid && (c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')
	}
	if !valid {
		return fmt.Errorf("%q is no name of a secret: use at most %d letters, digits and underscores, and no digit first, as in \"DB_PASSWORD\"", name, maxName)
	}
	return nil
}

// Secret returns the value of a name, from the first that has it: the env
// file, the variable DRIFTLESS_SECRET_NAME, the variable NAME. An empty value
// is an error: it is what remains of a secret that someone forgot to set.
func (r *Resolver) Secret(_ context.Context, name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	value, err := r.lookup(name)
	if err == nil {
		r.hide(value)
		err = r.give(name, value)
	}
	if err != nil {
		return "", err
	}
	return value, nil
}

// give records a value that is given out. Who was given another one before is
// told, as by the poll that would have found the change.
func (r *Resolver) give(name, value string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errClosed
	}
	old, given := r.names[name]
	r.names[name] = value
	if given && old != value {
		r.retire(old)
		r.notifyLocked([]Ref{{Store: Env, Path: name}})
	}
	if r.opts.EnvFile != nil && !r.polling {
		r.polling = true
		r.loops.Go(r.pollEnv)
	}
	return nil
}

func (r *Resolver) lookup(name string) (string, error) {
	values, err := r.opts.EnvFile.load()
	if err != nil {
		return "", fmt.Errorf("find the secret %s: %w", name, err)
	}
	where, value, found := "", "", false
	if value, found = values[name]; found {
		where = "in the env file " + r.opts.EnvFile.Path
	} else if value, found = r.opts.LookupEnv(prefix + name); found {
		where = "in the environment, as " + prefix + name
	} else if value, found = r.opts.LookupEnv(name); found {
		where = "in the environment, as " + name
	}
	switch {
	case !found:
		return "", r.notFound(name, slices.Sorted(maps.Keys(values)))
	case value == "":
		return "", fmt.Errorf("the secret %s is empty %s; give it a value, or remove it there", name, where)
	}
	return value, nil
}

// notFound says where the secret was looked for, and how to set it.
func (r *Resolver) notFound(name string, known []string) error {
	looked, set := "", ""
	if file := r.opts.EnvFile; file != nil && file.Path != "" {
		looked = "in the env file " + file.Path + ", or "
		set = "add a line " + name + "=... to the env file, or "
	}
	return fmt.Errorf("there is no secret %s: it is not %sin the environment, as %s%s or %s; %sset %s%s.%s",
		name, looked, prefix, name, name, set, prefix, name, lang.Suggest(name, known))
}

// pollEnv looks for changes of the env file and tells of the names whose value
// is another one, or is gone.
func (r *Resolver) pollEnv() {
	ticker := time.NewTicker(envPoll)
	defer ticker.Stop()
	for {
		select {
		case <-r.background.Done():
			return
		case <-ticker.C:
		}
		r.lookAgain()
	}
}

func (r *Resolver) lookAgain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	var changed []Ref
	for name, old := range r.names {
		value, err := r.lookup(name)
		wasGone := r.gone[name]
		r.gone[name] = err != nil
		switch {
		case value == old:
			continue
		case err != nil && !wasGone:
			continue // the file may be just being written: the next look tells
		case err != nil:
			r.opts.Log.Error("a secret can no longer be had", "name", name, "error", err)
		}
		r.hide(value)
		r.retire(old)
		r.names[name] = value
		changed = append(changed, Ref{Store: Env, Path: name})
	}
	if len(changed) > 0 {
		r.opts.Log.Info("secrets of the env file have changed", "path", r.opts.EnvFile.Path)
		r.notifyLocked(sortRefs(changed))
	}
}
