package grant

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

const (
	// timeout bounds one request for a token, secrets included.
	timeout = 20 * time.Second
	// unlimited is how long a token is used whose server does not say.
	unlimited = 30 * time.Minute
	// margin is kept from a token's end, for the way to the upstream; a token that
	// is shorter keeps a tenth.
	margin = 10 * time.Second
	// firstPause and longestPause are between tries that fail.
	firstPause   = time.Second
	longestPause = 30 * time.Second
	// again is how long after a refusal another one changes nothing: an upstream
	// that refuses every token must not make a request for each call.
	again = 30 * time.Second
)

// Source gets and keeps one token. It is safe for parallel use.
type Source struct {
	opts   Options
	log    *slog.Logger
	client *http.Client
	own    *http.Transport // nil where the transport was handed in

	// config is used by one try at a time: it remembers how the server wants the
	// client's secret.
	config clientcredentials.Config

	work context.Context // ends with Close
	stop context.CancelFunc
	done sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	looked  bool // in the store
	held    *token
	refused time.Time     // when the upstream last refused a token
	err     error         // of the last try; nil after a good one
	failed  int           // tries in a row
	retryAt time.Time     // no try before
	flight  chan struct{} // closed when the try under way has ended; nil for none
}

// token is an access token and its times.
type token struct {
	text    credential.Secret
	expires time.Time // with the margin taken off
	renewAt time.Time
}

// New returns a source that asks for nothing yet, or an error that says what is
// wrong with the settings. Close it.
func New(o Options) (*Source, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Source{opts: o, log: o.Logger}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.log = s.log.With("source", o.Source, "setting", o.What)
	transport := o.Transport
	if transport == nil {
		s.own = newTransport()
		transport = s.own
	}
	s.client = &http.Client{Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	s.work, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Close ends what is under way and waits for it.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.done.Wait()
	if s.own != nil {
		s.own.CloseIdleConnections()
	}
	return nil
}

// Token returns a token that is good now, and gets one where there is none. The
// error says what to check.
func (s *Source) Token(ctx context.Context) (credential.Secret, error) {
	s.mu.Lock()
	now := time.Now()
	good := s.held != nil && now.Before(s.held.expires)
	if (!good || now.After(s.held.renewAt)) && s.flight == nil && !now.Before(s.retryAt) && !s.closed {
		s.begin()
	}
	flight, held := s.flight, s.held
	s.mu.Unlock()
	if good {
		return held.text, nil
	}
	if flight != nil {
		select {
		case <-flight:
		case <-ctx.Done():
			return credential.Secret{}, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.held != nil && time.Now().Before(s.held.expires):
		return s.held.text, nil
	case s.err != nil:
		return credential.Secret{}, s.err
	default:
		return credential.Secret{}, fault.New("grant.token", fault.Unavailable, s.opts.What+": no token can be got now; try again")
	}
}

// Refused says that the upstream refused a token, and reports whether another one
// is to be had: this one is forgotten then.
func (s *Source) Refused(ctx context.Context, text credential.Secret) bool {
	s.mu.Lock()
	if s.held == nil || s.held.text.Reveal() != text.Reveal() {
		defer s.mu.Unlock()
		return s.held != nil // there is another one already
	}
	if time.Since(s.refused) < again {
		s.mu.Unlock()
		return false
	}
	s.refused, s.held = time.Now(), nil
	s.mu.Unlock()
	s.log.WarnContext(ctx, "the upstream refused a token (401) before its time; another one is got")
	s.forget(ctx)
	return true
}

// begin starts a try. s.mu is held.
func (s *Source) begin() {
	flight := make(chan struct{})
	s.flight = flight
	look := !s.looked
	s.looked = true
	s.done.Go(func() {
		ctx, cancel := context.WithTimeout(s.work, timeout)
		defer cancel()
		got, kept, err := s.try(ctx, look)
		s.mu.Lock()
		s.flight = nil
		s.take(got, kept, err)
		s.mu.Unlock()
		close(flight)
	})
}

// try gets a token: the one that was kept, where there is none yet, or a new one.
func (s *Source) try(ctx context.Context, look bool) (got *token, kept bool, err error) {
	p, err := s.parameters(ctx)
	if err != nil {
		return nil, false, err
	}
	if look {
		if got := s.recall(ctx, p); got != nil {
			return got, true, nil
		}
	}
	if got, err = s.request(ctx, p); err == nil {
		s.keep(ctx, p, got)
	}
	return got, false, err
}

// take notes how a try ended. s.mu is held.
func (s *Source) take(got *token, kept bool, err error) {
	if err != nil {
		if s.work.Err() != nil {
			return
		}
		s.failed++
		s.err = err
		s.retryAt = time.Now().Add(min(firstPause<<min(s.failed-1, 10), longestPause))
		s.log.Warn("no token could be got for an upstream", "failures", s.failed, "has_token", s.held != nil, "error", err)
		return
	}
	if s.failed > 0 {
		s.log.Info("tokens can be got again", "failures", s.failed)
	}
	s.log.Debug("token", "from_store", kept, "expires", got.expires, "renewed_at", got.renewAt)
	s.held, s.err, s.failed, s.retryAt = got, nil, 0, time.Time{}
}

// newToken works out a token's times from its end; a zero end is not known.
func newToken(text string, expires time.Time) *token {
	left := time.Until(expires)
	if expires.IsZero() {
		left = unlimited
	}
	left -= min(margin, left/10)
	now := time.Now()
	// Between 70 and 90 percent of its time: spread, so that not all gateways ask
	// at once.
	renew := time.Duration(float64(left) * (0.7 + 0.2*rand.Float64()))
	return &token{credential.NewSecret(text), now.Add(left), now.Add(renew)}
}

// String leaves the token out.
func (t *token) String() string { return fmt.Sprintf("token until %s", t.expires) }
