package rest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/rest"
)

// TestRefusalsHoldNoHeader has an upstream send the source's header back: also
// one whose value has changed since, and one that bounding the text cuts in two.
func TestRefusalsHoldNoHeader(t *testing.T) {
	for _, padding := range []int{0, 3985, 3990} {
		upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, strings.Repeat("x", padding)+r.Header.Get("X-Key"))
		}))
		asked := 0
		key := rest.Header{Name: "X-Key", Value: func(context.Context) (string, error) {
			asked++
			return fmt.Sprintf("hunter%d-hunter%[1]d-hunter%[1]d", asked), nil
		}}
		s, err := rest.New(rest.Options{Name: "crm", BaseURL: upstream.URL, Headers: []rest.Header{key}})
		if err != nil {
			t.Fatal(err)
		}
		got := textOf(invoke(t, s, contact(), `{"id":"7"}`))
		if strings.Contains(got, "hunt") || !strings.Contains(got, "[redacted]") {
			t.Errorf("%d bytes before the key: got …%q", padding, got[max(0, len(got)-200):])
		}
		_ = s.Close()
		upstream.Close()
	}
}
