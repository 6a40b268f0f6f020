package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/gateway"
)

// TestGatewaysThatMountEachOtherAreDone has two gateways each have the other as a
// source, under a prefix and without.
func TestGatewaysThatMountEachOtherAreDone(t *testing.T) {
	for _, prefix := range []string{"one", ""} {
		t.Run("prefix "+prefix, func(t *testing.T) {
			_, urlX := upstream(t, "x")
			_, urlY := upstream(t, "y")
			var first atomic.Pointer[http.Handler]
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*first.Load()).ServeHTTP(w, r) }))
			t.Cleanup(web.Close)
			two, url := serve(t, gateway.Mount{Source: source(t, "own", urlY)}, gateway.Mount{Source: source(t, "one", web.URL+gateway.Path), Prefix: prefix})
			one := gateway.New(complete(t, gateway.Options{Mounts: []gateway.Mount{
				{Source: source(t, "own", urlX)}, {Source: source(t, "two", url+gateway.Path), Prefix: "two"}}}))
			handler := one.Handler()
			first.Store(&handler)
			one.Start(t.Context())
			t.Cleanup(func() { _ = one.Close() })
			settled(t, one)
			settled(t, two)
			echoed := func(g *gateway.Gateway) bool {
				for _, p := range g.Catalog().Problems() {
					if strings.Contains(p.Message, "mount each other") {
						return true
					}
				}
				return false
			}
			deadline := time.Now().Add(20 * time.Second)
			for !echoed(one) { // what comes back has come back
				if time.Now().After(deadline) {
					t.Fatalf("nothing came back: %q and %q", served(one), served(two))
				}
				time.Sleep(5 * time.Millisecond)
			}
			if got := served(one); strings.Contains(got, "two_"+prefix+"_two") || strings.Contains(got, "two_two") {
				t.Errorf("it grows: %s", got)
			}
		})
	}
}
