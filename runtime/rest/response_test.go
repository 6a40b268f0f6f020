package rest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// answer responds with status, headers ("Name: value") and a body.
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func contact() *tool.Tool {
	t := get(tool.Operation{Path: "/contacts/{id}", Accept: []string{"application/json"},
		Parameters: []tool.Parameter{{Arg: "id", Name: "id", In: tool.InPath, Style: tool.Simple, Required: true}}})
	t.Output = []byte(`{"type":"object"}`)
	return t
}

func TestResponses(t *testing.T) {
	zipped := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
		return b.String()
	}
	const js, sse = "Content-Type: application/json", "Content-Type: text/event-stream"
	cases := map[string]struct {
		answer     http.HandlerFunc
		wrap       string
		text       string // all texts, or the raw block
		structured string
	}{
		"json as it came":  {answer(200, `{"b": 1.0,  "a":2}`+"\n", js), "", `{"b": 1.0,  "a":2}`, `{"b": 1.0,  "a":2}`},
		"+json":            {answer(200, `{}`, "Content-Type: application/hal+json; charset=utf-8"), "", `{}`, `{}`},
		"array":            {answer(200, `[1]`, js), "", `[1]`, ``},
		"array, wrapped":   {answer(200, `[1]`, js), "items", `[1]`, `{"items":[1]}`},
		"gzip":             {answer(200, zipped(`{"a":1}`), js, "Content-Encoding: gzip"), "", `{"a":1}`, `{"a":1}`},
		"bom":              {answer(200, "\xef\xbb\xbf{}", js), "", `{}`, `{}`},
		"bad utf-8":        {answer(200, "{\"a\":\"\xff\"}", js), "", "{\"a\":\"\uFFFD\"}", "{\"a\":\"\uFFFD\"}"},
		"json as text":     {answer(200, `{}`, "Content-Type: text/plain"), "", `{}`, `{}`},
		"no json":          {answer(200, `oops`, js), "", "oops\nNote: the upstream declared this as JSON, but it is none.", ``},
		"csv, latin1":      {answer(200, "n\xe9", "Content-Type: text/csv; charset=iso-8859-1"), "", "né", ``},
		"html":             {answer(200, "<html>login", "Content-Type: text/html"), "", "<html>login\nNote: the upstream of source \"crm\" answered with an HTML page where JSON was expected; it may be a login or error page: check `url:` and `credential:` of the source in bridge.yaml.", ``},
		"events":           {answer(200, ": hi\nevent: add\nid: 1\ndata: {\"a\":1}\n\ndata: x\r\ndata: y\r\n\r\ndata: last", sse), "", "add: {\"a\":1}\nx\ny\nlast\n", ``},
		"lines":            {answer(200, "{}\n{}\n", "Content-Type: application/x-ndjson"), "", "{}\n{}\n", ``},
		"image":            {answer(200, "hi", "Content-Type: image/png"), "", `{"type":"image","data":"aGk=","mimeType":"image/png"}`, ``},
		"audio":            {answer(200, "hi", "Content-Type: audio/mpeg"), "", `{"type":"audio","data":"aGk=","mimeType":"audio/mpeg"}`, ``},
		"pdf":              {answer(200, "hi", "Content-Type: application/pdf", `Content-Disposition: attachment; filename="../a b.pdf"`), "", `{"type":"resource","resource":{"uri":"bridge://crm/t/a%20b.pdf","mimeType":"application/pdf","blob":"aGk="}}`, ``},
		"nothing":          {answer(204, ""), "", "HTTP 204 No Content from GET /contacts/{id}: it worked; there is nothing to return.", ``},
		"created, empty":   {answer(201, "", "Location: /v1/contacts/9?token=x"), "", "HTTP 201 Created from GET /contacts/{id}: it worked; there is nothing to return. Location: /v1/contacts/9", ``},
		"json undeclared?": {answer(200, "\x00\x01", "Content-Type: application/octet-stream"), "", `{"type":"resource","resource":{"uri":"bridge://crm/t/7","mimeType":"application/octet-stream","blob":"AAE="}}`, ``},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tl := contact()
			tl.Operation.Wrap = c.wrap
			r := invoke(t, newSource(t, c.answer), tl, `{"id":"7"}`)
			got := textOf(r)
			if r.Content[0].Raw != nil {
				got = string(r.Content[0].Raw)
			}
			if r.IsError || got != c.text || string(r.Structured) != c.structured {
				t.Errorf("IsError %v\ngot  %q\nwant %q\nstructured %q, want %q", r.IsError, got, c.text, r.Structured, c.structured)
			}
		})
	}
}

