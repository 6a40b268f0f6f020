package openapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// securitySchemes lowers the document's security schemes, sorted by name.
func (l *lowerer) securitySchemes() []tool.Scheme {
	list := l.root.get("components").get("securitySchemes")
	if l.version == v20 {
		list = l.root.get("securityDefinitions")
	}
	var out []tool.Scheme
	for _, m := range membersOf(list) {
		n, err := l.resolve(m.value)
		if err != nil {
			l.rep.report(SeverityWarning, "scheme-unresolved", m.value, "", "the security scheme %q can't be read: %v", m.key, err)
			n = m.value.at(kindObject)
		}
		out = append(out, l.scheme(m.key, n))
	}
	slices.SortFunc(out, func(a, b tool.Scheme) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (l *lowerer) scheme(name string, n *node) tool.Scheme {
	s := tool.Scheme{Name: name, Type: tool.SchemeType(n.get("type").str()), Description: strings.TrimSpace(n.get("description").str())}
	switch {
	case s.Type == tool.APIKey:
		s.In, s.Key = tool.Location(n.get("in").str()), n.get("name").str()
		if s.Key == "" || s.In != tool.InHeader && s.In != tool.InQuery && s.In != tool.InCookie {
			return l.unknownScheme(s, n, "an apiKey needs \"name\" and \"in\": header, query or cookie")
		}
	case s.Type == tool.HTTPAuth:
		s.HTTPScheme = strings.ToLower(n.get("scheme").str())
		if s.HTTPScheme == "" {
			return l.unknownScheme(s, n, "type http needs \"scheme\"")
		}
		if !knownHTTPSchemes[s.HTTPScheme] {
			l.rep.report(SeverityWarning, "unknown-http-scheme", n, "", "the security scheme %q uses HTTP scheme %q, which is not registered: configure the source's headers for it", name, s.HTTPScheme)
		}
	case s.Type == "basic": // 2.0
		s.Type, s.HTTPScheme = tool.HTTPAuth, "basic"
	case s.Type == tool.OAuth2:
		l.flows(&s, n)
	case s.Type == tool.OpenIDConnect:
		s.DiscoveryURL = n.get("openIdConnectUrl").str()
	case s.Type == tool.MutualTLS:
	default:
		return l.unknownScheme(s, n, "type \""+string(s.Type)+"\" is of no standard")
	}
	return s
}

// knownHTTPSchemes are those of IANA's registry that documents use.
var knownHTTPSchemes = map[string]bool{"basic": true, "bearer": true, "digest": true, "dpop": true, "hoba": true, "mutual": false, "negotiate": true, "oauth": true, "privatetoken": true, "scram-sha-1": true, "scram-sha-256": true, "vapid": true, "token": true, "gnap": true}

func (l *lowerer) unknownScheme(s tool.Scheme, n *node, why string) tool.Scheme {
	l.rep.report(SeverityWarning, "unknown-security-scheme", n, "", "the security scheme %q can't be used: %s; configure the source's headers for it", s.Name, why)
	return tool.Scheme{Name: s.Name, Type: tool.UnknownScheme, Description: s.Description}
}

// flows takes the addresses of the first OAuth 2 flow that has them.
func (l *lowerer) flows(s *tool.Scheme, n *node) {
	list := []*node{n}
	if flows := n.get("flows"); flows.is(kindObject) {
		list = nil
		for _, m := range flows.members {
			list = append(list, m.value)
		}
	}
	for _, f := range list {
		s.TokenURL = cmp.Or(s.TokenURL, f.get("tokenUrl").str())
		s.AuthorizationURL = cmp.Or(s.AuthorizationURL, f.get("authorizationUrl").str())
	}
}

// security lowers an operation's security, its own over the document's.
func (l *lowerer) security(op *operation) []tool.Requirement {
	declared := op.node.get("security")
	if declared == nil {
		declared = l.root.get("security")
	}
	if declared.is(kindObject) { // a list of one, forgotten to be one
		declared = &node{kind: kindArray, list: []*node{declared}, file: declared.file, line: declared.line, col: declared.col}
	}
	var out []tool.Requirement
	for _, alternative := range declared.items() {
		requirement := tool.Requirement{}
		for _, m := range alternative.members {
			if _, ok := l.schemes[m.key]; !ok {
				l.schemes[m.key] = tool.Scheme{Name: m.key, Type: tool.UnknownScheme}
				l.rep.report(SeverityWarning, "undeclared-security-scheme", alternative, "", "the security scheme %q is not declared: declare it under securitySchemes", m.key)
			}
			requirement = append(requirement, tool.SchemeUse{Scheme: m.key, Scopes: m.value.strings()})
		}
		out = append(out, requirement)
	}
	return out
}
