package gateway

import (
	linked "container/list"
	"encoding/json"
	"errors"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// maxOwned bounds how many tasks and elicitations are remembered; the oldest
// make room.
const maxOwned = 10_000

// owners remember in whose session a server began what it tells of later, under
// no call: the state of a task, the end of an elicitation at a URL.
type owners struct {
	mu    sync.Mutex
	at    map[owned]*linked.Element
	order linked.List // of ownership; front: the newest
}

// owned is a task or an elicitation, by the id that its source has given it.
type owned struct{ kind, source, id string }

// The kinds of what is owned.
const (
	ownedTask        = "task"
	ownedElicitation = "elicitation"
)

// owner is the session, and the caller, that something is of.
type owner struct{ endpoint, session, caller string }

type ownership struct {
	of owned
	by owner
}

func (o *owners) remember(of owned, by owner) {
	if of.id == "" || len(of.id) > maxShownURI {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at == nil {
		o.at = map[owned]*linked.Element{}
	}
	if e, ok := o.at[of]; ok {
		e.Value = ownership{of, by}
		return
	}
	o.at[of] = o.order.PushFront(ownership{of, by})
	if oldest := o.order.Back(); len(o.at) > maxOwned {
		delete(o.at, o.order.Remove(oldest).(ownership).of)
	}
}

func (o *owners) of(thing owned) (owner, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e, ok := o.at[thing]
	if !ok {
		return owner{}, false
	}
	return e.Value.(ownership).by, true
}

// rememberTask notes the task that a call has begun, if it has.
func (o *owners) rememberTask(source string, by owner, res *call.Result) {
	if res == nil || len(res.Extra) == 0 {
		return
	}
	id := protocol.MemberString(res.Extra["task"], "taskId") // 2025-11-25
	if id == "" {
		id, _ = protocol.String(res.Extra["taskId"]) // 2026-07-28
	}
	o.remember(owned{ownedTask, source, id}, by)
}

// rememberRefusal notes the elicitations that a server wants to be answered
// before it serves a call (2025-11-25, client/elicitation, URL Elicitation
// Required Error).
func (o *owners) rememberRefusal(source string, by owner, err error) {
	var e *protocol.Error
	if !errors.As(err, &e) {
		return
	}
	elicitations, _ := protocol.Member(e.Data, "elicitations")
	for one := range protocol.Elements(elicitations) {
		o.remember(owned{ownedElicitation, source, protocol.MemberString(one, "elicitationId")}, by)
	}
}

// rememberAsk notes an elicitation that a server asks a client for.
func (o *owners) rememberAsk(source string, by owner, method string, params json.RawMessage) {
	if method == protocol.Elicit {
		o.remember(owned{ownedElicitation, source, protocol.MemberString(params, "elicitationId")}, by)
	}
}

// ofAnother reports whether a task is known to be another caller's.
func (o *owners) ofAnother(source, id, caller string) bool {
	by, known := o.of(owned{ownedTask, source, id})
	return known && by.caller != caller
}

// lists reports whether a task stands in a caller's list: it is his own, or
// nobody knows whose it is and callers can't be told from each other.
func (o *owners) lists(source, id, caller string) bool {
	by, known := o.of(owned{ownedTask, source, id})
	return known && by.caller == caller || !known && caller == ""
}
