package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/shape"
)

// Options configures a gateway.
type Options struct {
	Mounts []Mount
	// Budget is the token budget of tools that have none of their own; 0 means
	// no bound.
	Budget int
	// Profile says what kind of client the tools are shown to; arguments are
	// checked by the tools' own schemas all the same.
	Profile profile.Profile
	// Endpoints are further MCP URLs, beside the one at [Path].
	Endpoints []Endpoint
	// Tools says how tools/list shows the tools at [Path].
	Tools Listing
	// CallerShaping gives every tool the arguments "_budget" and "_fields", by which
	// a model says how much of a result it wants.
	CallerShaping bool
	// Shaper holds results to their budgets. It is needed.
	Shaper *shape.Shaper
	// Keep, if not nil, keeps a result that is not told whole, and returns the handle
	// by which bridge_read reads it: what Shaper was given.
	Keep shape.Keep
	// Counter counts the tokens of definitions, for listings that depend on them.
	Counter shape.Counter
	// Ledger, if not nil, records what calls and lists cost.
	Ledger Ledger
	// Logger takes a record of each call and of what happens to sources; nil
	// discards.
	Logger *slog.Logger
	// Version is the gateway's own version, told to clients.
	Version string
	// Instructions are told to clients; may be empty.
	Instructions string
	// API, if not nil, serves the tools over plain HTTP, at /api/, /openapi.json
	// and /docs.
	API http.Handler
	// Limits bound what clients may ask of the gateway.
	Limits Limits
	// PageSize is the most entries of one page of a list; 0 means 1,000.
	PageSize int
	// StateKey is the key by which the state of a request that awaits the
	// client's input is sealed. Gateways that share clients share it; empty takes
	// a random one.
	StateKey []byte
	// Grace is how long the first tools/list waits for sources that are still
	// loading; 0 means 5 s. After it the list has what is there, and clients are
	// told when more comes.
	Grace time.Duration
	// Drain is how long calls that are under way may take to finish when the
	// gateway stops; 0 means 10 s. Then they are ended.
	Drain time.Duration
}

// Ledger records what callers are told, in tokens.
type Ledger interface {
	// Middleware records calls. It stands around the stage that shapes results.
	Middleware() call.Middleware
	// Listed records a list of tools that a caller was given at an endpoint.
	Listed(caller call.Caller, endpoint string, tokens int)
}

// Limits bound what clients may ask of a gateway. Zero values take the defaults
// of [face.Options], which says what each of them is.
type Limits struct {
	MaxBody                    int64
	MaxSessions, MaxConcurrent int
	SessionTimeout, AskTimeout time.Duration
}

// Gateway serves the tools of its mounts.
type Gateway struct {
	opts   Options // of New; what Reload may change stands elsewhere
	logger *slog.Logger
	shaper *shape.Shaper
	handle call.Handler
	views  atomic.Pointer[views]

	query   querying
	states  *sealer
	watches watches
	owners  owners
	cache   cache
	repeats repeats

	untoldCount atomic.Int64 // notices that nobody was told of

	started time.Time
	settled chan struct{} // closed once every source was tried

	announcing sync.Mutex // one announcement at a time

	mu    sync.Mutex
	seats []*seat // by mount
	// handover is nil unless sources that a reload took out are still shown.
	handover *handover
	life     context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
}

// New returns a gateway that has loaded nothing yet; see [Gateway.Start].
func New(opts Options) *Gateway {
	if opts.Grace == 0 {
		opts.Grace = 5 * time.Second
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Drain == 0 {
		opts.Drain = 10 * time.Second
	}
	g := &Gateway{opts: opts, logger: opts.Logger, shaper: opts.Shaper, settled: make(chan struct{})}
	for _, m := range opts.Mounts {
		g.seats = append(g.seats, newSeat(m))
	}
	g.handle, g.query = g.pipeline(), g.queries()
	g.states = newSealer(opts.StateKey)
	now := &views{}
	for _, s := range opts.settings() {
		now.list = append(now.list, newView(g, s))
	}
	g.views.Store(now)
	return g
}

// Start begins to load the sources, each in a goroutine of its own, until ctx
// ends or [Gateway.Close] is called. It does not wait for them.
func (g *Gateway) Start(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.life, g.cancel = context.WithCancel(ctx)
	g.started = time.Now()
	var first sync.WaitGroup
	for _, s := range g.seats {
		first.Add(1)
		g.begin(s, first.Done)
	}
	g.wg.Go(func() {
		first.Wait()
		close(g.settled)
	})
}

// Close stops loading, ends client sessions and closes every source. It waits
// for all of it.
func (g *Gateway) Close() error {
	g.mu.Lock()
	if g.cancel != nil {
		g.cancel()
	}
	seats, leaving := g.seats, g.handover.sources()
	g.seats, g.handover = nil, nil
	g.mu.Unlock()
	g.endSessions()
	errs := make([]error, len(seats)+len(leaving))
	var closing sync.WaitGroup
	for i, m := range leaving {
		closing.Go(func() { errs[len(seats)+i] = m.Source.Close() })
	}
	for i, s := range seats {
		closing.Go(func() { errs[i] = s.close() })
	}
	closing.Wait()
	g.wg.Wait()
	return errors.Join(errs...)
}

// Catalog returns what is served now at [Path].
func (g *Gateway) Catalog() *Catalog { return g.first().catalog.Load() }

// CatalogAt returns what is served now at an endpoint's path; nil if no endpoint
// stands there.
func (g *Gateway) CatalogAt(path string) *Catalog {
	if v := g.viewAt(path); v != nil {
		return v.catalog.Load()
	}
	return nil
}

// Call carries out a call through the whole pipeline.
func (g *Gateway) Call(ctx context.Context, c *call.Call) (*call.Result, error) {
	return g.handle(ctx, c)
}

// Settled is closed once every source was loaded or has failed once.
func (g *Gateway) Settled() <-chan struct{} { return g.settled }

// settle waits for the sources' first load, but no longer than the grace that
// began with Start.
func (g *Gateway) settle(ctx context.Context) {
	select {
	case <-g.settled:
		return
	default:
	}
	timer := time.NewTimer(g.opts.Grace - time.Since(g.started))
	defer timer.Stop()
	select {
	case <-g.settled:
	case <-timer.C:
	case <-ctx.Done():
	}
}
