package native

import (
	"bytes"
	"context"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// duplex is the part that connections have in common which all messages of a
// session share: answers find their requests by their ids.
type duplex struct{ sess *session }

// await waits for the answer, and hands on meanwhile what the server tells about
// the request. send sends it.
func (d duplex) await(ctx context.Context, x *exchange, send func() error) (protocol.Message, error) {
	if err := send(); err != nil {
		return protocol.Message{}, err
	}
	for {
		select {
		case m := <-x.answer:
			d.flush(x)
			return m, nil
		case m := <-x.events:
			x.tell(m)
		case <-ctx.Done():
			return protocol.Message{}, ctx.Err()
		case <-d.sess.gone:
			select {
			case m := <-x.answer: // it came before the end
				d.flush(x)
				return m, nil
			default:
				return protocol.Message{}, errGone
			}
		}
	}
}

// flush hands on what came before the answer.
func (d duplex) flush(x *exchange) {
	for {
		select {
		case m := <-x.events:
			x.tell(m)
		default:
			return
		}
	}
}

// receive takes what came in: a message, or a batch as revision 2025-03-26 has
// it. It returns an error for what is neither. data may be kept.
func (d duplex) receive(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errNoMessage
	}
	_, err := protocol.ParseBatch(protocol.Mended(data), maxBatch, func(m protocol.Message, err error) {
		switch {
		case err != nil:
			d.sess.src.drop("malformed messages", "they are no JSON-RPC")
		case m.IsResponse():
			d.answer(m)
		default:
			d.sess.incoming(m, nil)
		}
	})
	return err
}

// answer hands an answer to its request; one that nobody waits for is dropped.
func (d duplex) answer(m protocol.Message) {
	id, ok := numberOf(m.ID)
	if !ok {
		d.sess.src.drop("answers to no request", "their ids are none of ours")
		return
	}
	x := d.sess.table.byID(id)
	if x == nil {
		d.sess.table.answeredLate(id)
		return
	}
	select {
	case x.answer <- m:
	default: // a second answer
	}
}
