package native

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// Bounds on a server's lists.
const (
	maxPages   = 1000
	maxEntries = 20_000
	maxListed  = 4 // times as many bytes as one message may have
)

const opList = "native.list"

// listing is one of a server's lists.
type listing struct{ method, member string }

var (
	toolsList     = listing{protocol.ListTools, "tools"}
	resourcesList = listing{protocol.ListResources, "resources"}
	templatesList = listing{protocol.ListTemplates, "resourceTemplates"}
	promptsList   = listing{protocol.ListPrompts, "prompts"}
)

// list returns all definitions of a list, from the first page to the last. A
// session that turns out to be lost is replaced once.
func (s *Source) list(ctx context.Context, what listing) (defs []json.RawMessage, err error) {
	seen := map[string]bool{}
	var size int64
	for cursor := ""; ; {
		page, next, err := s.page(ctx, what, cursor)
		if err != nil {
			return nil, err
		}
		defs = append(defs, page...)
		for _, def := range page {
			size += int64(len(def))
		}
		if size += int64(len(next)); size > maxListed*s.opts.MaxMessage {
			return nil, fault.New(opList, fault.Upstream, s.says(fmt.Sprintf("lists %s of over %d bytes, which is the most that is taken", what.member, maxListed*s.opts.MaxMessage)))
		}
		if next == "" {
			return defs, nil
		}
		if seen[next] || len(seen) >= maxPages || len(defs) > maxEntries {
			return nil, fault.New(opList, fault.Upstream, s.says(fmt.Sprintf("lists %s without end: %d pages and %d entries were read", what.member, len(seen)+1, len(defs))))
		}
		seen[next] = true
		cursor = next
	}
}

// page fetches one page of a list.
func (s *Source) page(ctx context.Context, what listing, cursor string) (defs []json.RawMessage, next string, err error) {
	out := &outgoing{op: opList, method: what.method, again: true}
	if cursor != "" {
		out.members = append(protocol.AppendString([]byte(`"cursor":`), cursor), ',')
	}
	raw, err := s.sendOwn(ctx, out)
	if err != nil {
		return nil, "", err
	}
	var page map[string]json.RawMessage
	if err = json.Unmarshal(raw, &page); err == nil {
		err = json.Unmarshal(page[what.member], &defs)
	}
	if err != nil {
		return nil, "", fault.Wrap(opList, fault.Upstream, s.says("answered "+what.method+" with something that is no such list"), err)
	}
	next, _ = protocol.String(page["nextCursor"])
	return defs, next, nil
}

// sendOwn makes one exchange of the gateway's own over the shared session.
func (s *Source) sendOwn(ctx context.Context, out *outgoing) (json.RawMessage, error) {
	ctx, cancel, clock := newClock(ctx, s.opts.CallTimeout)
	defer cancel(nil)
	defer clock.stop()
	raw, _, err := s.send(ctx, s.shared, out, nil, nil)
	return raw, err
}
