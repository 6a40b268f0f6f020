package native

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// maxSubscriptions bounds the resources that are subscribed to at a time.
const maxSubscriptions = 1000

// wishes are what clients asked for that a new session is to be told again.
type wishes struct {
	uris  map[string]bool // resources subscribed to
	level string          // of log messages; "" for the server's own
}

// levelFor returns the level of log messages that the client behind a request
// wants; "" for none. Where a client does not say, the source's own holds.
func (sess *session) levelFor(client call.Client) string {
	if c, ok := client.(call.Leveled); ok {
		if level := c.LogLevel(); isLevel(level) {
			return level
		}
		return ""
	}
	return sess.src.shared.logLevel()
}

func isLevel(name string) bool {
	_, ok := protocol.Severity(name)
	return ok
}

// raise tells a server of an older revision that a client wants to hear more
// than it was told before. Whoever wants less is given less by the gateway.
func (sess *session) raise(ctx context.Context, client call.Client) {
	if sess.modern || sess.declared.Logging == nil || client == nil {
		return
	}
	level := sess.levelFor(client)
	severity, ok := protocol.Severity(level)
	rank := int32(len(protocol.Levels()) - severity)
	if !ok || rank <= sess.volume.Load() {
		return
	}
	sess.raising.Lock()
	defer sess.raising.Unlock()
	if rank <= sess.volume.Load() {
		return
	}
	sess.tellLevel(ctx, level)
	sess.volume.Store(rank) // if it failed, it would again
}

func (sess *session) tellLevel(ctx context.Context, level string) {
	sess.again(ctx, protocol.SetLevel, append(protocol.AppendString([]byte(`"level":`), level), ','))
}

// again sends a request whose failure is logged, as the session serves all the
// same.
func (sess *session) again(ctx context.Context, method string, members []byte) {
	if _, err := sess.request(ctx, &exchange{method: method}, members, nil); err != nil && ctx.Err() == nil {
		sess.src.log.Warn("the MCP server could not be told what clients asked for", "method", method, "error", sess.src.redact.cause(err))
	}
}

// logLevel returns the level of log messages that was asked for.
func (l *link) logLevel() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wishes.level
}

// subscribed notes that a resource's updates are wanted, or are no longer.
func (l *link) subscribed(uri string, wanted bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch w := &l.wishes; {
	case !wanted:
		delete(w.uris, uri)
	case w.uris[uri]:
	case len(w.uris) >= maxSubscriptions:
		return fault.New(opRequest, fault.TooLarge, "too many resources of the MCP server "+quote(l.src.opts.Name)+" are subscribed to: end other subscriptions first")
	default:
		if w.uris == nil {
			w.uris = map[string]bool{}
		}
		w.uris[uri] = true
	}
	return nil
}

func (l *link) setLevel(level string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wishes.level = level
}

// restore tells a new session what the one before it was told. What fails is
// logged: the session serves all the same.
func (sess *session) restore(ctx context.Context) {
	l, level := sess.link, sess.src.shared.logLevel()
	l.mu.Lock()
	uris := slices.Sorted(maps.Keys(l.wishes.uris))
	l.mu.Unlock()
	if level != "" && !sess.modern && sess.declared.Logging != nil {
		sess.tellLevel(ctx, level)
	}
	for _, uri := range uris {
		if sess.modern {
			sess.hearResource(uri)
		} else {
			sess.again(ctx, protocol.Subscribe, append(protocol.AppendString([]byte(`"uri":`), uri), ','))
		}
	}
}

// wish carries out a request that a session remembers. done is false if the
// server is to be asked as well.
func (l *link) wish(sess *session, method string, params json.RawMessage) (done bool, err error) {
	switch method {
	case protocol.SetLevel:
		l.setLevel(protocol.MemberString(params, "level"))
		return sess.modern, nil // goes with each request instead
	case protocol.Subscribe:
		uri := protocol.MemberString(params, "uri")
		if err := l.subscribed(uri, true); err != nil {
			return false, err
		}
		if sess.modern {
			sess.hearResource(uri)
		}
		return sess.modern, nil
	case protocol.Unsubscribe:
		uri := protocol.MemberString(params, "uri")
		_ = l.subscribed(uri, false)
		if sess.modern {
			sess.heard.forget(uri)
		}
		return sess.modern, nil
	}
	return false, nil
}