func TestErrorResponses(t *testing.T) {
	cases := map[string]struct {
		answer http.HandlerFunc
		want   []string
	}{
		"problem": {answer(404, `{"type":"about:blank","title":"No contact","detail":"7 is gone","status":404,"trace":"t1"}`, "Content-Type: application/problem+json"),
			[]string{"HTTP 404 Not Found from GET /contacts/{id}\nNo contact: 7 is gone\n{\"trace\":\"t1\"}\nNothing is there"}},
		"html":        {answer(502, "<html><head><title>Bad &amp; gone</title><style>p{}</style><script>var x='<b>';</script></head><body><p>Try <b>later</b></body>", "Content-Type: text/html"), []string{"HTTP 502 Bad Gateway from GET /contacts/{id}\nBad & gone\nTry later\nThe upstream failed: try again later."}},
		"credential":  {answer(401, `{"error":"bad key s3cret-token"}`), []string{`bad key [redacted]`, `credential for source "crm" was refused`, "bridge.yaml"}},
		"rate":        {answer(429, "slow down", "Retry-After: 30"), []string{"slow down", "Retry-After: 30 s"}},
		"conflict":    {answer(409, ""), []string{"HTTP 409 Conflict", "conflict"}},
		"invalid":     {answer(422, `{"errors":[{"field":"name"}]}`), []string{`{"errors":[{"field":"name"}]}`, "mend"}},
		"bounded":     {answer(500, strings.Repeat("x", 1<<20)), []string{"HTTP 500", "…"}},
		"other place": {answer(302, "", "Location: https://evil.example.com/in?token=t"), []string{"HTTP 302 Found", "https://evil.example.com/in,", "not followed"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := invoke(t, newSource(t, c.answer), contact(), `{"id":"7"}`, call.Credential{In: tool.InHeader, Name: "Authorization", Value: "Bearer s3cret-token"})
			got := textOf(r)
			if !r.IsError || len(got) > 5000 || strings.Contains(got, "s3cret") || strings.Contains(got, "token=") {
				t.Errorf("IsError %v, %d bytes: %.300s", r.IsError, len(got), got)
			}
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got  %q\nwant %q", clip(got), want)
				}
			}
		})
	}
}

func TestHeadTellsItsHeaders(t *testing.T) {
	s := newSource(t, answer(200, "", "Content-Length: 99999999", "Content-Encoding: gzip", "Content-Type: text/csv"))
	r := invoke(t, s, get(tool.Operation{Method: "HEAD", Path: "/x"}), ``)
	if r.IsError || !strings.Contains(textOf(r), "Content-Length: 99999999") {
		t.Error(textOf(r))
	}
}

func clip(s string) string { return s[:min(len(s), 600)] }

