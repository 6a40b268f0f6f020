package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/ledger"
	"github.com/bridge-gateway/bridge/runtime/remainder"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/store"
	"github.com/bridge-gateway/bridge/runtime/token"
)

// state is what a gateway keeps beyond a call: the rest of trimmed results, and
// what calls cost. The zero value keeps nothing.
type state struct {
	store  store.Store       // nil where nothing outlives the process
	keeper *remainder.Keeper // nil for none
	ledger *ledger.Ledger    // nil for none
}

// openStore opens the configuration's store; nil for none.
func (w *wiring) openStore(ctx context.Context) (store.Store, error) {
	opts := store.Options{Logger: w.logger}
	switch s := w.cfg.Store; {
	case s.SQLite != "":
		file := s.SQLite
		if !filepath.IsAbs(file) {
			file = filepath.Join(w.base, file)
		}
		return store.SQLite(file, opts), nil
	case s.Redis != "":
		address, err := w.secrets.Resolve(ctx, string(s.Redis))
		if err != nil {
			return nil, err
		}
		return store.Redis(address.Reveal(), opts)
	}
	return nil, nil
}

// openState opens what a gateway keeps. stateKey seals what may have anything in
// it; nil takes a key that lasts as long as the process.
func (w *wiring) openState(ctx context.Context, stateKey []byte) (*state, error) {
	s := &state{}
	var err error
	if s.store, err = w.openStore(ctx); err != nil {
		return nil, err
	}
	if w.cfg.Ledger {
		s.ledger = ledger.New(ledger.Options{Store: s.store, Logger: w.logger})
	}
	if w.cfg.Remainders.Off {
		return s, nil
	}
	counter, err := token.Open(w.cfg.Encoding)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	o := remainder.Options{Counter: counter, Logger: w.logger, TTL: time.Duration(w.cfg.Remainders.TTL), MaxBytes: int(w.cfg.Remainders.MaxBytes)}
	if s.store != nil {
		o.Store = store.Sealed(s.store, sealingKey(stateKey))
		o.Passing = len(stateKey) == 0
		o.Shared = w.cfg.Store.Redis != "" && !o.Passing // else no other could read it
	}
	s.keeper = remainder.New(o)
	return s, nil
}

// storeTrial bounds how long a store may take to answer for the first time.
const storeTrial = 5 * time.Second

// try returns why the store can't be used; nil if it can, or there is none.
func (s *state) try(ctx context.Context) error {
	if s.store == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTrial)
	defer cancel()
	if _, err := s.store.Get(ctx, "bridge/trial"); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// tryStore returns the problem that the configured store has; none if it can be
// used. It makes no file that is not there.
func (w *wiring) tryStore(ctx context.Context) []string {
	if file := w.cfg.Store.SQLite; file != "" {
		if file = w.locate(file); !exists(file) {
			if dir := filepath.Dir(file); !exists(dir) {
				return []string{fmt.Sprintf("store.sqlite: there is no directory %s to keep %s in; make it, or name another", dir, filepath.Base(file))}
			}
			return nil
		}
	}
	opened, err := w.openStore(ctx)
	if err == nil && opened != nil {
		s := &state{store: opened}
		err = errors.Join(s.try(ctx), s.close())
	}
	if err != nil {
		return []string{"store: " + cause(err)}
	}
	return nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// sealingKey returns the key for what is kept, of the one that seals what clients
// hand back.
func sealingKey(stateKey []byte) store.Key {
	if len(stateKey) == 0 {
		stateKey = []byte(rand.Text() + rand.Text())
	}
	return store.Key(sha256.Sum256(append([]byte("bridge store\x00"), stateKey...)))
}

// close ends what is kept, once no call is under way. The keeper is a source, and
// is closed with the gateway.
func (s *state) close() error {
	var errs []error
	if s.ledger != nil {
		errs = append(errs, s.ledger.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}

// apply gives a gateway what is kept.
func (s *state) apply(opts *gateway.Options, logger *slog.Logger) {
	if s.ledger != nil {
		opts.Ledger = s.ledger
	}
	if s.keeper != nil {
		opts.Keep = gateway.Readable(s.keeper.Hook())
		opts.Shaper = shape.New(shape.Options{Counter: opts.Counter, Keep: opts.Keep, Logger: logger})
		opts.Mounts = append(opts.Mounts, gateway.Mount{Source: s.keeper, BuiltIn: true})
	}
}
