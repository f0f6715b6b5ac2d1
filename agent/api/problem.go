package api

import (
	"encoding/json"
	"net/http"
	"strings"
)

// problem is what a request for data gets that can't be answered, as RFC 9457
// has it. The type is left out, because the status tells all that it could.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// problemType is the media type of a problem.
const problemType = "application/problem+json"

// isData reports whether a request is one of a program for data.
func isData(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/") }

// fail answers a request that can't be done: as a problem where programs ask,
// below /v1/, and else as plain text.
func fail(w http.ResponseWriter, r *http.Request, code int, detail string) {
	if !isData(r) {
		reply(w, code, detail+"\n")
		return
	}
	body, err := json.Marshal(problem{http.StatusText(code), code, detail})
	if err != nil {
		reply(w, code, detail+"\n") // texts can be encoded
		return
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n')) // a client that has gone away is its own affair
}

// matched serves what the mux has a handler for. What it says of another
// request, such as one with the wrong method, is said as [fail] does.
func matched(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" || !isData(r) {
			mux.ServeHTTP(w, r)
			return
		}
		refused := &statusOnly{header: w.Header(), code: http.StatusOK}
		mux.ServeHTTP(refused, r)
		detail := "there is nothing at this path"
		if methods := w.Header().Get("Allow"); methods != "" {
			detail = "the methods at this path are " + methods
		}
		fail(w, r, refused.code, detail)
	})
}

// statusOnly passes over a body.
type statusOnly struct {
	header http.Header
	code   int
}

var _ http.ResponseWriter = (*statusOnly)(nil)

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) WriteHeader(code int)        { s.code = code }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }
