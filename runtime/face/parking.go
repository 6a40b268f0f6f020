package face

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// Bounds of parked calls.
const (
	maxParked  = 1000
	maxOwned   = 100                  // of them, one named caller's
	gatherTime = 5 * time.Millisecond // for questions that are asked at once
	// statePrefix marks a requestState as the face's own; others are a server's.
	statePrefix = "bridge-parked-"
)

var errExpired = fault.New("face.park", fault.Timeout, "the client did not answer what it was asked in time")

// parkable reports whether a request may be answered by input_required
// (2026-07-28, basic/patterns, Multi Round-Trip Requests; SEP-2322).
func parkable(method string) bool {
	return method == protocol.CallTool || method == protocol.GetPrompt || method == protocol.ReadResource
}

// canBeAsked reports whether a client declares anything that it can be asked by.
func canBeAsked(capabilities []byte) bool {
	for key := range protocol.Members(capabilities) {
		switch string(key) {
		case "elicitation", "sampling", "roots":
			return true
		}
	}
	return false
}

// parking has the calls that wait for their clients to come back.
type parking struct {
	mu    sync.Mutex
	calls map[string]*conversation // by requestState
	over  error                    // why no more are parked; nil as long as some may
}

// conversation is a call that may ask its client. It runs in a goroutine of its
// own, and outlives the requests that it is answered in.
type conversation struct {
	server  *Server
	request *Request
	digest  [sha256.Size]byte
	ctx     context.Context
	cancel  context.CancelCauseFunc
	expiry  *time.Timer
	wake    chan struct{}
	done    chan struct{}
	result  Result
	err     error

	mu      sync.Mutex
	present *exchange // nil while the call is parked
	asked   []*question
	number  int
}

// question is one thing that a call asked.
type question struct {
	key, method string
	params      json.RawMessage
	answer      chan json.RawMessage
}

// converse carries out a call that may ask its client.
func (s *Server) converse(x *exchange, r *Request) {
	c := &conversation{server: s, request: r, wake: make(chan struct{}, 1), done: make(chan struct{}), present: x}
	c.ctx, c.cancel = context.WithCancelCause(context.WithoutCancel(x.ctx))
	r.Client = talker{c, x.meta.Capabilities}
	if r.Progress != nil {
		r.Progress = c.progress
	}
	s.links.Go(func() {
		defer close(c.done)
		defer c.cancel(nil)
		c.result, c.err = x.handle(c.ctx, r)
	})
	s.attend(c, x)
}

// attend answers a request with how the call goes on: its end, or what it asks.
func (s *Server) attend(c *conversation, x *exchange) {
	for {
		select {
		case <-c.done:
			x.finish(c.result, c.err)
			return
		case <-x.ctx.Done():
			c.cancel(context.Cause(x.ctx))
			<-c.done
			x.finish(c.result, c.err)
			return
		case <-c.wake:
		}
		gather := time.NewTimer(gatherTime)
		select {
		case <-gather.C:
		case <-c.done:
		case <-x.ctx.Done():
		}
		gather.Stop()
		if x.ctx.Err() != nil {
			continue // there is nobody left to ask
		}
		if result, err := s.park(c); result != nil || err != nil {
			x.finish(result, err)
			return
		}
	}
}

// park puts a call aside until its client comes back, and returns what the
// client is asked; nil if there is nothing to ask.
func (s *Server) park(c *conversation) (Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.done:
		return nil, nil
	default:
	}
	if len(c.asked) == 0 {
		return nil, nil
	}
	if c.digest == [sha256.Size]byte{} {
		c.digest = digest(c.request.Params)
	}
	state := statePrefix + rand.Text() + rand.Text()
	s.parking.mu.Lock()
	defer s.parking.mu.Unlock()
	if err := s.parking.refusal(c.request.Caller.ID); err != nil {
		c.cancel(err)
		return nil, err
	}
	if s.parking.calls == nil {
		s.parking.calls = map[string]*conversation{}
	}
	s.parking.calls[state] = c
	c.present = nil
	c.expiry = time.AfterFunc(s.opts.AskTimeout, func() {
		if s.parking.take(state, nil) {
			c.cancel(errExpired)
		}
	})
	return c.inputRequired(state), nil
}

