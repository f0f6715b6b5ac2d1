package terraform

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/internal/process"
)

// inherited are the only variables that the command takes over. Everything
// else, TF_VAR_ and TF_CLI_ARGS above all, would change what it finds.
var inherited = []string{
	"PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
	"http_proxy", "https_proxy", "no_proxy", "all_proxy",
}

// environment returns the whole environment of one run of the command. What
// the stack sets wins over what it inherits.
func environment(parent, inherit []string, r *run) []string {
	env := map[string]string{
		"HOME":                      r.dirs.home,
		"TMPDIR":                    r.dirs.temp,
		"LANG":                      "C",
		"TZ":                        "UTC",
		"CHECKPOINT_DISABLE":        "1",
		"GIT_TERMINAL_PROMPT":       "0",
		"AWS_EC2_METADATA_DISABLED": "true", // the identity of the machine is the agent's, not the stack's
	}
	if r.small {
		env["GOGC"] = smallGOGC
	}
	if r.threads > 0 {
		env["GOMAXPROCS"] = strconv.Itoa(r.threads)
	}
	for _, name := range slices.Concat(inherited, inherit) {
		if value, ok := lookup(parent, name); ok {
			env[name] = value
		}
	}
	if file, ok := lookup(parent, cliConfigName); ok {
		if _, err := os.Stat(file); err == nil {
			env[cliConfigName] = file
		}
	}
	maps.Copy(env, r.stack.env)
	maps.Copy(env, map[string]string{
		"TF_DATA_DIR":      r.dirs.data,
		"TF_INPUT":         "0",
		"TF_IN_AUTOMATION": "1",
		process.MarkerName: r.id,
	})
	if _, chosen := env[disableTLSName]; !chosen && privateSockets(env, r) {
		env[disableTLSName] = "1"
	}
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// disableTLSName has the command talk to its providers without TLS. Making the
// certificates of both sides anew for each start of a provider, three times in
// a plan, is close to half of the CPU time of a small check.
const disableTLSName = "TF_DISABLE_PLUGIN_TLS"

// privateSockets reports whether nobody but the user of the command can reach
// the sockets of its providers, with TLS or without: they are files below the
// private directory of the run, which nobody can put another in the place of.
func privateSockets(env map[string]string, r *run) bool {
	return env["TMPDIR"] == r.dirs.temp && env["PLUGIN_UNIX_SOCKET_DIR"] == "" && isGuarded(filepath.Dir(r.dirs.temp))
}

// cliConfigName names the file with the settings of the command itself.
const cliConfigName = "TF_CLI_CONFIG_FILE"

// lookup returns the last value of a name, as the operating system would.
func lookup(environ []string, name string) (value string, ok bool) {
	for _, entry := range environ {
		if v, found := strings.CutPrefix(entry, name+"="); found {
			value, ok = v, true
		}
	}
	return value, ok
}

// findBinary returns the absolute path of the command: the named one, or the
// first of terraform and tofu that is on PATH.
func findBinary(name string, environ []string) (string, error) {
	names := []string{name}
	if name == "" {
		names = []string{"terraform", "tofu"}
	}
	switch {
	case isRelative(name):
		return "", relativeError(name)
	case filepath.IsAbs(name):
		return name, executable(name)
	}
	dirs, _ := lookup(environ, "PATH")
	for _, name := range names {
		for _, dir := range filepath.SplitList(dirs) {
			file := filepath.Join(dir, name)
			if filepath.IsAbs(dir) && executable(file) == nil {
				return file, nil
			}
		}
	}
	return "", fmt.Errorf("there is no %s in any directory of PATH (%s): install it, or set binary to the path of the command",
		strings.Join(names, " and no "), dirs)
}

// isRelative reports whether a command is given by a path that isn't absolute. It
// would be that of another file in the directory of each stack, and code must not
// choose what checks it.
func isRelative(name string) bool {
	return strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name)
}

func relativeError(name string) error {
	return fmt.Errorf("%s is a relative path: set binary to a name on PATH, or to an absolute path such as /opt/terraform/1.13.4/terraform", name)
}

func executable(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("%s can't be executed: set binary to the path of terraform or tofu", file)
	}
	return nil
}
