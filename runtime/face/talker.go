package face

import (
	"context"
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// talker is the client of a conversation, as the handler sees it: whichever
// request is there to be answered.
type talker struct {
	c            *conversation
	capabilities json.RawMessage
}

// Capabilities implements call.Client.
func (t talker) Capabilities() json.RawMessage { return t.capabilities }

// Retries implements call.Client.
func (t talker) Retries() bool { return true }

// LogLevel implements call.Leveled.
func (t talker) LogLevel() string {
	if x := t.c.listener(); x != nil {
		return x.LogLevel()
	}
	return ""
}

// Notify implements call.Client. What is said while nobody listens is dropped.
func (t talker) Notify(ctx context.Context, method string, params json.RawMessage) error {
	if x := t.c.listener(); x != nil {
		return x.Notify(ctx, method, params)
	}
	return errAnswered
}

// Ask implements call.Client.
func (t talker) Ask(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	if err := lacking(t.capabilities, method, params, protocol.R20260728); err != nil {
		return nil, err
	}
	return t.c.ask(ctx, method, params)
}

func (c *conversation) listener() *exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.present
}

func (c *conversation) progress(ctx context.Context, p call.Progress) {
	if x := c.listener(); x != nil && x.meta.ProgressToken != nil {
		x.progress(ctx, p)
	}
}

var (
	_ call.Leveled = (*exchange)(nil)
	_ call.Leveled = talker{}
)
