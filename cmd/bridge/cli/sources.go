package cli

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// wiring turns the sources of a configuration into mounts.
type wiring struct {
	Program
	cfg     config.Config
	base    string // the folder that the configuration's paths are relative to
	logger  *slog.Logger
	secrets *credential.Resolver
	listing bool   // tools are listed, never called
	opened  func() // is told when a source has read its document; may be nil
	vault   *vault // what the run keeps of secrets
}

func (a *app) wire(cfg config.Config, file string, logger *slog.Logger) *wiring {
	a.guard(logger)
	dir := filepath.Dir(file)
	secrets := &credential.Resolver{Dir: dir, Remote: a.vault.asking(dir, logger).Fetch}
	return &wiring{Program: a.Program, cfg: cfg, base: dir, logger: logger, secrets: secrets, vault: &a.vault}
}

// mounts returns a mount for every source. A source that can't be made is
// mounted all the same: it reports why, and the rest serve.
func (w *wiring) mounts(ctx context.Context) []gateway.Mount {
	mounts, _ := w.make(ctx, nil, false)
	return mounts
}

// mount returns a mount with the source that s stands for.
func (w *wiring) mount(ctx context.Context, s config.Source) gateway.Mount {
	m := w.appearance(s)
	switch s.Kind() {
	case config.Adapter, config.OpenAPI:
		source := w.rest(s)
		m.Source, m.Credentials = source, source.credential
	default:
		m.Source = w.native(ctx, s)
	}
	return m
}

// appearance returns a mount without a source: how its tools appear.
func (w *wiring) appearance(s config.Source) gateway.Mount {
	m := gateway.Mount{
		Prefix:    s.EffectivePrefix(),
		Include:   s.Tools.Include,
		Exclude:   s.Tools.Exclude,
		Overrides: map[string]gateway.Override{},
		Budget:    s.Budget,
		Isolated:  s.Isolate != "",
		Shaping:   reshaping(s.Shape).Over(reshaping(w.cfg.Shape)),
	}
	for name, o := range s.Tools.Override {
		m.Overrides[name] = gateway.Override{Name: o.Name, Description: o.Description, Budget: o.Budget, Shaping: reshaping(o.Shape)}
	}
	return m
}

// stateKey returns the key that seals what clients hand back; nil for none.
func (w *wiring) stateKey(ctx context.Context) ([]byte, error) {
	if w.cfg.StateKey == "" {
		return nil, nil
	}
	key, err := w.secrets.Resolve(ctx, string(w.cfg.StateKey))
	if err != nil {
		return nil, err
	}
	const least = 32
	if len(key.Reveal()) < least {
		return nil, fault.New("serve.state", fault.Invalid, fmt.Sprintf("what state_key refers to has fewer than %d characters; `openssl rand -hex 32` makes a key", least))
	}
	return []byte(key.Reveal()), nil
}

func (w *wiring) timeout(s config.Source) time.Duration {
	if s.Timeout > 0 {
		return time.Duration(s.Timeout)
	}
	return time.Duration(w.cfg.Timeout)
}

// rest returns the source of an adapter or a document.
func (w *wiring) rest(s config.Source) *restSource {
	return &restSource{name: s.Name, headers: slices.Collect(maps.Keys(s.Headers)), open: func(ctx context.Context) (*openedREST, error) {
		if w.opened != nil {
			defer w.opened()
		}
		began := time.Now()
		parts, err := w.parts(ctx, s)
		if err != nil {
			return nil, err
		}
		presented, err := w.presenting(ctx, s, parts)
		if err != nil {
			return nil, err
		}
		tools, said := runnable(parts.tools, location(s), readsURL(s))
		w.reportDiagnostics(ctx, s.Name, said)
		parts.tools, parts.diagnostics = tools, append(parts.diagnostics, said...)
		credentials, err := credential.New(credential.Options{
			Source: s.Name, API: parts.api, Tools: pointers(parts.operations), Default: presented.fallback,
			Besides: presented.besides, ByScheme: presented.byScheme, Resolver: w.secrets,
		})
		if err != nil {
			return nil, errors.Join(err, presented.close())
		}
		opts := rest.Options{
			Name: s.Name, API: parts.api, Tools: parts.tools, BaseURL: s.URL, DocumentURL: parts.url,
			Headers: w.headers(s), Timeout: w.timeout(s), Logger: w.logger,
			Credentials: credentials.For, Custom: parts.custom, TLS: presented.tls,
		}
		source, err := rest.New(opts)
		if err != nil && w.listing && s.URL == "" {
			// A listing needs no base URL, but says that serving will.
			parts.diagnostics = append(parts.diagnostics, openapi.Diagnostic{
				Severity: openapi.SeverityWarning, Code: "no-base-url", Message: fault.Message(err), File: location(s)})
			opts.BaseURL = unknownServer
			source, err = rest.New(opts)
		}
		if err != nil {
			return nil, errors.Join(err, presented.close())
		}
		return &openedREST{source, credentials, presented, parts.diagnostics, digests(parts.files, began)}, nil
	}}
}

