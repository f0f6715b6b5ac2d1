package git

import (
	"context"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// The metrics of a repository.
var (
	fetches     = &event.Family{Name: "driftless_git_fetch_total", Type: event.Counter, Help: "How often a remote was asked, by what came of it: noop, updated, recloned or error."}
	fetchTime   = &event.Family{Name: "driftless_git_fetch_duration_seconds_total", Type: event.Counter, Help: "How long asking a remote and fetching what is new took in all."}
	headTime    = &event.Family{Name: "driftless_git_head_timestamp_seconds", Type: event.Gauge, Help: "When the commit was made that was found last."}
	lastSuccess = &event.Family{Name: "driftless_git_last_success_timestamp_seconds", Type: event.Gauge, Help: "When a remote last said which commit it is at."}
	mirrorBytes = &event.Family{Name: "driftless_git_repo_bytes", Type: event.Gauge, Help: "Bytes on the disk that the mirror of a repository takes."}
)

var _ plugin.Measurer = (*source)(nil)

// Measure implements [plugin.Measurer].
func (s *source) Measure(_ context.Context, out *event.Builder) error {
	now, stats := s.now(), s.repo.Stats()
	for _, result := range gitrepo.Results() {
		out.Metric(fetches, now, float64(stats.Fetches[result]), "result", string(result))
	}
	out.Metric(fetchTime, now, stats.Took.Seconds())
	out.Metric(mirrorBytes, now, float64(s.repo.Size()))
	if commit, at, ok := s.repo.Last(); ok {
		out.Metric(headTime, now, float64(commit.Time.Unix()))
		out.Metric(lastSuccess, now, float64(at.Unix()))
	}
	return nil
}
