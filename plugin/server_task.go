package plugin

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/driftless-hq/driftless/plugin/protocol"
)

// Plan implements [protocol.ProviderServer].
func (s *server) Plan(ctx context.Context, req *protocol.PlanRequest) (*protocol.PlanResponse, error) {
	one, task, err := opened[Task](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	host := &remoteHost{ctx: ctx, calls: s.host, id: req.GetHost()}
	change, diags := task.Plan(ctx, host)
	if err := host.failure(); err != nil {
		return nil, status.Errorf(codes.Unavailable, "ask the host: %s", err)
	}
	response := &protocol.PlanResponse{Diagnostics: packDiagnostics(diags)}
	if !diags.HasErrors() {
		response.Change, err = packChange(change, one.schema)
	}
	return response, err
}

// Apply implements [protocol.ProviderServer].
func (s *server) Apply(ctx context.Context, req *protocol.ApplyRequest) (*protocol.ApplyResponse, error) {
	one, task, err := opened[Task](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	change, err := unpackChange(req.GetChange(), one.schema, one.config)
	if err != nil {
		return nil, badRequest(err)
	}
	v, diags := task.Apply(ctx, change)
	response := &protocol.ApplyResponse{Diagnostics: packDiagnostics(diags)}
	if reporter, ok := task.(Reporter); ok {
		var found []Finding
		found, response.Changed = reporter.Findings()
		if response.Findings, err = packFindings(found); err != nil {
			return nil, err
		}
	}
	if !diags.HasErrors() {
		response.Value, err = protocol.PackBlock(one.schema, v)
	}
	return response, err
}

// Read implements [protocol.ProviderServer].
func (s *server) Read(ctx context.Context, req *protocol.ReadRequest) (*protocol.ReadResponse, error) {
	one, data, err := opened[Data](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	v, diags := data.Read(ctx)
	response := &protocol.ReadResponse{Diagnostics: packDiagnostics(diags)}
	if !diags.HasErrors() {
		response.Value, err = protocol.PackBlock(one.schema, v)
	}
	return response, err
}

// remoteHost is the host of one plan, asked over the wire.
type remoteHost struct {
	ctx   context.Context
	calls *hostCalls
	id    uint64

	mu  sync.Mutex
	err error // the first of a method that can't return one
}

var _ Host = (*remoteHost)(nil)

func (h *remoteHost) ask(q *protocol.AskHost) (*protocol.HostReply, error) {
	q.Host = h.id
	return h.calls.call(h.ctx, &protocol.HostCall{Call: &protocol.HostCall_AskHost{AskHost: q}})
}

// tell asks where no error can be returned. It is kept: the plan fails then.
func (h *remoteHost) tell(q *protocol.AskHost) *protocol.HostReply {
	r, err := h.ask(q)
	if err == nil {
		return r
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		h.err = err
	}
	return &protocol.HostReply{}
}

func (h *remoteHost) failure() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// Lstat implements [Host].
func (h *remoteHost) Lstat(path string) (File, error) {
	r, err := h.ask(&protocol.AskHost{Method: "Lstat", Text: []byte(path)})
	if err != nil {
		return File{}, err
	}
	return unpackFile(r.GetFile()), nil
}

// Content implements [Host].
func (h *remoteHost) Content(path string) ([]byte, error) {
	r, err := h.ask(&protocol.AskHost{Method: "Content", Text: []byte(path)})
	if err != nil {
		return nil, err
	}
	return present(r.GetValue(), true), nil
}

// Names implements [Host].
func (h *remoteHost) Names(path string) ([]string, error) {
	r, err := h.ask(&protocol.AskHost{Method: "Names", Text: []byte(path)})
	return protocol.UnpackNames(r.GetNames()), err
}

// Claimed implements [Host].
func (h *remoteHost) Claimed(path string) bool {
	return h.tell(&protocol.AskHost{Method: "Claimed", Text: []byte(path)}).GetPresent()
}

// ClaimedBelow implements [Host].
func (h *remoteHost) ClaimedBelow(path string) bool {
	return h.tell(&protocol.AskHost{Method: "ClaimedBelow", Text: []byte(path)}).GetPresent()
}

// Put implements [Host].
func (h *remoteHost) Put(path string, file File, content []byte) {
	h.tell(&protocol.AskHost{Method: "Put", Text: []byte(path), File: packFile(file), Content: content, HasContent: content != nil})
}

// Remove implements [Host].
func (h *remoteHost) Remove(path string) {
	h.tell(&protocol.AskHost{Method: "Remove", Text: []byte(path)})
}

// UserID implements [Host].
func (h *remoteHost) UserID(name string) (int, error) {
	r, err := h.ask(&protocol.AskHost{Method: "UserID", Text: []byte(name)})
	return int(r.GetNumber()), err
}

// GroupID implements [Host].
func (h *remoteHost) GroupID(name string) (int, error) {
	r, err := h.ask(&protocol.AskHost{Method: "GroupID", Text: []byte(name)})
	return int(r.GetNumber()), err
}

// UserName implements [Host].
func (h *remoteHost) UserName(id int) string { return h.nameOf("UserName", id) }

// GroupName implements [Host].
func (h *remoteHost) GroupName(id int) string { return h.nameOf("GroupName", id) }

func (h *remoteHost) nameOf(method string, id int) string {
	if name := h.tell(&protocol.AskHost{Method: method, Number: int64(id)}).GetText(); len(name) > 0 {
		return string(name)
	}
	return strconv.Itoa(id)
}

func packFile(f File) *protocol.File {
	out := &protocol.File{
		Type: uint32(f.Type), Mode: f.Mode, Uid: int64(f.UID), Gid: int64(f.GID), Size: f.Size,
		Target: []byte(f.Target), Unknown: f.Unknown, Backup: f.Backup,
	}
	for _, command := range f.Validate {
		out.Validate = append(out.Validate, &protocol.Command{Arguments: protocol.PackNames(command)})
	}
	return out
}

func unpackFile(packed *protocol.File) File {
	f := File{
		Type: fs.FileMode(packed.GetType()), Mode: packed.GetMode(), UID: int(packed.GetUid()), GID: int(packed.GetGid()), Size: packed.GetSize(),
		Target: string(packed.GetTarget()), Unknown: packed.GetUnknown(), Backup: packed.GetBackup(),
	}
	for _, command := range packed.GetValidate() {
		f.Validate = append(f.Validate, protocol.UnpackNames(command.GetArguments()))
	}
	return f
}

// answer asks the real host what a provider asks.
func answer(host Host, q *protocol.AskHost) *protocol.HostReply {
	r := &protocol.HostReply{}
	text := string(q.GetText())
	var err error
	switch q.GetMethod() {
	case "Lstat":
		var f File
		if f, err = host.Lstat(text); err == nil {
			r.File = packFile(f)
		}
	case "Content":
		r.Value, err = host.Content(text)
	case "Names":
		var names []string
		names, err = host.Names(text)
		r.Names = protocol.PackNames(names)
	case "Claimed":
		r.Present = host.Claimed(text)
	case "ClaimedBelow":
		r.Present = host.ClaimedBelow(text)
	case "Put":
		host.Put(text, unpackFile(q.GetFile()), present(q.GetContent(), q.GetHasContent()))
	case "Remove":
		host.Remove(text)
	case "UserID":
		var id int
		id, err = host.UserID(text)
		r.Number = int64(id)
	case "GroupID":
		var id int
		id, err = host.GroupID(text)
		r.Number = int64(id)
	case "UserName":
		r.Text = []byte(host.UserName(int(q.GetNumber())))
	case "GroupName":
		r.Text = []byte(host.GroupName(int(q.GetNumber())))
	default:
		err = errors.New("the host has no method " + strconv.Quote(q.GetMethod()))
	}
	return withError(r, err)
}
