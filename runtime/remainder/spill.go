package remainder

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// Times that the store has.
const (
	writeTime = 10 * time.Second
	closeTime = 5 * time.Second
)

// spill writes entries to the store as they leave memory.
func (k *Keeper) spill(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.wake:
		}
		for e := k.next(); e != nil && ctx.Err() == nil; e = k.next() {
			err := k.write(ctx, e)
			if ctx.Err() != nil {
				return // Close writes it
			}
			k.moved(e, err)
		}
	}
}

// next returns the entry that waits longest; nil for none.
func (k *Keeper) next() *entry {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.moving) == 0 {
		return nil
	}
	return k.moving[0]
}

// moved ends an entry's waiting.
func (k *Keeper) moved(e *entry, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.moving[0] = nil
	k.moving = k.moving[1:]
	k.waiting -= e.size
	delete(k.entries, e.handle)
	if err != nil {
		k.drop("the store did not take one", 1, err)
	}
}

// Close moves what is kept to the store, as far as that takes a few seconds at
// most, so that it can be read after a restart if the store's key is the same.
func (k *Keeper) Close() error {
	k.mu.Lock()
	if k.closed {
		k.mu.Unlock()
		return nil
	}
	k.closed = true
	k.mu.Unlock()
	k.stop()
	k.writer.Wait()
	if k.opts.Store == nil || k.opts.Passing {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	lost := 0
	var failed error
	for _, e := range k.entries { // nobody else has them now
		if e.stored || !e.expires.After(time.Now()) {
			continue
		}
		if err := k.write(ctx, e); err != nil {
			failed = err
			lost++
		}
	}
	if lost > 0 {
		k.drop("the store did not take all as the gateway stopped", lost, failed)
	}
	return nil
}

// A stored result is: the form's version, the owner, when it expires in
// milliseconds since 1970, and the compressed JSON of the result.
const (
	storedForm = 1
	storedHead = 1 + len(owner{}) + 8
)

func storeKey(handle string) string { return "remainder/result/" + handle }

func (k *Keeper) write(ctx context.Context, e *entry) error {
	const op = "remainder.store"
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	left := time.Until(e.expires)
	if left <= 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err // before the work of writing it
	}
	text, err := e.result.AppendJSON(nil)
	if err != nil {
		return fault.Wrap(op, fault.Internal, "the result can't be written as JSON", err)
	}
	var out bytes.Buffer
	out.WriteByte(storedForm)
	out.Write(e.owner[:])
	out.Write(binary.BigEndian.AppendUint64(nil, uint64(e.expires.UnixMilli())))
	w, _ := flate.NewWriter(&out, flate.BestSpeed) // never fails: the level is right
	_, err = w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return fault.Wrap(op, fault.Internal, "the result can't be compressed", err)
	}
	return k.opts.Store.Set(ctx, storeKey(e.handle), out.Bytes(), left)
}

// load reads an entry from the store; nil if there is none.
func (k *Keeper) load(ctx context.Context, handle string) (*entry, error) {
	raw, err := k.opts.Store.Get(ctx, storeKey(handle))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.Conflict: // sealed with the key of a gateway that has ended
		k.logger.WarnContext(ctx, "a trimmed result can't be read from the store", "error", err)
		return nil, nil
	case kind == fault.Canceled, kind == fault.Timeout:
		return nil, err
	default: // which tells where the store is
		return nil, fault.Wrap("remainder.load", kind, "the rest of the result can't be read for now: try again, or call the tool again and ask for less", err)
	}
	e, err := decode(raw, longest*k.opts.MaxEntry)
	if err != nil {
		return nil, fault.Wrap("remainder.load", fault.Internal, "the result that was kept can't be read any more: call the tool again", err)
	}
	e.handle, e.stored = handle, true
	return e, nil
}

// longest is how many times as long as its bytes a result's JSON is at most:
// "\u0000" is one byte.
const longest = 6

// decode reads a stored entry, of which at most limit bytes come out.
func decode(raw []byte, limit int) (*entry, error) {
	if len(raw) < storedHead || raw[0] != storedForm {
		return nil, errors.New("not in the form of a stored result")
	}
	e := &entry{owner: owner(raw[1:]), expires: time.UnixMilli(int64(binary.BigEndian.Uint64(raw[1+len(owner{}):])))}
	r := flate.NewReader(bytes.NewReader(raw[storedHead:]))
	text, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if len(text) > limit {
		return nil, errors.New("larger than results are")
	}
	if e.result, err = call.ParseResult(text); err != nil {
		return nil, err
	}
	e.size = sizeOf(e.result)
	e.parts = sync.OnceValue(func() []part { return partsOf(e.result) })
	return e, nil
}
