package cli

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
)

// notItself refuses a source that is the gateway which listens on an address: its
// catalog would hold itself, once more with each time that it is read.
func notItself(cfg config.Config, address net.Addr) error {
	for _, s := range cfg.Sources {
		if s.MCP != "" && isAt(s.MCP, address) {
			return fault.New("serve.sources", fault.Invalid, "sources."+s.Name+".mcp is the URL of this very gateway, which can't be a source of itself: "+
				"take it out, or name the server that is meant")
		}
	}
	return nil
}

// isAt reports whether a URL is of an MCP endpoint of the gateway that listens on
// an address.
func isAt(location string, address net.Addr) bool {
	u, err := url.Parse(location)
	if err != nil || u.Scheme != "http" || u.Path != gateway.Path && u.Path != "/sse" && !strings.HasPrefix(u.Path, gateway.Path+"/") {
		return false
	}
	at, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return false
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	_, own, _ := net.SplitHostPort(address.String())
	if port != own {
		return false
	}
	if u.Hostname() == "localhost" {
		return at.Addr().IsLoopback() || at.Addr().IsUnspecified()
	}
	host, err := netip.ParseAddr(u.Hostname())
	return err == nil && (host.Unmap() == at.Addr().Unmap() || at.Addr().IsUnspecified() && host.IsLoopback())
}
