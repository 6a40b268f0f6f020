package gateway

import (
	"context"
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// translated is a client as a source is to see it: what the source asks and tells
// it by its own names and URIs reaches it by those that it knows, and whom it asked
// is remembered.
type translated struct {
	call.Client
	dialect *dialect
	owners  *owners
	source  string
	owner   owner
}

// client returns a request's client as a source is to see it; nil for none.
func (g *Gateway) client(m *Mount, d *dialect, c call.Client, by owner) call.Client {
	if c == nil {
		return nil
	}
	if _, whole := m.Source.(Server); !whole && d.prefix == noPrefix {
		return c
	}
	return &translated{Client: c, dialect: d, owners: &g.owners, source: m.Source.Name(), owner: by}
}

// Ask sends the client a request.
func (t *translated) Ask(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	t.owners.rememberAsk(t.source, t.owner, method, params)
	if t.dialect.prefix == noPrefix {
		return t.Client.Ask(ctx, method, params)
	}
	d := t.dialect
	ask := members{"_meta": d.meta}
	if method == protocol.CreateMessage {
		ask["messages"] = each(members{"content": each(d.block)}.object)
	}
	return t.Client.Ask(ctx, method, apply(ask.object, params))
}

// Notify sends the client a notification.
func (t *translated) Notify(ctx context.Context, method string, params json.RawMessage) error {
	return t.Client.Notify(ctx, method, t.dialect.notice(method, params))
}

// LogLevel implements call.Leveled, for clients that do.
func (t *translated) LogLevel() string {
	if c, ok := t.Client.(call.Leveled); ok {
		return c.LogLevel()
	}
	return ""
}
