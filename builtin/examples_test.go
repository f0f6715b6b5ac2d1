package builtin_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/plugintest"
)

func ref(kind plugin.Kind, name string) plugin.TypeRef { return plugin.TypeRef{Kind: kind, Name: name} }

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// target is the path that the tasks of these examples manage.
func target(dir string) string { return filepath.Join(dir, "target") }

func commandExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindTask, "command"), Config: func(dir string) plugintest.Config {
		return plugintest.Config{
			"shell":   `touch "$TARGET" && echo done`,
			"env":     map[string]string{"TARGET": target(dir)},
			"creates": target(dir),
		}
	}}
}

func fileExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindTask, "file"), Config: func(dir string) plugintest.Config {
		return plugintest.Config{"path": target(dir), "content": "hello\n", "mode": "0640"}
	}}
}

func directoryExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindTask, "directory"), Config: func(dir string) plugintest.Config {
		return plugintest.Config{"path": target(dir), "mode": "0750"}
	}}
}

func templateExample() plugintest.Example {
	return plugintest.Example{
		Type: ref(plugin.KindTask, "template"),
		Config: func(dir string) plugintest.Config {
			return plugintest.Config{"path": target(dir), "source": filepath.Join(dir, "source"), "vars": map[string]string{"name": "world"}}
		},
		Prepare: func(t *testing.T, dir string) { write(t, filepath.Join(dir, "source"), "hello ${name}\n") },
	}
}

func lineinfileExample() plugintest.Example {
	return plugintest.Example{
		Type: ref(plugin.KindTask, "lineinfile"),
		Config: func(dir string) plugintest.Config {
			return plugintest.Config{"path": target(dir), "line": "PermitRootLogin no", "regexp": "^PermitRootLogin"}
		},
		Prepare: func(t *testing.T, dir string) { write(t, target(dir), "Port 22\nPermitRootLogin yes\n") },
	}
}

func gitExample() plugintest.Example {
	return plugintest.Example{
		Type: ref(plugin.KindSource, "git"),
		Config: func(dir string) plugintest.Config {
			return plugintest.Config{"url": filepath.Join(dir, "origin")}
		},
		Prepare: func(t *testing.T, dir string) {
			git(t, "init", "--quiet", "--initial-branch=main", filepath.Join(dir, "origin"))
			git(t, "-C", filepath.Join(dir, "origin"), "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "-m", "one")
		},
	}
}

func git(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput(); err != nil {
		t.Fatalf("git %q: %s: %s", args, err, out)
	}
}

func collectorExample(name string) plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindCollector, name), Config: func(string) plugintest.Config { return nil }}
}

func execExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindCollector, "exec"), Config: func(string) plugintest.Config {
		return plugintest.Config{"command": []string{"echo", `{"value": 1}`}, "format": "json"}
	}}
}

func tailExample() plugintest.Example {
	return plugintest.Example{
		Type: ref(plugin.KindSource, "file"),
		Config: func(dir string) plugintest.Config {
			return plugintest.Config{"paths": []string{filepath.Join(dir, "*.log")}, "start_at": "beginning"}
		},
		Prepare: func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.log"), "one\ntwo\n") },
	}
}

func agentExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindSource, "agent"), Config: func(string) plugintest.Config { return nil }}
}

func filterExample() plugintest.Example {
	keep := event.Expr{Text: "has a body", Eval: func(b *event.Batch, i int) event.Value {
		_, has := b.Body(i)
		return event.BoolValue(has)
	}}
	return plugintest.Example{Type: ref(plugin.KindStage, "filter"), Config: func(string) plugintest.Config {
		return plugintest.Config{"keep": keep}
	}}
}

func parseExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindStage, "parse"), Config: func(string) plugintest.Config {
		return plugintest.Config{"format": "json"}
	}}
}

func setExample() plugintest.Example {
	number := event.Expr{Text: "its number", Eval: func(_ *event.Batch, i int) event.Value { return event.IntValue(int64(i)) }}
	return plugintest.Example{Type: ref(plugin.KindStage, "set"), Config: func(string) plugintest.Config {
		return plugintest.Config{"fields": event.ExprMap{{Name: "number", Expr: number}, {Name: "text", Expr: event.Expr{
			Text: "a text", Eval: func(*event.Batch, int) event.Value { return event.StringValue("x") },
		}}}}
	}}
}

func fileSinkExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindSink, "file"), Config: func(dir string) plugintest.Config {
		return plugintest.Config{"path": filepath.Join(dir, "below", "out.log"), "format": "raw"}
	}}
}

func consoleExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindSink, "console"), Config: func(string) plugintest.Config { return nil }}
}

func httpExample() plugintest.Example {
	return plugintest.Example{Type: ref(plugin.KindSink, "http"), Config: func(string) plugintest.Config {
		return plugintest.Config{
			"url":     "http://127.0.0.1:1/events",
			"headers": map[string]string{"X-Token": "a-secret-header"},
			"auth":    plugintest.Config{"bearer": plugintest.Config{"token": "a-secret-token"}},
		}
	}}
}
