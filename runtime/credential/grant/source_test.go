package grant_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bridge-gateway/bridge/runtime/credential/grant"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// endpoint is a token endpoint without a network, so that time is the test's.
type endpoint struct {
	mu       sync.Mutex
	requests int
	status   int // 0 is 200
	ttl      int
	slow     time.Duration
	form     url.Values
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests++
	e.form, _ = url.ParseQuery(string(data))
	time.Sleep(e.slow)
	body := fmt.Sprintf(`{"access_token": "planted-token-%d", "token_type": "bearer", "expires_in": %d}`, e.requests, e.ttl)
	status := http.StatusOK
	if e.status != 0 {
		status, body = e.status, `{"error": "temporarily_unavailable", "error_description": "planted"}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (e *endpoint) set(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = status
}

func (e *endpoint) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.requests
}

func text(s string) grant.Reveal {
	return func(context.Context) (string, error) { return s, nil }
}

// options are of a source that asks e.
func options(e *endpoint) grant.Options {
	return grant.Options{Kind: grant.ClientCredentials, What: "sources.crm.credential.oauth2", Source: "crm",
		TokenURL: "https://id.example.com/token", ClientID: text("crm"), ClientSecret: text("planted-secret"), AuthStyle: "header", Transport: e}
}

func open(t *testing.T, o grant.Options) *grant.Source {
	t.Helper()
	s, err := grant.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRenewsAhead uses a token all the time: no call ever waits again, and the next
// token comes between 70 and 90 percent of the time.
func TestRenewsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{ttl: 1000, slow: 5 * time.Second}
		s := open(t, options(e))
		defer s.Close()
		if _, err := s.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for time.Since(began) < 693*time.Second {
			ask(t, s)
		}
		if e.count() != 1 {
			t.Fatalf("another token was got before 70 percent of the time")
		}
		for time.Since(began) < 900*time.Second {
			ask(t, s)
		}
		if e.count() != 2 {
			t.Fatalf("%d tokens were got by 90 percent of the time", e.count())
		}
	})
}

// ask takes a token, which must be there at once, and lets a second pass.
func ask(t *testing.T, s *grant.Source) {
	t.Helper()
	before := time.Now()
	if _, err := s.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if time.Since(before) != 0 {
		t.Fatalf("a call waited for %s while there was a token", time.Since(before))
	}
	time.Sleep(time.Second)
	synctest.Wait()
}

// TestOutageIsBridged fails the endpoint from when a token is to be renewed: calls
// go on with the token until it is over, get an error from then on without asking
// each time, and recover by themselves.
func TestOutageIsBridged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{ttl: 100}
		var log bytes.Buffer
		o := options(e)
		o.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s := open(t, o)
		defer s.Close()
		ask(t, s)
		e.set(http.StatusServiceUnavailable)
		for range 88 {
			ask(t, s) // 90 s: its end less the margin
		}
		if n := e.count(); n < 2 || n > 8 {
			t.Errorf("the endpoint was asked %d times while it failed before the token's end, want a few, apart", n)
		}
		time.Sleep(2 * time.Second)
		before := e.count()
		for range 100 {
			_, err := s.Token(t.Context())
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), "answered 503") || strings.Contains(err.Error(), "planted") {
				t.Fatalf("the error is %v", err)
			}
		}
		if n := e.count() - before; n > 1 {
			t.Errorf("100 calls in an outage asked the endpoint %d times", n)
		}
		e.set(0)
		time.Sleep(time.Minute)
		ask(t, s)
		if !strings.Contains(log.String(), "tokens can be got again") || strings.Contains(log.String(), "planted") {
			t.Errorf("the log says: %s", log.String())
		}
	})
}

// TestWaitingEndsWithTheCaller lets a caller go away while a token is got.
func TestWaitingEndsWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{ttl: 100, slow: 10 * time.Second}
		s := open(t, options(e))
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the error is %v", err)
		}
		if _, err := s.Token(t.Context()); err != nil || e.count() != 1 {
			t.Errorf("the next call: %v, after %d requests; the one under way does for it", err, e.count())
		}
	})
}

// TestRefusals says what a refusal of the upstream does.
func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, options(&endpoint{ttl: 1000}))
		defer s.Close()
		first, err := s.Token(t.Context())
		if err != nil || !s.Refused(t.Context(), first) {
			t.Fatalf("a refused token is not replaced (%v)", err)
		}
		second, err := s.Token(t.Context())
		if err != nil || second.Reveal() == first.Reveal() {
			t.Fatalf("the token that was refused came again (%v)", err)
		}
		if !s.Refused(t.Context(), first) {
			t.Error("a call that comes late with the first token is not sent again with the second")
		}
		if s.Refused(t.Context(), second) {
			t.Error("a second refusal at once must change nothing")
		}
		time.Sleep(time.Minute)
		if !s.Refused(t.Context(), second) {
			t.Error("a refusal a minute later must count")
		}
	})
}

// TestAnswersThatAreNoToken makes the endpoint answer what is of no use.
func TestAnswersThatAreNoToken(t *testing.T) {
	for name, c := range map[string]struct{ status, body, want string }{
		"no JSON":       {"200", "<html>planted</html>", "no token"},
		"no token":      {"200", `{"planted": 1}`, "no token"},
		"another type":  {"200", `{"access_token": "planted", "token_type": "DPoP"}`, "no bearer token"},
		"a line end":    {"200", `{"access_token": "planted\n", "token_type": "Bearer"}`, "characters that no header may have"},
		"a redirect":    {"302", "", "a redirect, which is not followed"},
		"a strange one": {"400", `{"error": "planted Secret!"}`, "answered 400 without a code"},
		"too large":     {"200", `{"access_token": "` + strings.Repeat("planted", 1<<18) + `"}`, "no token"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(nil)
			o.Transport = answer(func(r *http.Request) (*http.Response, error) {
				status := map[string]int{"200": 200, "302": 302, "400": 400}[c.status]
				return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "Location": {"https://evil.example"}},
					Body: io.NopCloser(strings.NewReader(c.body)), Request: r}, nil
			})
			s := open(t, o)
			defer s.Close()
			_, err := s.Token(t.Context())
			if !strings.Contains(fault.Message(err), c.want) || strings.Contains(err.Error(), "planted") || strings.Contains(err.Error(), "evil") {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}

type answer func(*http.Request) (*http.Response, error)

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// TestNewRefuses gives settings that no token can be got with.
func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*grant.Options)
		want   string
	}{
		"plain http":    {func(o *grant.Options) { o.TokenURL = "http://id.example.com/planted" }, "must begin with https://"},
		"like loopback": {func(o *grant.Options) { o.TokenURL = "http://127.0.0.1.example.com/planted" }, "must begin with https://"},
		"no URL":        {func(o *grant.Options) { o.TokenURL = "planted" }, "must be the URL of the token endpoint"},
		"a password":    {func(o *grant.Options) { o.TokenURL = "https://u:planted@id.example.com" }, "must have no user"},
		"no client":     {func(o *grant.Options) { o.ClientID = nil }, "needs client_id"},
		"both":          {func(o *grant.Options) { o.Key = text("k") }, "just one of client_secret and key"},
		"style":         {func(o *grant.Options) { o.AuthStyle = "planted" }, "auto, header or params"},
		"no subject":    {func(o *grant.Options) { o.Kind = grant.TokenExchange }, "needs subject_token"},
		"no key":        {func(o *grant.Options) { o.Kind = grant.JWTBearer }, "needs key"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(&endpoint{})
			c.change(&o)
			_, err := grant.New(o)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), c.want) || strings.Contains(err.Error(), "planted") {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
	for _, good := range []string{"http://localhost:1/t", "http://127.0.0.1/t", "http://[::1]:8/t", "https://id.example.com/t?x=1"} {
		if err := grant.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

// TestExchangesAToken checks what RFC 8693 wants on the wire.
func TestExchangesAToken(t *testing.T) {
	e := &endpoint{ttl: 60}
	o := options(e)
	o.Kind, o.SubjectToken, o.Audience, o.Resource, o.Scopes = grant.TokenExchange, text("planted-subject"), "https://api", "https://api/v1", []string{"a", "b"}
	s := open(t, o)
	defer s.Close()
	if _, err := s.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(e.form)
	want := `{"audience":["https://api"],"grant_type":["urn:ietf:params:oauth:grant-type:token-exchange"],"resource":["https://api/v1"],"scope":["a b"],` +
		`"subject_token":["planted-subject"],"subject_token_type":["urn:ietf:params:oauth:token-type:access_token"]}`
	if string(got) != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
}
