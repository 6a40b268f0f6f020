package face

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// ask sends the client a request that belongs to x, and waits for its answer.
func (sess *session) ask(ctx context.Context, x *exchange, method string, params json.RawMessage) (json.RawMessage, error) {
	number, answer, err := sess.openAsk()
	if err != nil {
		return nil, err
	}
	defer sess.closeAsk(number)
	id := protocol.ID(strconv.AppendInt(nil, number, 10))
	if err := x.send(protocol.Message{ID: id, Method: method, Params: params}); err != nil {
		return nil, err
	}
	timer := time.NewTimer(sess.server.opts.AskTimeout)
	defer timer.Stop()
	select {
	case m := <-answer:
		if m.Error != nil {
			return nil, m.Error
		}
		return m.Result, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-x.ctx.Done():
		err = context.Cause(x.ctx)
	case <-timer.C:
		err = fault.New("face.ask", fault.Timeout, "the client did not answer "+method+" in time")
	}
	_ = x.send(protocol.Message{Method: protocol.Cancelled,
		Params: append(append([]byte(`{"requestId":`), id...), `,"reason":"the answer is not needed any more"}`...)})
	return nil, err
}

func (sess *session) openAsk() (int64, chan protocol.Message, error) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if sess.over {
		return 0, nil, errSessionEnded
	}
	if len(sess.asks) >= maxAsks {
		return 0, nil, fault.New("face.ask", fault.RateLimited, "the client has too many questions to answer: try again when it has answered some")
	}
	if sess.asks == nil {
		sess.asks = map[int64]chan protocol.Message{}
	}
	sess.lastAsk++
	answer := make(chan protocol.Message, 1)
	sess.asks[sess.lastAsk] = answer
	return sess.lastAsk, answer, nil
}

func (sess *session) closeAsk(number int64) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if delete(sess.asks, number); len(sess.asks) == 0 {
		sess.asks = nil
	}
}

// hear takes the client's answer to a question. One that nobody waits for any
// more is dropped.
func (sess *session) hear(m protocol.Message) {
	number, err := strconv.ParseInt(string(m.ID), 10, 64)
	if err != nil {
		return
	}
	sess.mu.Lock()
	answer := sess.asks[number]
	delete(sess.asks, number)
	sess.mu.Unlock()
	if answer != nil {
		answer <- m
	}
}
