package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/shape"
)

// MetaRepeated is the member of a result's "_meta" that says which call it is the
// same as: {"call": ID, "tool": NAME}, and by which "id" it can be read again.
const MetaRepeated = "bridge/same"

const (
	maxSeen         = 256 // results of a session that are remembered
	maxSessionsSeen = 20_000
	leastSeen       = 200 // tokens of a result that saying so saves something of
	sameMember      = "same_as"
)

// repeats remember which results each session has had.
type repeats struct {
	mu       sync.Mutex
	sessions map[string]*seen
}

// seen are the results of one session; the oldest make room.
type seen struct {
	at    map[[sha256.Size]byte]sighting
	order [][sha256.Size]byte
}

// sighting is a call, and when it was answered.
type sighting struct {
	tool, call string
	at         time.Time
}

// dedupe is the stage that answers a result which the session has had already by
// saying so, where the tool's shaping says so. It compares what the caller would
// be told, behind shaping. Only a session's model can know what it was told
// before, so that requests that stand alone (2026-07-28) are always answered whole.
//
// The caller finds the whole in what it was told, or reads it with bridge_read
// where remainders are kept; MetaRepeat asks for it at once.
func (g *Gateway) dedupe(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		res, err := next(ctx, c)
		if err != nil || c.Tool.Shaping == nil || !c.Tool.Shaping.Dedupe || c.Caller.Session == "" ||
			res.IsError || res.Tokens.After < leastSeen || !isComplete(res) {
			return res, err
		}
		before, again := g.repeats.see(c.Caller.Session, digestResult(res), sighting{c.Name, c.ID, time.Now()})
		if !again || ctx.Value(repeatKey{}) != nil {
			return res, nil
		}
		if same := g.sameAs(ctx, c, res, before); same != nil {
			return same, nil
		}
		return res, nil
	}
}

// see notes a result, and returns when the session has had it before.
func (r *repeats) see(session string, digest [sha256.Size]byte, now sighting) (before sighting, again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions[session]
	if s == nil {
		s = &seen{at: map[[sha256.Size]byte]sighting{}}
		if len(r.sessions) >= maxSessionsSeen {
			clear(r.sessions) // of sessions that ended under their calls, most likely
		}
		if r.sessions == nil {
			r.sessions = map[string]*seen{}
		}
		r.sessions[session] = s
	}
	if before, again = s.at[digest]; again {
		return before, true
	}
	s.at[digest] = now
	if s.order = append(s.order, digest); len(s.order) > maxSeen {
		delete(s.at, s.order[0])
		s.order = s.order[1:]
	}
	return sighting{}, false
}

// forget drops what is known of a session.
func (r *repeats) forget(session string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, session)
}

// digestResult tells results apart by what a model reads of them. The handle of a
// remainder is another each time, and is left out.
func digestResult(res *call.Result) [sha256.Size]byte {
	handle := protocol.MemberString(res.Meta[shape.MetaKey], "id")
	h := sha256.New()
	part := func(kind byte, text string) {
		if handle != "" {
			text = strings.ReplaceAll(text, handle, "")
		}
		_, _ = h.Write(append(binary.BigEndian.AppendUint64(nil, uint64(len(text))), kind)) // a hash takes everything
		_, _ = h.Write([]byte(text))
	}
	for i := range res.Content {
		if b := &res.Content[i]; b.Raw != nil {
			part('r', string(b.Raw))
		} else {
			part('t', b.Text)
		}
	}
	part('s', string(res.Structured))
	return [sha256.Size]byte(h.Sum(nil))
}

// sameAs returns what is told in the place of a result that was told before; nil
// where the tool's clients can't be told.
func (g *Gateway) sameAs(ctx context.Context, c *call.Call, res *call.Result, before sighting) *call.Result {
	same := &call.Result{}
	if res.Structured != nil && len(c.Tool.Output) > 0 {
		if c.Tool.Operation == nil || !isOpen(c.Tool.Output) {
			return nil // nothing else is known to satisfy the schema
		}
		same.Structured = object(map[string]json.RawMessage{sameMember: quoted("the answer of call " + before.call)})
	}
	text := fmt.Sprintf("[Nothing new: the same, byte for byte, as the answer of %s %s ago in this session (call %s).", before.tool, roughly(time.Since(before.at)), before.call)
	about := map[string]json.RawMessage{"call": quoted(before.call), "tool": quoted(before.tool)}
	if handle := g.rereadable(ctx, c, res); handle != "" {
		about["id"] = quoted(handle)
		text += fmt.Sprintf(" To read it again: %s {%q:%q}.", shape.ReadTool, "id", handle)
	}
	same.Content = []call.Block{call.Text(text + "]")}
	same.Meta = maps.Clone(res.Meta)
	delete(same.Meta, shape.MetaKey) // nothing is cut of this
	same.Meta = withMember(same.Meta, MetaRepeated, object(about))
	_, report := g.shaper.Shape(same, 0, nil)
	same.Tokens = call.Tokens{Before: res.Tokens.Before, After: report.After}
	return same
}

// rereadable returns the handle by which a result can be read again; "" where
// nothing is kept.
func (g *Gateway) rereadable(ctx context.Context, c *call.Call, res *call.Result) string {
	if handle := protocol.MemberString(res.Meta[shape.MetaKey], "id"); handle != "" || g.opts.Keep == nil {
		return handle
	}
	return g.opts.Keep(ctx, c, res)
}

// isOpen reports whether an object with any member satisfies the form in which
// clients are shown a document's output schema (see tool.Tolerant).
func isOpen(output json.RawMessage) bool {
	more, has := protocol.Member(output, "additionalProperties")
	_, patterns := protocol.Member(output, "patternProperties")
	properties, _ := protocol.Member(output, "properties")
	_, taken := protocol.Member(properties, sameMember)
	return !patterns && !taken && (!has || string(more) == "true" || string(more) == "false")
}

// roughly writes a time for a reader.
func roughly(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min", int(d.Minutes()))
}
