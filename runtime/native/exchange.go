package native

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// exchange follows one raw call through the SDK to the wire and back: what the
// transport must add to it, and what became of it.
type exchange struct {
	header      http.Header // further headers, e.g. Mcp-Name
	credentials []call.Credential
	abort       context.CancelCauseFunc // ends the call with an error of ours

	sent   atomic.Bool  // the server may have read it
	status atomic.Int32 // HTTP status of the answer; 0 for none
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}
