package plugin_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

func TestAPanicIsTheErrorOfItsCall(t *testing.T) {
	emitter := emitter(func(*event.Batch, func(error)) error { return nil })
	for name, call := range map[string]func(t *testing.T) error{
		"validate": func(t *testing.T) error {
			c := connect(t, stub{validate: func(context.Context) plugin.Diagnostics { panic("no hope") }})
			return c.Validate(t.Context(), stubRef(plugin.KindTask), stubConfig()).Err()
		},
		"open": func(t *testing.T) error {
			c := connect(t, stub{open: func(context.Context, plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) { panic("no hope") }})
			_, diags := c.Open(t.Context(), plugin.OpenRequest{Type: stubRef(plugin.KindTask), Config: stubConfig()})
			return diags.Err()
		},
		"a call of a function": func(t *testing.T) error {
			_, err := connect(t, stub{}).Call(t.Context(), "f", nil)
			return err
		},
		"plan": func(t *testing.T) error {
			task, _ := remote[plugin.Task](t, stubRef(plugin.KindTask), taskStub{plan: func(context.Context, plugin.Host) (plugin.Change, plugin.Diagnostics) { panic("no hope") }}, plugin.Env{})
			_, diags := task.Plan(t.Context(), nil)
			return diags.Err()
		},
		"apply": func(t *testing.T) error {
			task, _ := remote[plugin.Task](t, stubRef(plugin.KindTask), taskStub{apply: func(context.Context, plugin.Change) (cty.Value, plugin.Diagnostics) { panic("no hope") }}, plugin.Env{})
			_, diags := task.Apply(t.Context(), plugin.Change{Action: plugin.Run, After: stubConfig()})
			return diags.Err()
		},
		"read": func(t *testing.T) error {
			data, _ := remote[plugin.Data](t, dataRef, dataStub{read: func(context.Context) (cty.Value, plugin.Diagnostics) { panic("no hope") }}, plugin.Env{})
			_, diags := data.Read(t.Context())
			return diags.Err()
		},
		"run": func(t *testing.T) error {
			source, _ := remote[plugin.Source](t, stubRef(plugin.KindSource), sourceStub{run: func(context.Context, plugin.Emitter) error { panic("no hope") }}, plugin.Env{})
			return source.Run(t.Context(), emitter)
		},
		"collect": func(t *testing.T) error {
			collector, _ := remote[plugin.Collector](t, stubRef(plugin.KindCollector), collectorStub{collect: func(context.Context, *event.Builder) error { panic("no hope") }}, plugin.Env{})
			return collector.Collect(t.Context(), new(event.Builder))
		},
		"process": func(t *testing.T) error {
			stage, _ := remote[plugin.Stage](t, stubRef(plugin.KindStage), flowStub{work: func(context.Context, *event.Batch) error { panic("no hope") }}, plugin.Env{})
			return errors.Join(stage.Process(t.Context(), lines("x")), stage.Process(t.Context(), lines("x"))) // and holds up no other
		},
		"write": func(t *testing.T) error {
			sink, _ := remote[plugin.Sink](t, stubRef(plugin.KindSink), sinkStub{work: func(context.Context, *event.Batch) error { panic("no hope") }}, plugin.Env{})
			return errors.Join(sink.Write(t.Context(), lines("x")), sink.Write(t.Context(), lines("x")))
		},
		"close": func(t *testing.T) error {
			return connect(t, stub{close: func() error { panic("no hope") }}).Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := call(t); err == nil || !strings.Contains(err.Error(), "the provider panicked: no") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestContextsCrossTheWire(t *testing.T) {
	deadlines := make(chan bool, 2)
	sink, _ := remote[plugin.Sink](t, stubRef(plugin.KindSink), sinkStub{work: func(ctx context.Context, _ *event.Batch) error {
		_, has := ctx.Deadline()
		deadlines <- has
		<-ctx.Done()
		return ctx.Err()
	}}, plugin.Env{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := sink.Write(ctx, lines("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after a deadline: %v", err)
	}
	if !<-deadlines {
		t.Error("the provider was told no deadline")
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if err := sink.Write(ctx, lines("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("when cancelled: %v", err)
	}
}

// retryError is an error that says how long to wait.
type retryError struct{ error }

func (retryError) RetryAfter() time.Duration { return time.Minute }

func TestErrorsKeepWhatTheySay(t *testing.T) {
	said := plugin.Permanent(retryError{errors.New("never \xff again")})
	sink, _ := remote[plugin.Sink](t, stubRef(plugin.KindSink), sinkStub{work: func(context.Context, *event.Batch) error { return said }}, plugin.Env{})
	err := sink.Write(t.Context(), lines("x"))
	var waiting interface{ RetryAfter() time.Duration }
	if !plugin.IsPermanent(err) || !errors.As(err, &waiting) || waiting.RetryAfter() != time.Minute || err.Error() != "never \uFFFD again" {
		t.Errorf("got %v", err)
	}
}

func TestAMessageThatIsTooLargeFailsAlone(t *testing.T) {
	const huge = 65 << 20
	sink, _ := remote[plugin.Sink](t, stubRef(plugin.KindSink), sinkStub{work: func(context.Context, *event.Batch) error { return nil }}, plugin.Env{})
	if err := sink.Write(t.Context(), lines(strings.Repeat("x", huge))); err == nil || !strings.Contains(err.Error(), "too large for the protocol") {
		t.Errorf("a batch: got %v", err)
	}
	if err := sink.Write(t.Context(), lines("x")); err != nil {
		t.Errorf("the batch after it: %v", err)
	}
	var asked, told, after error
	task, _ := remote[plugin.Task](t, stubRef(plugin.KindTask), taskStub{plan: func(_ context.Context, h plugin.Host) (plugin.Change, plugin.Diagnostics) {
		_, asked = h.Content("/huge")
		_, told = h.Names("/" + strings.Repeat("x", huge))
		_, after = h.Content("/small")
		return plugin.Change{Action: plugin.NoOp, Before: stubConfig(), After: stubConfig()}, nil
	}}, plugin.Env{})
	host := hostStub{content: func(path string) ([]byte, error) {
		if path == "/huge" {
			return make([]byte, huge), nil
		}
		return []byte("x"), nil
	}}
	if _, diags := task.Plan(t.Context(), host); diags.HasErrors() {
		t.Error(diags.Err())
	}
	for name, err := range map[string]error{"an answer": asked, "a question": told} {
		if err == nil || !strings.Contains(err.Error(), "too large for the protocol") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if after != nil {
		t.Errorf("the question after them: %v", after)
	}
}

// hostStub is a host of which a test says what its files hold.
type hostStub struct {
	plugin.Host
	content func(path string) ([]byte, error)
}

func (h hostStub) Content(path string) ([]byte, error) { return h.content(path) }

func (h hostStub) Names(string) ([]string, error) { return nil, nil }

func TestErrorsOfTheHostKeepTheirKind(t *testing.T) {
	var got error
	task, _ := remote[plugin.Task](t, stubRef(plugin.KindTask), taskStub{plan: func(_ context.Context, h plugin.Host) (plugin.Change, plugin.Diagnostics) {
		_, got = h.Content("/a")
		return plugin.Change{Action: plugin.NoOp, Before: stubConfig(), After: stubConfig()}, nil
	}}, plugin.Env{})
	for _, want := range []error{fs.ErrNotExist, fs.ErrPermission, plugin.ErrUnknown} {
		failing := hostStub{content: func(path string) ([]byte, error) { return nil, &fs.PathError{Op: "open", Path: path, Err: want} }}
		if _, diags := task.Plan(t.Context(), failing); diags.HasErrors() || !errors.Is(got, want) || !strings.Contains(got.Error(), "open /a") {
			t.Errorf("%v: got %v, %v", want, got, diags.Err())
		}
	}
	panicking := hostStub{content: func(string) ([]byte, error) { panic("no file") }}
	if _, diags := task.Plan(t.Context(), panicking); diags.HasErrors() || got == nil || !strings.Contains(got.Error(), "the host panicked") {
		t.Errorf("a panic of the host: got %v, %v", got, diags.Err())
	}
}

func TestManyQuestionsWithLargeAnswersDontBlock(t *testing.T) {
	const questions = 200
	task, _ := remote[plugin.Task](t, stubRef(plugin.KindTask), taskStub{plan: func(_ context.Context, h plugin.Host) (plugin.Change, plugin.Diagnostics) {
		errs := make(chan error, questions)
		for range questions {
			go func() {
				_, err := h.Content("/" + strings.Repeat("x", 1<<17))
				errs <- err
			}()
		}
		var all []error
		for range questions {
			all = append(all, <-errs)
		}
		if err := errors.Join(all...); err != nil {
			return plugin.Change{}, plugin.Error(nil, "Asked in vain", "%s.", err)
		}
		return plugin.Change{Action: plugin.NoOp, Before: stubConfig(), After: stubConfig()}, nil
	}}, plugin.Env{})
	content := make([]byte, 1<<17)
	_, diags := task.Plan(t.Context(), hostStub{content: func(string) ([]byte, error) { return content, nil }})
	if diags.HasErrors() {
		t.Error(diags.Err())
	}
}

func TestAnInstanceThatNobodyWaitsForIsClosed(t *testing.T) {
	opening, closed := make(chan struct{}), make(chan struct{})
	c := connect(t, stub{open: func(ctx context.Context, _ plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
		close(opening)
		<-ctx.Done()
		return closer(func() { close(closed) }), nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-opening
		cancel()
	}()
	if _, diags := c.Open(ctx, plugin.OpenRequest{Type: stubRef(plugin.KindSink), Config: stubConfig()}); !diags.HasErrors() {
		t.Error("it was opened after all")
	}
	<-closed
}

// closer is an instance that tells when it is closed.
type closer func()

func (c closer) Close(context.Context) error {
	c()
	return nil
}

func TestAClosedClientOpensNothing(t *testing.T) {
	c := connect(t, stub{})
	if _, err := c.Manifest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error(err)
	}
	_, diags := c.Open(t.Context(), plugin.OpenRequest{Type: stubRef(plugin.KindSink), Config: stubConfig()})
	if err := diags.Err(); err == nil || !strings.Contains(err.Error(), "it is closed") {
		t.Errorf("got %v", err)
	}
}
