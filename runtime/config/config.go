package config

import "time"

// Bounds and defaults of a budget, in tokens.
const (
	DefaultBudget = 8000
	MinBudget     = 50
	MaxBudget     = 1_000_000
)

// DefaultTimeout is how long a call may take where nothing else is said, and
// MaxTimeout the longest that may be asked for.
const (
	DefaultTimeout = Duration(30 * time.Second)
	MaxTimeout     = Duration(time.Hour)
	MaxIdle        = Duration(24 * time.Hour) // of a session that is not used
)

// Config is a whole bridge.yaml.
type Config struct {
	// Listen is the host:port of the HTTP endpoint; port 0 takes a free one.
	Listen string `yaml:"listen"`
	// Budget is the most tokens that a tool's result may cost.
	Budget int `yaml:"budget"`
	// Encoding names the tiktoken vocabulary that tokens are counted by.
	Encoding string `yaml:"encoding"`
	// Profile names the clients that definitions are adapted to.
	Profile string `yaml:"profile"`
	Log     Log    `yaml:"log"`
	// Timeout is how long a call to an upstream may take.
	Timeout Duration `yaml:"timeout"`
	// Instructions are told to clients, whose models read them.
	Instructions string `yaml:"instructions,omitempty"`
	// Drain is how long calls under way may take to finish when the gateway stops
	// or a reload takes their source away; 0 takes the gateway's own default.
	Drain Duration `yaml:"drain,omitempty"`
	// StateKey seals the state of requests that clients hand back in a later one.
	// Replicas of a gateway share it; "" takes a key that lasts as long as the
	// process.
	StateKey Reference `yaml:"state_key,omitempty"`
	// API says whether tools are served as plain HTTP too; nil means on loopback
	// only.
	API    *bool  `yaml:"api,omitempty"`
	Limits Limits `yaml:"limits,omitempty"`
	// Shape says how results are shaped, where nothing narrower does.
	Shape Shape `yaml:"shape,omitempty"`
	// Tools says how the tools are shown, where an endpoint says nothing else.
	Tools Catalog `yaml:"tools"`
	// Store says where state is kept.
	Store Store `yaml:"store,omitempty"`
	// Remainders says how long what was trimmed off can be read.
	Remainders Remainders `yaml:"remainders"`
	// CallerShaping lets callers say, by the reserved arguments _budget and _fields,
	// how a result is shaped, never above what is configured.
	CallerShaping bool `yaml:"caller_shaping"`
	// Ledger says whether the tokens of calls are counted and kept.
	Ledger bool `yaml:"ledger"`
	// Sources are in the file's order.
	Sources []Source `yaml:"sources"`
	// Endpoints are further MCP URLs of the gateway, in the file's order.
	Endpoints []Endpoint `yaml:"endpoints,omitempty"`
	// Gen are the adapters that `bridge gen` writes, in the file's order.
	Gen []Gen `yaml:"gen,omitempty"`

	// at says where each key that was given stands, by its path.
	at map[string]position
}

// Log says what is logged and how.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn or error
	Format string `yaml:"format"` // text or json
}

// Limits bound what clients may ask of the gateway. 0 takes the gateway's own
// defaults.
type Limits struct {
	MaxBody        int      `yaml:"max_body,omitempty"`        // bytes of a request
	MaxSessions    int      `yaml:"max_sessions,omitempty"`    // of clients, at each endpoint
	MaxConcurrent  int      `yaml:"max_concurrent,omitempty"`  // requests under way in one session
	SessionTimeout Duration `yaml:"session_timeout,omitempty"` // of a session that no request came for
	AskTimeout     Duration `yaml:"ask_timeout,omitempty"`     // of a client that a server asks something
}

