package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/gateway"
)

func TestLimitsHoldForClients(t *testing.T) {
	_, url := serveWith(t, gateway.Options{
		Mounts: []gateway.Mount{{Source: version("v", "1", "say"), Prefix: "v"}},
		Limits: gateway.Limits{MaxBody: 2048},
	})
	params := `{"name":"v_say","arguments":{"text":"` + strings.Repeat("x", 4096) + `"},` + modernMeta + `}`
	if status, body := post(t, url, "tools/call", "v_say", params, nil); status != http.StatusRequestEntityTooLarge || !strings.Contains(body, "2048 bytes") {
		t.Errorf("%d %s", status, body)
	}
}
