package rest

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// base is where an operation's path is joined to.
type base struct {
	scheme, host string
	path         string // percent-encoded, without a slash at its end
	query        string
}

// baseOf returns the base of an operation: the setting before the operation's
// own servers before the API's. An operation's relative server is relative to the
// document; where that is a file, to the API's.
func (s *Source) baseOf(op *tool.Operation) (*base, error) {
	if s.opts.BaseURL == "" && len(op.Servers) > 0 {
		against := s.opts.DocumentURL
		if against == "" && s.base != nil {
			against = s.base.scheme + "://" + s.base.host + s.base.path + "/"
		}
		if b, err := s.firstServer(op.Servers, against); err == nil {
			return b, nil
		}
	}
	return s.base, s.baseErr
}

// resolveBase returns the base that the setting or the document gives.
func (s *Source) resolveBase() (*base, error) {
	if s.opts.BaseURL == "" {
		return s.firstServer(s.opts.API.Servers, s.opts.DocumentURL)
	}
	b, err := newBase(s.opts.BaseURL, s.opts.DocumentURL)
	if err != nil {
		return nil, fault.New("rest.server", fault.Invalid,
			fmt.Sprintf("the `url:` of the source %q can't be used: %v", s.opts.Name, err))
	}
	return b, nil
}

// firstServer returns the first server that a request can go to; against is the
// URL that relative ones are relative to, or "".
func (s *Source) firstServer(servers []tool.Server, against string) (*base, error) {
	why := "its document names no server"
	for i, server := range servers {
		b, err := newBase(substitute(server), against)
		if err == nil {
			return b, nil
		}
		if i == 0 {
			why = fmt.Sprintf("its document's server %s", err)
		}
	}
	return nil, fault.New("rest.server", fault.Invalid, fmt.Sprintf(
		"the source %q has no base URL: %s; set `url:` of the source, e.g. `url: https://api.example.com/v1`", s.opts.Name, why))
}

// substitute puts the defaults of a server's variables into its URL.
func substitute(server tool.Server) string {
	text := server.URL
	for _, v := range server.Variables {
		text = strings.ReplaceAll(text, "{"+v.Name+"}", v.Default)
	}
	return text
}

// newBase reads an absolute URL, or one relative to another.
func newBase(text, against string) (*base, error) {
	if i := strings.IndexByte(text, '{'); i >= 0 {
		return nil, fmt.Errorf("has a variable without a default: %s", text[i:])
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("is no URL")
	}
	if !u.IsAbs() && against != "" {
		if from, err := url.Parse(against); err == nil {
			u = from.ResolveReference(u)
		}
	}
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("has a user and password in it; use the source's `credential:` for them")
	case !u.IsAbs() && u.Host == "":
		return nil, fmt.Errorf("%q is relative", text)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q is neither http nor https", text)
	case u.Host == "" || u.Hostname() == "":
		return nil, fmt.Errorf("%q has no host", text)
	}
	return &base{
		scheme: u.Scheme,
		host:   u.Host,
		path:   strings.TrimRight(u.EscapedPath(), "/"),
		query:  u.RawQuery,
	}, nil
}