// Endpoint is a further MCP URL of the gateway, and the part of the catalog that
// it shows.
type Endpoint struct {
	Path string `yaml:"-"` // its key in the file, e.g. "/mcp/gemini"
	// Name is told to clients as the server's name; "" takes the gateway's.
	Name string `yaml:"name,omitempty"`
	// Profile names the clients that definitions are adapted to; "" takes the
	// config's.
	Profile string `yaml:"profile,omitempty"`
	// Include and Exclude are patterns of served names, prefix included, as in
	// [Tools].
	Include []string `yaml:"include,omitempty"`
	Exclude []string `yaml:"exclude,omitempty"`
	// Rename gives other names there, by served names.
	Rename map[string]string `yaml:"rename,omitempty"`
	// Budget is the most tokens that a result may cost there; 0 sets no further
	// bound.
	Budget int `yaml:"budget,omitempty"`
	// Instructions are told to clients there; "" takes the config's.
	Instructions string `yaml:"instructions,omitempty"`
	// Tools says how the tools are shown there, as far as it differs from the
	// config's: see [Config.CatalogAt].
	Tools Catalog `yaml:"tools,omitempty"`
}

// Gen is an adapter that `bridge gen` writes.
type Gen struct {
	// At is where it was declared, e.g. "bridge.yaml:8:3"; "" if it was not read
	// from a file.
	At string `yaml:"-"`

	Document string   `yaml:"document"`           // a file, a pattern of files, or a URL
	Name     string   `yaml:"name,omitempty"`     // of the adapter; "" takes the document's
	Out      string   `yaml:"out,omitempty"`      // its folder; "" takes generated/NAME
	Overlays []string `yaml:"overlays,omitempty"` // files or URLs of OpenAPI Overlays
	Profile  string   `yaml:"profile,omitempty"`  // the client that its tools are for
	// MaxTokens and MaxToolTokens bound what the definitions of all its tools, and
	// that of each, may cost, in tokens; 0 sets no bound.
	MaxTokens     int `yaml:"max_tokens,omitempty"`
	MaxToolTokens int `yaml:"max_tool_tokens,omitempty"`
}

// Source is where tools come from. Just one of Adapter, OpenAPI, Command, MCP and
// Server is set; [Source.Kind] says which.
type Source struct {
	Name string `yaml:"-"` // its key in the file
	// At is where it was declared, e.g. "bridge.yaml:8:3"; "" if it was not read
	// from a file.
	At string `yaml:"-"`

	Adapter string   `yaml:"adapter,omitempty"` // the name of a generated adapter
	OpenAPI string   `yaml:"openapi,omitempty"` // a document's file or URL
	Command []string `yaml:"command,omitempty"` // a stdio MCP server: program, then arguments
	MCP     string   `yaml:"mcp,omitempty"`     // the URL of an MCP server
	Server  string   `yaml:"server,omitempty"`  // an MCP server that is compiled in, by its name

	// Overlays are files or URLs of OpenAPI Overlays, applied to the document of
	// OpenAPI in this order.
	Overlays []string `yaml:"overlays,omitempty"`

	// Env and Dir are the further environment and the working folder of Command.
	Env map[string]Reference `yaml:"env,omitempty"`
	Dir string               `yaml:"dir,omitempty"`

	// Isolate says who shares a session of a Command, MCP or Server source, or its
	// process: "" all callers, "caller" each has one of its own.
	Isolate string `yaml:"isolate,omitempty"`
	// MaxSessions bounds the sessions of isolated callers, and IdleTimeout ends
	// one that is not used; 0 takes the source's own defaults.
	MaxSessions int      `yaml:"max_sessions,omitempty"`
	IdleTimeout Duration `yaml:"idle_timeout,omitempty"`

	// Prefix stands before the tools' names, with "_" between: nil takes Name, ""
	// mounts the source unprefixed. See [Source.EffectivePrefix].
	Prefix *string `yaml:"prefix,omitempty"`
	// URL is the base URL of the API, instead of the document's servers.
	URL     string               `yaml:"url,omitempty"`
	Headers map[string]Reference `yaml:"headers,omitempty"` // sent with every request
	// Credential is presented wherever its form fits the document's schemes;
	// Credentials are by the document's scheme names and go first.
	Credential  *Credential           `yaml:"credential,omitempty"`
	Credentials map[string]Credential `yaml:"credentials,omitempty"`
	Tools       Tools                 `yaml:"tools,omitempty"`
	Budget      int                   `yaml:"budget,omitempty"`  // 0 takes the config's
	Timeout     Duration              `yaml:"timeout,omitempty"` // 0 takes the config's
	// Shape says how results of its tools are shaped.
	Shape Shape `yaml:"shape,omitempty"`
}

