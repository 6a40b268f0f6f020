package gateway

import (
	"context"
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// client returns a client as a source is to see it: what the source asks and
// tells it by its own names and URIs reaches it by those that it knows.
func (d *dialect) client(c call.Client) call.Client {
	if c == nil || d.prefix == noPrefix {
		return c
	}
	return &translated{Client: c, dialect: d}
}

type translated struct {
	call.Client
	dialect *dialect
}

// Ask sends the client a request.
func (t *translated) Ask(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
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
