package process

import (
	"maps"
	"os"
	"slices"
	"strings"
)

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Environment returns a small environment and what extra adds to it. It has
// PATH (that of this process), HOME and LANG, with a credential USER and
// LOGNAME. Nothing else of this process's environment is in it, for that may
// hold secrets. LANG is C.UTF-8, so that output is the same everywhere.
func Environment(as *Credential, extra map[string]string) []string {
	path := os.Getenv("PATH")
	if path == "" {
		path = defaultPath
	}
	values := map[string]string{"PATH": path, "HOME": "/", "LANG": "C.UTF-8"}
	if as != nil {
		values["HOME"], values["USER"], values["LOGNAME"] = as.Home, as.Name, as.Name
	} else if home, err := os.UserHomeDir(); err == nil {
		values["HOME"] = home
	}
	maps.Copy(values, extra)
	env := make([]string, 0, len(values))
	for name, value := range values {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}

// lastValue returns the value that counts of a variable in env.
func lastValue(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
