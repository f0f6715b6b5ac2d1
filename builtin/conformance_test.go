package builtin_test

import (
	"io"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/builtin"
	"github.com/driftless-hq/driftless/builtin/logs"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/plugintest"
)

// newProviders returns what makes the built-in providers, by their names.
func newProviders(t *testing.T) map[string]func() plugin.Provider {
	t.Helper()
	all := func() []plugin.Provider {
		return builtin.Providers(builtin.Parts{Stdout: io.Discard, Stderr: io.Discard, Tap: logs.NewTap(8, time.Now)})
	}
	found := make(map[string]func() plugin.Provider)
	for i, p := range all() {
		m, err := p.Manifest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found[m.Name] = func() plugin.Provider { return all()[i] }
	}
	return found
}

func TestEveryProviderConforms(t *testing.T) {
	examples := map[string][]plugintest.Example{
		"command": {commandExample()},
		"files":   {fileExample(), directoryExample(), templateExample(), lineinfileExample()},
		"git":     {gitExample()},
		"host":    {collectorExample("loadavg"), collectorExample("host"), execExample()},
		"logs":    {tailExample(), agentExample(), filterExample(), parseExample(), setExample()},
		"sinks":   {fileSinkExample(), consoleExample(), httpExample()},
	}
	for name, newProvider := range newProviders(t) {
		t.Run(name, func(t *testing.T) { plugintest.Conformance(t, newProvider, examples[name]...) })
		delete(examples, name)
	}
	for name := range examples {
		t.Errorf("there is no provider %q any more", name)
	}
}