// refusal returns why no further call of a caller may be parked; nil if one may.
// mu is held.
func (p *parking) refusal(caller string) error {
	if p.over != nil {
		return p.over
	}
	owned := 0
	for _, c := range p.calls {
		if caller != "" && c.request.Caller.ID == caller {
			owned++
		}
	}
	if len(p.calls) >= maxParked || owned >= maxOwned {
		return fault.New("face.park", fault.Unavailable, "too many calls wait for their clients: try again later")
	}
	return nil
}

// inputRequired returns the result that asks the client.
func (c *conversation) inputRequired(state string) Raw {
	out := []byte(`{"resultType":"input_required","inputRequests":{`)
	for i, q := range c.asked {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(protocol.AppendString(out, q.key), ':')
		params := q.params
		if len(params) == 0 {
			params = json.RawMessage("{}") // it may be left out, but the Go SDK's client can't read that
		}
		out = append(out, protocol.Message{Method: q.method, Params: params}.AppendInput(nil)...)
	}
	out = protocol.AppendString(append(out, `},"requestState":`...), state)
	return append(out, '}')
}

// take removes a parked call, if match lets it.
func (p *parking) take(state string, match func(*conversation) bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.calls[state]
	if !ok || match != nil && !match(c) {
		return false
	}
	delete(p.calls, state)
	return true
}

// resume goes on with a parked call, if the request is one's retry, and reports
// whether it was.
func (s *Server) resume(x *exchange, r *Request) bool {
	state := protocol.MemberString(r.Params, "requestState")
	if !strings.HasPrefix(state, statePrefix) {
		return false
	}
	var c *conversation
	sum := digest(r.Params)
	known := s.parking.take(state, func(parked *conversation) bool {
		c = parked
		return parked.digest == sum && parked.request.Method == r.Method && parked.request.Caller.ID == r.Caller.ID
	})
	if !known {
		x.finish(nil, protocol.Errorf(protocol.CodeInvalidParams, "the requestState belongs to no call that waits for this request: it took too long, or the request differs; make the call again without it"))
		return true
	}
	c.expiry.Stop()
	responses, _ := protocol.Member(r.Params, "inputResponses")
	c.answer(x, responses)
	s.attend(c, x)
	return true
}

// answer hands the call what it asked; what is missing is asked again.
func (c *conversation) answer(x *exchange, responses []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present = x
	left := c.asked[:0]
	for _, q := range c.asked {
		if response, ok := protocol.Member(responses, q.key); ok {
			q.answer <- response
		} else {
			left = append(left, q)
		}
	}
	if c.asked = left; len(left) > 0 {
		c.signal()
	}
}

func (c *conversation) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// ask asks the client in the next round.
func (c *conversation) ask(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	c.mu.Lock()
	if len(c.asked) >= maxAsks {
		c.mu.Unlock()
		return nil, fault.New("face.ask", fault.RateLimited, "the call asks its client too much at once")
	}
	c.number++
	q := &question{key: "q" + strconv.Itoa(c.number), method: method, params: params, answer: make(chan json.RawMessage, 1)}
	c.asked = append(c.asked, q)
	c.mu.Unlock()
	c.signal()
	select {
	case answer := <-q.answer:
		return answer, nil
	case <-c.ctx.Done():
		return nil, context.Cause(c.ctx)
	case <-ctx.Done():
		c.withdraw(q)
		return nil, context.Cause(ctx)
	}
}

func (c *conversation) withdraw(q *question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := c.asked[:0:0]
	for _, other := range c.asked {
		if other != q {
			left = append(left, other)
		}
	}
	c.asked = left
}

// endAll ends the calls that wait, and lets no more wait.
func (p *parking) endAll(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = why
	for _, c := range p.calls {
		c.expiry.Stop()
		c.cancel(why)
	}
	clear(p.calls)
}

// digest returns what the retry of a call has in common with the call: its
// params without what a retry adds, however they are written.
func digest(params []byte) [sha256.Size]byte {
	rest := protocol.Without(nil, params, "inputResponses", "requestState", "_meta")
	decoder := json.NewDecoder(strings.NewReader(string(rest)))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) == nil {
		if sorted, err := json.Marshal(value); err == nil {
			rest = sorted
		}
	}
	return sha256.Sum256(rest)
}