// unknownServer stands for the base URL of an API that is only listed.
const unknownServer = "http://server.invalid"

// location is where a source's tools are described, for messages.
func location(s config.Source) string {
	if s.OpenAPI != "" {
		return s.OpenAPI
	}
	return s.Adapter
}

// restParts is what a REST source is made of, compiled in or interpreted.
type restParts struct {
	api   tool.API
	tools []tool.Tool
	// operations are the tools that send requests: with those that are hidden,
	// as composite tools may call these.
	operations  []tool.Tool
	custom      *rest.Custom // what was written by hand; nil for nothing
	url         string       // where the document came from, if a URL
	diagnostics []openapi.Diagnostic
	files       []string // that the document was read from
}

func (w *wiring) parts(ctx context.Context, s config.Source) (restParts, error) {
	location, names := s.OpenAPI, map[string]string(nil)
	if s.Kind() == config.Adapter {
		for _, adapter := range w.Adapters {
			if adapter.Name == s.Adapter {
				tools, err := adapter.Load()
				return restParts{api: adapter.API, tools: tools, operations: adapter.Tools, custom: adapter.Custom}, err
			}
		}
		var err error
		if location, err = w.documentOf(s.Adapter); err != nil {
			return restParts{}, err
		}
		if names, err = readNames(filepath.Join(w.base, "generated", s.Adapter)); err != nil {
			return restParts{}, err
		}
		w.logger.Warn(w.interpretedNotice(s.Adapter), "source", s.Name, "adapter", s.Adapter, "document", location)
	}
	location = w.locate(location)
	doc, err := openapi.Load(ctx, location, openapi.Options{Prefix: s.EffectivePrefix(), Names: names, Overlays: w.locateAll(s.Overlays), Root: reachable()})
	if err != nil {
		return restParts{}, err
	}
	parts := restParts{api: doc.API, tools: doc.Tools, operations: doc.Tools, diagnostics: doc.Diagnostics, files: doc.Files}
	if openapi.IsURL(location) {
		parts.url = location
	}
	w.reportDiagnostics(ctx, s.Name, doc.Diagnostics)
	return parts, nil
}

// interpretedNotice says what serving an adapter's document instead of the
// adapter means. A hand-written file that can't be read counts as one that says
// something.
func (w *wiring) interpretedNotice(adapter string) string {
	const notice = "the adapter is not compiled into this gateway; its document is interpreted instead"
	if byHand, err := customized(filepath.Join(w.base, "generated", adapter)); err == nil && !byHand {
		return notice
	}
	return notice + ": hooks and tools that are written by hand in it do not run, and tools that it hides are shown"
}

// reportDiagnostics logs what lowering had to say: errors and warnings as such,
// the rest for those who debug.
func (w *wiring) reportDiagnostics(ctx context.Context, source string, diagnostics []openapi.Diagnostic) {
	levels := map[openapi.Severity]slog.Level{openapi.SeverityError: slog.LevelWarn, openapi.SeverityWarning: slog.LevelInfo}
	for _, d := range diagnostics {
		level, ok := levels[d.Severity]
		if !ok {
			level = slog.LevelDebug
		}
		w.logger.LogAttrs(ctx, level, "document", slog.String("source", source), slog.String("diagnostic", d.String()))
	}
}

// locate returns a document's location seen from the working folder.
func (w *wiring) locate(location string) string {
	if openapi.IsURL(location) || filepath.IsAbs(location) {
		return location
	}
	return filepath.Join(w.base, location)
}

func (w *wiring) locateAll(locations []string) []string {
	out := make([]string, len(locations))
	for i, location := range locations {
		out[i] = w.locate(location)
	}
	return out
}

