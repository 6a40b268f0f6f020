package openapi

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// rootServers lowers the document's servers.
func (l *lowerer) rootServers() []tool.Server {
	var list []tool.Server
	if l.version == v20 {
		list = l.swaggerServers()
	} else {
		list = l.servers(l.root.get("servers"))
	}
	if len(list) == 0 {
		l.rep.report(SeverityWarning, "no-servers", l.root, "", "the document names no server: set the source's url, or add servers")
	}
	return list
}

// operationServers are the operation's own servers, or its path's; nil where
// neither has any.
func (l *lowerer) operationServers(op *operation) []tool.Server {
	if l.version == v20 {
		return nil
	}
	if list := l.servers(op.node.get("servers")); len(list) > 0 {
		return list
	}
	return l.servers(op.item.get("servers"))
}

func (l *lowerer) servers(list *node) []tool.Server {
	var out []tool.Server
	for _, n := range list.items() {
		address := strings.TrimSpace(n.get("url").str())
		if !n.has("url") {
			l.rep.report(SeverityWarning, "bad-server", n, "", "a server has no url: it is left out")
			continue
		}
		if scheme, _, ok := strings.Cut(address, "://"); ok && !strings.ContainsAny(scheme, "{/") && !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") {
			l.rep.report(SeverityWarning, "bad-server", n, "", "a server's url is neither http nor https: it is left out")
			continue
		}
		s := tool.Server{URL: address, Description: strings.TrimSpace(n.get("description").str())}
		declared := n.get("variables")
		for _, m := range membersOf(declared) {
			v := tool.Variable{Name: m.key, Default: m.value.get("default").str(), Enum: m.value.get("enum").strings()}
			if !m.value.has("default") && len(v.Enum) > 0 {
				v.Default = v.Enum[0]
			}
			s.Variables = append(s.Variables, v)
		}
		for _, name := range templateNames(address) {
			if declared.get(name) == nil {
				l.rep.report(SeverityWarning, "undeclared-server-variable", n, "", "the server's url has {%s}, which no variable declares: set the source's url", name)
			}
		}
		out = append(out, s)
	}
	return out
}

// swaggerServers makes servers of 2.0's host, basePath and schemes.
func (l *lowerer) swaggerServers() []tool.Server {
	host := strings.TrimSpace(l.root.get("host").str())
	base := strings.TrimSpace(l.root.get("basePath").str())
	if base != "" && !strings.HasPrefix(base, "/") {
		base = "/" + base
	}
	if host == "" {
		if base == "" {
			return nil
		}
		return []tool.Server{{URL: base}}
	}
	schemes := l.root.get("schemes").strings()
	if len(schemes) == 0 {
		schemes = []string{"https"}
	}
	var out []tool.Server
	for _, want := range []string{"https", "http"} {
		for _, s := range schemes {
			if strings.EqualFold(s, want) {
				out = append(out, tool.Server{URL: want + "://" + host + base})
			}
		}
	}
	return out
}
