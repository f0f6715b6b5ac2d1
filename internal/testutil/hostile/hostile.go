// Package hostile is a provider that does to its host whatever a provider can
// do to it. A test runs it as a process of its own, for which its own binary
// stands:
//
//	func TestMain(m *testing.M) {
//		hostile.Main() // doesn't return in the process of the provider
//		os.Exit(m.Run())
//	}
//
//	hostile.Install(t, dir, "1.0.0")
package hostile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Variable names the environment variable that says what goes wrong from the
// start.
const Variable = "HOSTILE"

// Main serves the provider where this process was started as one.
func Main() {
	cookie := plugin.Handshake()
	if os.Getenv(cookie.MagicCookieKey) == "" {
		return
	}
	switch os.Getenv(Variable) {
	case "exit":
		fmt.Fprintln(os.Stderr, "no license was found")
		os.Exit(3)
	case "cookie":
		if err := os.Setenv(cookie.MagicCookieKey, "another host's"); err != nil {
			panic(err)
		}
	case "garbage":
		fmt.Println("Welcome!")
		select {}
	case "endless":
		for {
			fmt.Print(strings.Repeat("garbage", 1000))
		}
	case "protocol":
		fmt.Println("1|99|unix|/nowhere|grpc|")
		select {}
	case "deaf":
		fmt.Println("1|1|unix|/nowhere|grpc|")
		select {}
	case "silent":
		select {}
	case "flood":
		go flood()
	case "print":
		fmt.Println("1|1|unix|/nowhere|grpc|", "and more")
		os.Exit(0)
	}
	plugin.Serve(New())
	os.Exit(0)
}

func flood() {
	for {
		fmt.Fprintln(os.Stderr, strings.Repeat("noise ", 20))
	}
}

// Install puts this binary into a directory under the name of the provider.
func Install(t testing.TB, dir, version string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "driftless-plugin-hostile_v"+version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

type provider struct{}

// New returns the provider.
func New() plugin.Provider { return &provider{} }

var _ plugin.Caller = (*provider)(nil)

// settings are those of the provider block.
var settings = &schema.Block{Attributes: []schema.Attribute{
	{Name: "token", Type: cty.String, Sensitive: true, Doc: "A secret."},
	{Name: "refuse", Type: cty.Bool, Doc: "Whether it is refused."},
}}

// block describes what every type of the provider holds.
func block(more ...schema.Attribute) *schema.Block {
	return &schema.Block{Attributes: append([]schema.Attribute{
		{Name: "fault", Type: cty.String, Doc: "What goes wrong in a call."},
		{Name: "once", Type: cty.String, Doc: "A file that keeps it from going wrong again."},
	}, more...)}
}

// Manifest implements [plugin.Provider].
func (*provider) Manifest(context.Context) (plugin.Manifest, error) {
	path := schema.Attribute{Name: "path", Type: cty.String, Doc: "A file."}
	ref := func(kind plugin.Kind, name string) plugin.TypeRef { return plugin.TypeRef{Kind: kind, Name: name} }
	return plugin.Manifest{
		Name:    "hostile",
		Version: os.Getenv("HOSTILE_VERSION"),
		Config:  settings,
		Types: []plugin.Type{
			{Ref: ref(plugin.KindSource, "hostile"), Emits: true, Schema: block(schema.Attribute{Name: "events", Type: cty.Number, Doc: "How many."})},
			{Ref: ref(plugin.KindStage, "hostile"), Schema: block()},
			{Ref: ref(plugin.KindSink, "hostile"), Schema: block(path)},
			{Ref: ref(plugin.KindCollector, "hostile"), Schema: block()},
			{Ref: ref(plugin.KindTask, "hostile"), Schema: block(path, schema.Attribute{Name: "environment", Type: cty.String, Computed: true, Doc: "That of the process."})},
		},
		Functions: []plugin.Function{
			{Name: "shout", Doc: "Returns a text in capitals.", Parameters: []plugin.Parameter{{Name: "text", Type: cty.String}}, Result: cty.String},
			{Name: "crash", Doc: "Ends the process.", Result: cty.String},
		},
	}, nil
}

// Configure implements [plugin.Provider].
func (p *provider) Configure(_ context.Context, cfg cty.Value) plugin.Diagnostics {
	if cfg.IsNull() {
		return nil
	}
	var c struct {
		Token  string `schema:"token"`
		Refuse bool   `schema:"refuse"`
	}
	if err := schema.Decode(cfg, &c); err != nil {
		return plugin.Error(nil, "Invalid settings", "%s.", err)
	}
	if c.Token != "" {
		fmt.Fprintln(os.Stderr, "logging in with", c.Token)
	}
	if c.Refuse {
		return plugin.Error(plugin.Attr("refuse"), "Refused", "The token %s is not good.", c.Token)
	}
	return nil
}

// Validate implements [plugin.Provider].
func (*provider) Validate(_ context.Context, _ plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	if fault := cfg.GetAttr("fault"); fault.IsKnown() && !fault.IsNull() && fault.AsString() == "invalid" {
		return plugin.Error(plugin.Attr("fault"), "Invalid fault", "There is no such fault.")
	}
	return nil
}

// Call implements [plugin.Caller].
func (*provider) Call(_ context.Context, function string, args []cty.Value) (cty.Value, error) {
	if function == "crash" {
		os.Exit(5)
	}
	if args[0].AsString() == "" {
		return cty.DynamicVal, errors.New("there is nothing to shout")
	}
	return cty.StringVal(strings.ToUpper(args[0].AsString())), nil
}

// Close implements [plugin.Provider].
func (*provider) Close() error {
	if os.Getenv(Variable) == "unclosable" {
		select {}
	}
	return nil
}

// fault goes wrong as it is told.
func (i *instance) fault() error {
	if i.Once != "" {
		f, err := os.OpenFile(i.Once, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil // it has gone wrong already
		}
		f.Close()
	}
	switch i.Fault {
	case "exit":
		os.Exit(4)
	case "panic":
		panic("a hostile instance")
	case "crash":
		go panic("a hostile goroutine")
		select {}
	case "hang":
		select {}
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {}
	case "memory":
		for held := make([]byte, 4<<20); ; time.Sleep(10 * time.Millisecond) {
			for i := range held {
				held[i] = 1
			}
			held = append(held, held[:4<<20]...)
		}
	case "stdout":
		_, err := syscall.Write(1, []byte("this belongs nowhere\n"))
		return err
	case "error":
		return errors.New("it did not work out")
	}
	return nil
}
