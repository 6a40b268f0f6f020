package openapi

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// newClient makes a client whose time and redirects are bounded; control, if
// any, may refuse addresses.
func newClient(control func(network, address string, c syscall.RawConn) error) *http.Client {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, ResponseHeaderTimeout: readTimeout}
	if control != nil {
		transport.Proxy = nil
		transport.DialContext = (&net.Dialer{Timeout: readTimeout, Control: control}).DialContext
	}
	return &http.Client{Timeout: readTimeout, Transport: transport, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return fmt.Errorf("more than %d redirects", maxRedirects)
		}
		return nil
	}}
}

// clientFor chooses the client for an address. A document from the network must
// not make us reach into private ones: its references to other hosts go by the
// guarded client. Whoever has a document in a file vouches for it.
func (f *files) clientFor(location string) *http.Client {
	if !f.isURL {
		return f.client
	}
	u, err := url.Parse(location)
	if err != nil {
		return f.guarded
	}
	if own, err := url.Parse(cmp.Or(f.final, f.location)); err == nil && strings.EqualFold(own.Host, u.Host) {
		return f.client
	}
	return f.guarded
}

// publicOnly refuses addresses that are not of the public internet.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedSpace.Contains(ip) {
		return errors.New("the address is private")
	}
	return nil
}

// sharedSpace is carriers' private space (RFC 6598).
var sharedSpace = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