func TestRedirectsStayWithinTheOrigin(t *testing.T) {
	leaked := ""
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked = r.Header.Get("Authorization") + "!" }))
	defer other.Close()
	hops := 0
	s := newSource(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/contacts/moved":
			http.Redirect(w, r, "/v2/here", http.StatusMovedPermanently)
		case "/v2/here":
			_, _ = fmt.Fprintf(w, `{"auth":%q,"key":%q}`, r.Header.Get("Authorization"), r.URL.Query().Get("key"))
		case "/v1/contacts/loop":
			hops++
			http.Redirect(w, r, "/v1/contacts/loop", http.StatusFound)
		default:
			http.Redirect(w, r, other.URL+"/x?y=z", http.StatusTemporaryRedirect)
		}
	})
	creds := []call.Credential{{In: tool.InHeader, Name: "Authorization", Value: "Bearer abcdef"}, {In: tool.InQuery, Name: "key", Value: "k1"}}
	if r := invoke(t, s, contact(), `{"id":"moved"}`, creds...); textOf(r) != `{"auth":"Bearer abcdef","key":"k1"}` {
		t.Errorf("same origin: %s", textOf(r))
	}
	if r := invoke(t, s, contact(), `{"id":"away"}`, creds...); !r.IsError || leaked != "" || !strings.Contains(textOf(r), other.URL+"/x,") {
		t.Errorf("other origin: leaked %q: %s", leaked, textOf(r))
	}
	if r := invoke(t, s, contact(), `{"id":"loop"}`, creds...); !r.IsError || hops != 6 {
		t.Errorf("loop: %d hops: %s", hops, textOf(r))
	}
	post := contact()
	post.Operation.Method = "POST"
	if r := invoke(t, s, post, `{"id":"moved"}`, creds...); !r.IsError || !strings.Contains(textOf(r), "/v2/here") {
		t.Errorf("POST: %s", textOf(r))
	}
}

func TestLargeResponses(t *testing.T) {
	page := bytes.Repeat([]byte(" "), 50<<20)
	big := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Has("length") {
			w.Header().Set("Content-Length", fmt.Sprint(len(page)))
		}
		_, _ = w.Write(page)
	}
	tl := get(tool.Operation{Path: "/x", Parameters: []tool.Parameter{
		{Arg: "page_size", Name: "length", In: tool.InQuery, Style: tool.Form}}})
	s := newSource(t, big)
	for args, want := range map[string]string{`{}`: "more than the 32 MB", `{"page_size":1}`: "is 50 MB, more than the 32 MB"} {
		if got := textOf(invoke(t, s, tl, args)); !strings.Contains(got, want) || !strings.Contains(got, `"page_size"`) {
			t.Errorf("%s: %s", args, got)
		}
	}
	wide := newSource(t, big, func(o *rest.Options) { o.MaxResponse = 64 << 20 })
	if r := invoke(t, wide, tl, `{}`); len(textOf(r)) < len(page) {
		t.Errorf("got %d bytes of %d", len(textOf(r)), len(page))
	}
}

func TestEndlessStreamIsCutAndSaysSo(t *testing.T) {
	s := newSource(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("data: one\n\ndata: tw"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, func(o *rest.Options) { o.Timeout = 100 * time.Millisecond })
	r := invoke(t, s, contact(), `{"id":"7"}`)
	if got := textOf(r); r.IsError || !strings.HasPrefix(got, "one\n") || strings.Contains(got, "tw") || !strings.Contains(got, "beginning of the stream") {
		t.Errorf("got %q", got)
	}
}

// raw serves one connection with bytes of its own.
func raw(t *testing.T, reply string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 4096)
			_, _ = conn.Read(buf)
			_, _ = conn.Write([]byte(reply))
			_ = conn.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestUnreachableUpstreams(t *testing.T) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = dead.Close()
	tlsUpstream := httptest.NewUnstartedServer(answer(200, "{}"))
	tlsUpstream.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	tlsUpstream.StartTLS()
	defer tlsUpstream.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	noName := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "10.0.0.7", IsNotFound: true}}
	}}
	cases := map[string]struct{ url, want string }{
		"refused":   {"http://" + dead.Addr().String(), "refused the connection"},
		"dns":       {"http://no-such-host.invalid", "can't be resolved"},
		"tls":       {tlsUpstream.URL, "no trusted TLS"},
		"slow":      {slow.URL, "did not answer within 200ms"},
		"truncated": {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "broke the connection"},
		"garbage":   {raw(t, "SSH-2.0-OpenSSH\r\n\r\n"), "can't be read as HTTP"},
	}
	transports := map[string]http.RoundTripper{"dns": noName}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s, err := rest.New(rest.Options{Name: "crm", BaseURL: c.url, Timeout: 200 * time.Millisecond,
				Logger: slog.New(slog.NewTextHandler(&log, nil)), Transport: transports[name]})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			r := invoke(t, s, contact(), `{"id":"7"}`, call.Credential{In: tool.InQuery, Name: "key", Value: "hunter2"})
			got := textOf(r)
			if !r.IsError || !strings.Contains(got, c.want) || !strings.Contains(got, `"crm"`) || strings.Contains(got, "127.0.0.1") {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if !strings.Contains(log.String(), "call=c1") || strings.Contains(log.String(), "hunter2") {
				t.Errorf("log: %s", log.String())
			}
		})
	}
}

func TestCanceledCallIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := newSource(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	_, err := s.Invoke(ctx, &call.Call{Tool: contact(), Arguments: json.RawMessage(`{"id":"7"}`)})
	if fault.KindOf(err) != fault.Canceled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzResponse answers with anything at all: a result comes of it, as text that
// is UTF-8, and never a panic.
func FuzzResponse(f *testing.F) {
	f.Add(200, "text/event-stream", "event: a\ndata: b\n\n:")
	f.Add(500, "text/html", "<title>a<script></SCRIPT><b")
	f.Add(404, "application/problem+json", `{"title":"a","status":1,"x":{}}`)
	f.Add(200, "text/plain; charset=utf-16", "\xff\xfea\x00")
	f.Fuzz(func(t *testing.T, status int, mediaType, body string) {
		if status < 200 || status > 999 {
			return
		}
		s, err := rest.New(rest.Options{Name: "crm", BaseURL: "http://h", MaxResponse: 1000,
			Transport: reply{status, mediaType, body}})
		if err != nil {
			t.Fatal(err)
		}
		r := invoke(t, s, contact(), `{"id":"7"}`)
		if len(r.Content) == 0 || r.IsError == (status < 300) && len(body) <= 1000 || !utf8.ValidString(textOf(r)) || !json.Valid(orNull(r.Structured)) {
			t.Errorf("%d %q %q made %+v", status, mediaType, body, r)
		}
	})
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}

// reply is a transport that answers with what it holds.
type reply struct {
	status          int
	mediaType, body string
}

func (a reply) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: http.Header{"Content-Type": {a.mediaType}},
		ContentLength: -1, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

// A result is vouched for by the schema that clients are shown, if it satisfies
// that; what does not, or is no JSON, is not.
func TestVouching(t *testing.T) {
	cases := map[string]struct {
		output, body string
		vouched      bool
	}{
		"fits":                     {`{"type":"object","properties":{"a":{"type":"string"}},"required":["b"]}`, " {\"a\":null}\n", true},
		"another type":             {`{"type":"object","properties":{"a":{"type":"string"}}}`, `{"a":1}`, false},
		"no JSON behind what fits": {`{"type":"object"}`, `{"a":1}x`, false},
		"no object":                {`{"type":"array"}`, `[1]`, false},
		"no schema":                {``, `{"a":1}`, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			own := contact()
			own.Output = json.RawMessage(tc.output)
			s := newSource(t, answer(200, tc.body, "Content-Type: application/json"))
			result, err := s.Invoke(context.Background(), &call.Call{Tool: own, Name: own.Name, Arguments: json.RawMessage(`{"id":"1"}`)})
			if err != nil {
				t.Fatal(err)
			}
			shown, err := tool.Tolerant(own.Output)
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Vouched(shown); got != tc.vouched {
				t.Errorf("%s by %s: vouched %v; %+v", tc.body, shown, got, result)
			}
		})
	}
}