// documentOf finds the document that an adapter was generated from: as the
// adapter's own header says, or beside the configuration under specs.
func (w *wiring) documentOf(adapter string) (string, error) {
	candidates := []string{}
	if from := generatedFrom(filepath.Join(w.base, "generated", adapter, "adapter.go")); from != "" {
		candidates = append(candidates, from)
	}
	for _, ext := range []string{".yaml", ".yml", ".json"} {
		candidates = append(candidates, filepath.Join("specs", adapter+ext))
	}
	for _, c := range candidates {
		if _, err := os.Stat(filepath.Join(w.base, c)); err == nil {
			return c, nil
		}
	}
	compiled := make([]string, 0, len(w.Adapters))
	for _, a := range w.Adapters {
		compiled = append(compiled, a.Name)
	}
	return "", fault.New("source.adapter", fault.Invalid, fmt.Sprintf(
		"the adapter %q is not compiled into this gateway (compiled in: %s), and no document is at %s; generate it with `bridge gen DOCUMENT` and build, or name the document with `openapi:`",
		adapter, orNone(compiled), strings.Join(candidates, ", ")))
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// generatedFrom returns the document that a generated file says it is from.
func generatedFrom(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	line, _ := bufio.NewReader(f).ReadString('\n')
	line, ok := strings.CutPrefix(strings.TrimSpace(line), generatedHeader)
	if !ok {
		return ""
	}
	return filepath.FromSlash(strings.TrimSuffix(line, "; DO NOT EDIT."))
}

// native returns the source of an MCP server.
func (w *wiring) native(ctx context.Context, s config.Source) gateway.Source {
	opts := native.Options{Name: s.Name, Command: s.Command, URL: s.MCP, Dir: s.Dir,
		Isolate: s.Isolate, MaxSessions: s.MaxSessions, IdleTimeout: time.Duration(s.IdleTimeout),
		Headers: w.nativeHeaders(s), CallTimeout: w.timeout(s), Logger: w.logger}
	if opts.Dir == "" && len(s.Command) > 0 {
		opts.Dir = w.base
	}
	if s.Server != "" {
		server, err := w.server(s.Server)
		if err != nil {
			return brokenSource{s.Name, err}
		}
		opts.Server = server
	}
	opts.Env = map[string]string{}
	for name, ref := range s.Env {
		secret, err := w.secrets.Resolve(ctx, string(ref))
		if err != nil {
			return brokenSource{s.Name, err}
		}
		opts.Env[name] = secret.Reveal()
	}
	source, err := native.New(opts)
	if err != nil {
		return brokenSource{s.Name, err}
	}
	return source
}

// brokenSource is a source that can't be made as it is configured.
type brokenSource struct {
	name string
	err  error
}

func (s brokenSource) Name() string                               { return s.name }
func (s brokenSource) Tools(context.Context) ([]tool.Tool, error) { return nil, s.err }
func (s brokenSource) Close() error                               { return nil }
func (s brokenSource) Invoke(context.Context, *call.Call) (*call.Result, error) {
	return nil, s.err
}

func (w *wiring) headers(s config.Source) []rest.Header {
	headers := make([]rest.Header, 0, len(s.Headers))
	for name, ref := range s.Headers {
		headers = append(headers, rest.Header{Name: name, Value: w.reveal(ref), Secret: strings.Contains(string(ref), "${")})
	}
	slices.SortFunc(headers, func(a, b rest.Header) int { return strings.Compare(a.Name, b.Name) })
	return headers
}

// reveal returns what resolves a reference anew at each use, so that a rotated
// secret takes effect without a restart.
func (w *wiring) reveal(ref config.Reference) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		secret, err := w.secrets.Resolve(ctx, string(ref))
		return secret.Reveal(), err
	}
}

// nativeHeaders returns the headers for an MCP server's URL; a bearer token or a
// user's name and password go into Authorization.
func (w *wiring) nativeHeaders(s config.Source) map[string]native.HeaderFunc {
	headers := make(map[string]native.HeaderFunc, len(s.Headers)+1)
	for name, ref := range s.Headers {
		headers[name] = w.reveal(ref)
	}
	if s.Credential == nil || s.MCP == "" {
		return headers
	}
	if c := s.Credential; c.Basic != nil {
		username, password := w.reveal(c.Basic.Username), w.reveal(c.Basic.Password)
		headers["Authorization"] = func(ctx context.Context) (string, error) {
			name, err := username(ctx)
			word, err2 := password(ctx)
			return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+word)), firstOf(err, err2)
		}
	} else {
		headers["Authorization"] = w.reveal("Bearer " + c.Bearer)
	}
	return headers
}

func pointers(tools []tool.Tool) []*tool.Tool {
	out := make([]*tool.Tool, len(tools))
	for i := range tools {
		out[i] = &tools[i]
	}
	return out
}
