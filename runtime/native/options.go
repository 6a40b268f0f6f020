package native

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// ownHeaders are set by the transport; options may not.
var ownHeaders = map[string]bool{
	"host": true, "content-length": true, "content-type": true, "accept": true, "connection": true,
	"transfer-encoding": true, "last-event-id": true, "te": true, "trailer": true, "upgrade": true,
}

// check reports the first thing that is wrong with the options. It returns the
// parsed URL, nil for a command.
func (o Options) check() (*url.URL, error) {
	invalid := func(message string) error {
		return fault.New("native.new", fault.Invalid, "MCP server "+quote(o.Name)+": "+message)
	}
	switch {
	case o.Name == "":
		return nil, invalid("it needs a name")
	case !o.hasOneOrigin():
		return nil, invalid("set just one of a command, a URL and a server that is compiled in")
	case len(o.Command) > 0 && o.Command[0] == "":
		return nil, invalid("the command is empty: name the program to run")
	case o.StartTimeout < 0 || o.CallTimeout < 0 || o.RetryDelay < 0 || o.MaxMessage < 0 || o.MaxSessions < 0 || o.IdleTimeout < 0:
		return nil, invalid("a time or size is negative: set none, or one above 0")
	case o.Isolate != "" && o.Isolate != isolateCaller:
		return nil, invalid("isolate is " + quote(o.Isolate) + ": leave it out to share one session, or set it to \"caller\"")
	case len(o.Command) > 0 && len(o.Headers) > 0:
		return nil, invalid("headers are for a URL: give a command its secrets by env")
	case o.URL != "" && (len(o.Env) > 0 || o.Dir != ""):
		return nil, invalid("env and dir are for a command: give a URL its secrets by headers")
	case o.Server != nil && (len(o.Env) > 0 || o.Dir != "" || len(o.Headers) > 0):
		return nil, invalid("env, dir and headers are not for a server that is compiled in: whoever makes it gives it what it needs")
	}
	for name := range o.Env {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return nil, invalid("env: " + quote(name) + " is no name of a variable")
		}
	}
	for name, value := range o.Headers {
		if !tool.IsToken(name) || ownHeaders[strings.ToLower(name)] || strings.HasPrefix(strings.ToLower(name), "mcp-") || value == nil {
			return nil, invalid("headers: " + quote(name) + " is no header that can be set here")
		}
	}
	if o.URL == "" {
		return nil, nil
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, invalid("the URL must be of the form https://host/path")
	}
	if u.User != nil {
		return nil, invalid("the URL holds a user name or password: use a credential instead")
	}
	return u, nil
}

// hasOneOrigin reports whether just one way to a server is given.
func (o Options) hasOneOrigin() bool {
	given := 0
	for _, set := range []bool{len(o.Command) > 0, o.URL != "", o.Server != nil} {
		if set {
			given++
		}
	}
	return given == 1
}

func quote(s string) string { return strconv.Quote(s) }
