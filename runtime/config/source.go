package config

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
)

// source checks one source.
func (k *checker) source(s *Source) {
	path := join("sources", s.Name)
	if !sourceName.MatchString(s.Name) {
		k.fail(path, "the name must be 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit")
	}
	if s.Prefix != nil && !prefixName.MatchString(*s.Prefix) {
		k.fail(path+".prefix", "must be at most 32 letters, digits, _ and -, is %q", clip(*s.Prefix))
	}
	switch kinds := s.kinds(); {
	case len(kinds) > 1:
		k.fail(path, "has both %s and %s; a source has just one of adapter, openapi, command, mcp and server", kinds[0], kinds[1])
	case len(kinds) == 0:
		k.lacks(path, "needs one of adapter (a generated adapter), openapi (a document), command (a stdio MCP server), mcp (an MCP server's URL) or server (an MCP server that is compiled in)")
	}
	k.origin(path, s)
	k.fits(path, s)
	k.references(path+".env", s.Env, k.variable)
	k.headers(path+".headers", s.Headers)
	if s.Credential != nil {
		k.credential(path+".credential", *s.Credential, true)
	}
	for _, scheme := range sorted(s.Credentials) {
		k.credential(join(path+".credentials", scheme), s.Credentials[scheme], false)
	}
	k.tools(path+".tools", s.Tools)
	if s.Isolate != "" {
		k.oneOf(path+".isolate", s.Isolate, isolations)
	}
	k.count(path+".max_sessions", s.MaxSessions, maxSourceSessions)
	k.idle(path+".idle_timeout", s.IdleTimeout)
	k.budget(path+".budget", s.Budget)
	k.shape(path+".shape", s.Shape)
	k.timeout(path+".timeout", s.Timeout)
}

// origin checks where the source's tools come from and where its calls go.
func (k *checker) origin(path string, s *Source) {
	if s.Adapter != "" && !adapterName.MatchString(s.Adapter) {
		k.fail(path+".adapter", "must be the name of a generated adapter, such as crm; a document's file or URL goes under openapi")
	}
	if s.Server != "" && !servedName.MatchString(s.Server) {
		k.fail(path+".server", "must be the name of an MCP server that is compiled in, which has letters, digits, _ and - alone; a URL goes under mcp, a program under command")
	}
	k.document(path+".openapi", s.OpenAPI)
	for i, overlay := range s.Overlays {
		if at := fmt.Sprintf("%s.overlays[%d]", path, i); overlay == "" {
			k.fail(at, "must be a file's path or an http(s) URL")
		} else {
			k.document(at, overlay)
		}
	}
	if len(s.Command) > 0 && strings.TrimSpace(s.Command[0]) == "" {
		k.fail(path+".command", "must begin with the program to run")
	}
	if s.MCP != "" {
		k.url(path+".mcp", s.MCP)
	}
	if s.URL != "" {
		k.url(path+".url", s.URL)
	}
}

// document checks where a document is: a file or a URL.
func (k *checker) document(path, location string) {
	if strings.Contains(location, "://") {
		k.url(path, location)
	}
	if strings.ContainsRune(location, 0) {
		k.fail(path, "must be a file's path or an http(s) URL")
	}
}

// url checks a URL. Messages leave it out, as it may hold a password.
func (k *checker) url(path, raw string) {
	if strings.Contains(raw, "${") {
		k.fail(path, "takes no ${…} references; only credential, credentials, headers and env do")
		return
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		k.fail(path, "must be an http or https URL with a host, such as https://api.example.com/v1")
	case u.User != nil:
		k.fail(path, "must not hold a user or password; give them under credential or headers")
	case u.Fragment != "":
		k.fail(path, "must not have a fragment (#…)")
	}
}

// fits checks that what is given goes with the source's kind.
func (k *checker) fits(path string, s *Source) {
	kind := s.Kind()
	if kind == "" {
		return
	}
	rest := kind == Adapter || kind == OpenAPI
	const forHeaders = "; give it under headers, as in {Authorization: \"Bearer ${env:TOKEN}\"}"
	const forServers = "; it is for command, mcp and server sources, which have sessions"
	const forEnv = "; hand it to the command under env"
	instead, forHeader := forHeaders, forEnv
	switch kind {
	case Command:
		instead = forEnv
	case Server:
		instead = "; whoever compiles the server in gives it what it needs"
		forHeader = instead
	}
	for _, x := range []struct {
		key         string
		given, good bool
		hint        string
	}{
		{"env", len(s.Env) > 0, kind == Command, ""},
		{"dir", s.Dir != "", kind == Command, ""},
		{"isolate", s.Isolate != "", !rest, forServers},
		{"max_sessions", s.MaxSessions != 0, !rest, forServers},
		{"idle_timeout", s.IdleTimeout != 0, !rest, forServers},
		{"overlays", len(s.Overlays) > 0, kind == OpenAPI, "; they change the document of an openapi source, and an adapter's are given to bridge gen"},
		{"url", s.URL != "", rest, "; it is for adapter and openapi sources"},
		{"headers", len(s.Headers) > 0, rest || kind == MCP, forHeader},
		{"credential", s.Credential != nil, rest || kind == MCP && s.Credential != nil && s.Credential.IsPlain(), instead},
		{"credentials", len(s.Credentials) > 0, rest, instead},
	} {
		if x.given && !x.good {
			k.fail(path+"."+x.key, "does not go with %s%s", kind, x.hint)
		}
	}
}

// references checks values that may be secret, after check has seen their key.
func (k *checker) references(path string, values map[string]Reference, check func(path, key string)) {
	for _, key := range sorted(values) {
		check(join(path, key), key)
		k.reference(join(path, key), values[key])
	}
}

func (k *checker) reference(path string, r Reference) {
	if _, err := reference.Parse(string(r)); err != nil {
		k.fail(path, "%v", err)
	}
}

func (k *checker) variable(path, name string) {
	if name == "" || strings.ContainsAny(name, "=\x00") {
		k.fail(path, "is no name for an environment variable")
	}
}

// framing are the headers that the HTTP client sets by itself.
var framing = map[string]bool{
	"Connection": true, "Content-Length": true, "Host": true, "Keep-Alive": true, "Te": true,
	"Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

func (k *checker) headers(path string, values map[string]Reference) {
	seen := map[string]string{}
	k.references(path, values, func(path, name string) {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case !isToken(name):
			k.fail(path, "is no name for a header")
		case framing[canonical]:
			k.fail(path, "is set by the HTTP client and can't be given")
		case seen[canonical] != "":
			k.fail(path, "is the same header as %s", seen[canonical])
		}
		seen[canonical] = name
		if strings.ContainsAny(string(values[name]), "\r\n\x00") {
			k.fail(path, "must be one line of text")
		}
	})
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for _, r := range s {
		alnum := (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9')
		if !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return s != ""
}