// Kind says what a source is, by the key that declares it.
type Kind string

// The kinds of source.
const (
	Adapter Kind = "adapter"
	OpenAPI Kind = "openapi"
	Command Kind = "command"
	MCP     Kind = "mcp"
	Server  Kind = "server"
)

// kinds returns the kinds that the source has a value for.
func (s *Source) kinds() []Kind {
	var kinds []Kind
	for _, k := range []struct {
		kind Kind
		set  bool
	}{{Adapter, s.Adapter != ""}, {OpenAPI, s.OpenAPI != ""}, {Command, len(s.Command) > 0}, {MCP, s.MCP != ""}, {Server, s.Server != ""}} {
		if k.set {
			kinds = append(kinds, k.kind)
		}
	}
	return kinds
}

// Kind returns what a valid source is; "" if it is not just one of the kinds.
func (s *Source) Kind() Kind {
	if kinds := s.kinds(); len(kinds) == 1 {
		return kinds[0]
	}
	return ""
}

// EffectivePrefix is what stands before the tools' names; "" for unprefixed.
func (s *Source) EffectivePrefix() string {
	if s.Prefix != nil {
		return *s.Prefix
	}
	return s.Name
}

// Credential is what is presented to an upstream: one of Bearer, Basic, APIKey,
// OAuth2, JWTBearer, TokenExchange and AWS. A source's own may have HMAC and MTLS
// besides it, or instead.
type Credential struct {
	Bearer Reference `yaml:"bearer,omitempty"`
	Basic  *Basic    `yaml:"basic,omitempty"`
	APIKey Reference `yaml:"apiKey,omitempty"` // placed as the document's scheme says

	OAuth2        *Grant `yaml:"oauth2,omitempty"`         // client credentials (RFC 6749, 4.4)
	JWTBearer     *Grant `yaml:"jwt_bearer,omitempty"`     // a signed JWT as the grant (RFC 7523)
	TokenExchange *Grant `yaml:"token_exchange,omitempty"` // a token for another (RFC 8693)

	AWS  *AWS  `yaml:"aws,omitempty"`  // AWS Signature Version 4
	HMAC *HMAC `yaml:"hmac,omitempty"` // requests signed by a shared key
	MTLS *MTLS `yaml:"mtls,omitempty"` // a client certificate
}

// Basic is a user's name and password (RFC 7617).
type Basic struct {
	Username Reference `yaml:"username"`
	Password Reference `yaml:"password,omitempty"`
}

// Tools says which of a source's tools are served, and as what.
type Tools struct {
	// Include and Exclude are patterns of names without the prefix: "*" stands
	// for any text and "?" for one character. A tool is served if some pattern of
	// Include matches it, or there is none, and no pattern of Exclude does.
	Include []string `yaml:"include,omitempty"`
	Exclude []string `yaml:"exclude,omitempty"`
	// Override changes single tools, by their name without the prefix.
	Override map[string]Override `yaml:"override,omitempty"`
}

// Override changes one tool. Empty fields change nothing.
type Override struct {
	Name        string `yaml:"name,omitempty"` // without the prefix
	Description string `yaml:"description,omitempty"`
	Budget      int    `yaml:"budget,omitempty"`
	Shape       Shape  `yaml:"shape,omitempty"`
}

// Default returns the configuration of an empty file.
func Default() Config {
	return Config{
		Listen:   "127.0.0.1:8080",
		Budget:   DefaultBudget,
		Encoding: "o200k_base",
		Profile:  "default",
		Log:      Log{Level: "info", Format: "text"},
		Timeout:  DefaultTimeout,

		Tools:      Catalog{Mode: "all", Threshold: DefaultThreshold, Describe: "full"},
		Remainders: Remainders{TTL: DefaultRemainderTTL, MaxBytes: DefaultRemainderBytes},
		Ledger:     true,
	}
}

// Duration is a length of time, written as "30s" or "1m30s".
type Duration time.Duration

// String returns the duration as it is written.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
