package manager

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
	"github.com/bridge-gateway/bridge/runtime/credential/signing"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Defaults of [Options].
const (
	DefaultTTL     = 5 * time.Minute
	DefaultStale   = time.Hour
	DefaultTimeout = 20 * time.Second
)

const (
	// maxSecret bounds what a manager or command may answer, in bytes.
	maxSecret = 1 << 20
	// grace is how long a call waits for a value to be got anew while there is one
	// that can stand in.
	grace = 2 * time.Second
	// firstPause and longestPause are between tries at a manager that fails.
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// Options say how managers are asked. The zero value is good.
type Options struct {
	// Dir is the folder that commands begin in; "" is the working folder.
	Dir string
	// TTL is how long a value is used before it is got anew; Stale, from then on, how
	// long it stands in while its manager fails; Timeout bounds one try. 0 takes the
	// defaults.
	TTL, Stale, Timeout time.Duration
	// Logger takes what fails in the background; nil for none.
	Logger *slog.Logger
	// Fetch takes the managers' place; nil asks them.
	Fetch func(ctx context.Context, kind reference.Kind, target string) (string, error)
}

// Managers keeps what managers answered. It is safe for parallel use.
type Managers struct {
	opts  Options
	vault vault
	aws   *signing.AWS

	work context.Context // ends with Close
	stop context.CancelFunc
	done sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	entries map[key]*entry
}

type key struct {
	kind   reference.Kind
	target string
}

// entry is what is known of one reference. The text is held in a closure, where
// nothing that prints an entry finds it.
type entry struct {
	text    func() string // nil until it was got
	got     time.Time
	err     error         // of the last try, nil after a good one
	failed  int           // tries in a row
	stale   int           // uses of the text since it was over its time
	retryAt time.Time     // no try before
	flight  chan struct{} // closed when the try under way has ended; nil for none
}

// New returns managers that were not asked yet. Close them.
func New(o Options) *Managers {
	for _, d := range []struct {
		into  *time.Duration
		value time.Duration
	}{{&o.TTL, DefaultTTL}, {&o.Stale, DefaultStale}, {&o.Timeout, DefaultTimeout}} {
		if *d.into <= 0 {
			*d.into = d.value
		}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Managers{opts: o, entries: map[key]*entry{}, aws: signing.NewAWS(signing.AWSOptions{What: "${aws-sm:…}", Service: "secretsmanager"})}
	m.work, m.stop = context.WithCancel(context.Background())
	if m.opts.Fetch == nil {
		m.opts.Fetch = m.ask
	}
	return m
}

// Close ends what is under way and waits for it.
func (m *Managers) Close() error {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.stop()
	m.done.Wait()
	m.vault.close()
	return nil
}

// Fetch returns what a reference stands for: as kept where that is good, else as
// its manager has it now. The error says what to check.
func (m *Managers) Fetch(ctx context.Context, kind reference.Kind, target string) (string, error) {
	m.mu.Lock()
	e := m.entries[key{kind, target}]
	if e == nil {
		e = &entry{}
		m.entries[key{kind, target}] = e
	}
	now := time.Now()
	age := now.Sub(e.got)
	if (e.text == nil || age > m.opts.TTL*3/4) && e.flight == nil && !now.Before(e.retryAt) && !m.closed {
		m.begin(key{kind, target}, e)
	}
	flight := e.flight
	if e.text != nil && age <= m.opts.TTL {
		defer m.mu.Unlock()
		return e.text(), nil
	}
	usable := e.text != nil && age <= m.opts.TTL+m.opts.Stale
	m.mu.Unlock()
	if err := await(ctx, flight, usable); err != nil {
		return "", err
	}
	return m.settle(key{kind, target}, e)
}

// await waits for a try to end, and where another value can stand in, not long.
func await(ctx context.Context, flight chan struct{}, usable bool) error {
	if flight == nil {
		return nil
	}
	var enough <-chan time.Time
	if usable {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-flight:
	case <-enough:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// settle returns what there is after a try, a value that is over its time if it
// must be.
func (m *Managers) settle(k key, e *entry) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	age := time.Since(e.got)
	switch {
	case e.text != nil && age <= m.opts.TTL:
		return e.text(), nil
	case e.text != nil && age <= m.opts.TTL+m.opts.Stale:
		if e.stale++; e.stale&(e.stale-1) == 0 { // the first, second, fourth … time
			m.opts.Logger.Warn("a secret's manager fails; its last good value stays in use", "reference", shown(k),
				"age", age.Round(time.Second), "until", e.got.Add(m.opts.TTL+m.opts.Stale).Format(time.RFC3339), "uses", e.stale, "error", e.err)
		}
		return e.text(), nil
	case e.err != nil:
		return "", e.err
	default:
		return "", fault.New("secret.fetch", fault.Unavailable, "the gateway is stopping: no secret is got any more")
	}
}

// begin starts a try. m.mu is held.
func (m *Managers) begin(k key, e *entry) {
	flight := make(chan struct{})
	e.flight = flight
	m.done.Go(func() {
		ctx, cancel := context.WithTimeout(m.work, m.opts.Timeout)
		defer cancel()
		text, err := m.opts.Fetch(ctx, k.kind, k.target)
		m.mu.Lock()
		defer m.mu.Unlock()
		defer close(flight)
		e.flight = nil
		m.take(k, e, text, err)
	})
}

// take notes how a try ended. m.mu is held.
func (m *Managers) take(k key, e *entry, text string, err error) {
	if err == nil {
		if e.failed > 0 {
			m.opts.Logger.Info("a secret's manager answers again", "reference", shown(k), "failures", e.failed, "stale_uses", e.stale)
		}
		*e = entry{text: func() string { return text }, got: time.Now()}
		return
	}
	if m.work.Err() != nil {
		return
	}
	e.failed++
	e.err = err
	e.retryAt = time.Now().Add(min(firstPause<<min(e.failed-1, 10), longestPause))
	m.opts.Logger.Warn("a secret could not be got", "reference", shown(k), "failures", e.failed, "error", err)
}

func (m *Managers) ask(ctx context.Context, kind reference.Kind, target string) (string, error) {
	switch kind {
	case reference.Exec:
		return run(ctx, m.opts.Dir, target)
	case reference.Vault:
		return m.vault.read(ctx, target)
	case reference.AWS:
		return m.awsSecret(ctx, target)
	default:
		return "", fault.New("secret.fetch", fault.Invalid, fmt.Sprintf("${%s:…} is no reference to a manager", kind))
	}
}

// shown is a reference as it may be printed.
func shown(k key) string { return reference.Redact("${" + string(k.kind) + ":" + k.target + "}") }
