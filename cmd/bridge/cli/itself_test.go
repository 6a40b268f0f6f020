package cli

import (
	"net"
	"net/netip"
	"testing"
)

func TestAGatewayIsNoSourceOfItself(t *testing.T) {
	for _, c := range []struct {
		url, address string
		itself       bool
	}{
		{"http://127.0.0.1:8080/mcp", "127.0.0.1:8080", true},
		{"http://localhost:8080/mcp", "127.0.0.1:8080", true},
		{"http://localhost:8080/mcp/support", "[::1]:8080", true},
		{"http://127.0.0.1:8080/sse", "0.0.0.0:8080", true},
		{"http://localhost/mcp", "[::]:80", true},
		{"http://127.0.0.1:8081/mcp", "127.0.0.1:8080", false},
		{"http://127.0.0.2:8080/mcp", "127.0.0.1:8080", false},
		{"http://10.0.0.1:8080/mcp", "0.0.0.0:8080", false},
		{"https://mcp.example.com/mcp", "0.0.0.0:443", false},
		{"http://localhost:8080/other", "127.0.0.1:8080", false},
		{"${env:URL}", "127.0.0.1:8080", false},
	} {
		if got := isAt(c.url, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.address))); got != c.itself {
			t.Errorf("%s at %s: %v", c.url, c.address, got)
		}
	}
}
