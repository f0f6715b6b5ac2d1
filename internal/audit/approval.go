package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Approval says that somebody lets a remedy be applied, or has acknowledged a
// drift, or doesn't any more.
type Approval struct {
	Time    time.Time     `json:"time"`
	Event   ApprovalEvent `json:"event"`
	Address string        `json:"address"` // of the task
	Stack   string        `json:"stack"`   // empty: it is about the task itself
	ID      string        `json:"id"`      // of the remedy, as in the findings of what is applied, or the fingerprint of the drift
	Reason  string        `json:"reason,omitempty"`
	Until   time.Time     `json:"until,omitzero"`
}

// ApprovalEvent says which of these it is.
type ApprovalEvent string

// The events of an approval.
const (
	Approved ApprovalEvent = "approved"
	Revoked  ApprovalEvent = "revoked"

	Acknowledged   ApprovalEvent = "acknowledged"
	Unacknowledged ApprovalEvent = "unacknowledged"
)

// Approve adds what somebody has said of a remedy or a drift, who is the actor of the
// line. It has reached the disk when Approve returns.
func (l *Log) Approve(by string, a Approval) error {
	var text bytes.Buffer
	err := json.NewEncoder(&text).Encode(struct {
		Actor string `json:"actor"`
		PID   int    `json:"pid"`
		Approval
	}{by, os.Getpid(), a})
	if err != nil {
		return fmt.Errorf("encode the account of the approval %s: %w", a.ID, err)
	}
	return l.write(text.Bytes())
}
