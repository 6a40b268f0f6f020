package lint

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// servers looks at where calls would go.
func (c *checker) servers() {
	at := c.written.Root().KeyPlace("servers")
	if c.written.Root().Get("swagger").Exists() {
		at = c.written.Root().KeyPlace("schemes")
	}
	secure := false
	for _, s := range c.doc.API.Servers {
		secure = secure || strings.HasPrefix(strings.ToLower(s.URL), "https:")
	}
	for i, s := range c.doc.API.Servers {
		u, err := url.Parse(s.URL)
		switch {
		case err != nil || strings.Contains(u.Host, "{"):
		case u.Scheme == "http" && !isLocal(u.Hostname()) && !secure:
			c.reportDocument(warning, "plain-http", at,
				"the server %s is reached without TLS, so credentials and data can be read on their way: use https", s.URL)
		case u.Host == "" && i == 0 && !strings.Contains(c.doc.API.Document, "://"):
			c.reportDocument(warning, "relative-server", at,
				"the server %q is relative, and a document in a file has no address it could be relative to: set the source's url (--url), or write the whole URL", s.URL)
		}
	}
}

// isLocal reports whether a host is this machine or in a private network.
func isLocal(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") || !strings.Contains(host, ".")
}

// security looks at what calls would be authorised by.
func (c *checker) security() {
	used := map[string]bool{}
	for i := range c.subjects {
		for _, requirement := range c.subjects[i].op.Security {
			for _, use := range requirement {
				used[use.Scheme] = true
			}
		}
	}
	at := c.schemesPlace()
	if len(c.doc.API.Schemes) > 0 && len(used) == 0 && len(c.subjects) > 0 {
		c.reportDocument(warning, "security-not-required", at("", ""),
			"the document declares security schemes and no operation requires one, so calls go without a credential: add \"security\"")
	}
	for _, s := range c.doc.API.Schemes {
		switch {
		case !used[s.Name]:
		case s.Type == tool.MutualTLS:
			c.reportDocument(warning, "unsupported-security", at(s.Name, "type"),
				"the security scheme %q needs a client certificate, which Bridge does not send: put a proxy that does before the API", s.Name)
		case s.Type == tool.HTTPAuth && s.HTTPScheme != "basic" && s.HTTPScheme != "bearer" && !c.told("unknown-http-scheme", s.Name):
			c.reportDocument(info, "unsupported-security", at(s.Name, "scheme"),
				"the security scheme %q is HTTP %s, for which Bridge computes no header: if its value is fixed, set it under the source's headers", s.Name, s.HTTPScheme)
		}
	}
}

// told reports whether lowering said this of a name.
func (c *checker) told(code, name string) bool {
	return slices.ContainsFunc(c.doc.Diagnostics, func(d openapi.Diagnostic) bool {
		return d.Code == code && strings.Contains(d.Message, strconv.Quote(name))
	})
}

// schemesPlace returns what finds the place of a security scheme.
func (c *checker) schemesPlace() func(name, key string) openapi.Place {
	list := c.written.Root().Get("securityDefinitions")
	if !list.Exists() {
		list = c.written.Root().Get("components").Get("securitySchemes")
	}
	return func(name, key string) openapi.Place {
		if name == "" {
			return list.Place()
		}
		return list.Get(name).Follow().KeyPlace(key)
	}
}
