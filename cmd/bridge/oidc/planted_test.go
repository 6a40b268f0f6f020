package oidc_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/cmd/bridge/cli"
)

// output is what a run of the program writes, while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// form is one kind of credential: its scheme in the document, what bridge.yaml has,
// and what the upstream must get of it.
type form struct {
	scheme, yaml string
	works        bool // false: the credential itself can't be had
	want         func(*http.Request) bool
}

// header returns a check of a header's value.
func header(name, pattern string) func(*http.Request) bool {
	re := regexp.MustCompile(pattern)
	return func(r *http.Request) bool { return re.MatchString(r.Header.Get(name)) }
}

// forms are all kinds, with the secrets "planted…", which no output may have.
func forms(t *testing.T, dir, endpoint string, p *provider) map[string]form {
	const (
		bearer = "{type: http, scheme: bearer}"
		oauth  = "{type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://evil.example/token', scopes: {}}}}"
		signed = "{type: apiKey, in: header, name: Authorization}"
	)
	t.Setenv("BRIDGE_TEST_TOKEN", "planted-bearer-token")
	t.Setenv("BRIDGE_TEST_CRM", crmSecret)
	t.Setenv("BRIDGE_TEST_HEADER", "planted-header-text")
	put(t, filepath.Join(dir, "password"), "planted-password\n")
	_, key := rsaKey(t, "k")
	put(t, filepath.Join(dir, "key.pem"), key)
	put(t, filepath.Join(dir, "print"), "#!/bin/sh\necho planted-exec-output\necho planted-stderr >&2\n")
	all := map[string]form{
		"bearer": {bearer, "bearer: '${env:BRIDGE_TEST_TOKEN}'", true, header("Authorization", "^Bearer planted-bearer-token$")},
		"basic":  {"{type: http, scheme: basic}", "basic: {username: planted-user, password: '${file:password}'}", true, header("Authorization", "^Basic cGxhbnRlZC")},
		"key":    {"{type: apiKey, in: header, name: X-Key}", "apiKey: '${exec:./print}'", true, header("X-Key", "^planted-exec-output$")},
		"query": {"{type: apiKey, in: query, name: api_key}", "apiKey: planted-query-key", true,
			func(r *http.Request) bool { return r.URL.Query().Get("api_key") == "planted-query-key" }},
		"oauth": {oauth, fmt.Sprintf("oauth2: {token_url: '%s/token', client_id: crm, client_secret: '${env:BRIDGE_TEST_CRM}'}", p.url), true,
			func(r *http.Request) bool {
				return p.active(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			}},
		"jwt": {oauth, fmt.Sprintf("jwt_bearer: {token_url: '%s/jwt', issuer: bridge, key: '${file:key.pem}'}", endpoint), true, header("Authorization", "^Bearer planted-jwt")},
		"exchange": {oauth, fmt.Sprintf("token_exchange: {token_url: '%s/exchange', client_id: x, client_secret: planted-x, subject_token: planted-subject}", endpoint), true,
			header("Authorization", "^Bearer planted-exchange")},
		"aws": {signed, "aws: {region: eu-central-1, service: execute-api, access_key_id: AKID, secret_access_key: planted-aws, session_token: planted-session-token}", true,
			header("Authorization", "^AWS4-HMAC-SHA256 Credential=AKID/.*x-amz-security-token")},
		"hmac":     {bearer, "{bearer: planted-beside-hmac, hmac: {key: planted-hmac}}", true, header("X-Signature", "^[0-9a-f]{64}$")},
		"headers":  {"{type: http, scheme: digest}", "", true, header("X-Own", "^planted-header-text$")},
		"missing":  {bearer, "bearer: 'planted${env:BRIDGE_TEST_MISSING}'", false, nil},
		"refused":  {oauth, fmt.Sprintf("oauth2: {token_url: '%s/token', client_id: crm, client_secret: planted-wrong}", p.url), false, nil},
		"failing":  {bearer, "bearer: '${exec:sh -c \"echo planted >&2; exit 1\"}'", false, nil},
		"document": {oauth, "oauth2: {client_id: crm, client_secret: planted-never}", false, nil},
	}
	return all
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// TestNoSecretShows calls upstreams with every kind of credential, and makes each
// fail: by statuses whose bodies send back all that came, by redirects to another
// origin, and by credentials that can't be had. What people, clients and logs get
// is searched for the secrets.
func TestNoSecretShows(t *testing.T) {
	p := start(t, "", 60, basics()...)
	dir := t.TempDir()
	endpoint := tokenEndpoint(t)
	var strangers atomic.Int64
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	t.Cleanup(stranger.Close)
	all := forms(t, dir, endpoint, p)
	yaml := "listen: 127.0.0.1:0\nlog: {level: debug, format: json}\nsources:\n"
	for name, f := range all {
		upstream := httptest.NewServer(echoing(f, stranger.URL))
		t.Cleanup(upstream.Close)
		yaml += declare(t, dir, name, upstream.URL, f)
	}
	at, certificate := mutual(t, dir, stranger.URL)
	all["mtls"] = form{scheme: "{type: mutualTLS}", yaml: certificate, works: true}
	yaml += declare(t, dir, "mtls", at, all["mtls"])
	put(t, filepath.Join(dir, "bridge.yaml"), yaml)

	seen := &output{}
	serving(t, filepath.Join(dir, "bridge.yaml"), seen, func(ctx context.Context, session *mcp.ClientSession) {
		for name, f := range all {
			for _, operation := range []string{"ok", "fail", "refused", "away"} {
				r, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name + "_" + operation})
				fmt.Fprintln(seen, name, operation, shown(r), err)
				if works := err == nil && !r.IsError; works != (f.works && operation == "ok") {
					t.Errorf("%s_%s: %s, %v", name, operation, shown(r), err)
				}
			}
		}
	})
	for _, args := range [][]string{{"secrets", "check"}, {"secrets", "check", "--json"}, {"tools", "--json"}, {"serve", "--check", "--json"}, {"call", "oauth_fail", "--json"},
		{"call", "oauth_ok", "--dry-run"}, {"call", "aws_ok", "--dry-run"}, {"call", "headers_ok", "--dry-run"}} {
		cli.Run(t.Context(), append(args, "-c", filepath.Join(dir, "bridge.yaml"), "--log-level", "debug"), cli.Streams{In: strings.NewReader(""), Out: seen, Err: seen})
	}
	if n := strangers.Load(); n > 0 {
		t.Errorf("%d requests went to another origin", n)
	}
	search(t, dir, seen.String())
}

// shown is a result as a client has it.
func shown(r *mcp.CallToolResult) string {
	data, _ := json.Marshal(r) // for a message
	return string(data)
}

// search looks for the secrets, and for what must be there so that the search is of
// something.
func search(t *testing.T, dir, text string) {
	t.Helper()
	for _, want := range []string{`"level":"DEBUG"`, "BRIDGE_TEST_MISSING is not set", "(invalid_client)", "not at the API's own origin", "sources.failing.credential.bearer",
		`"references"`, "${file:key.pem}", "HTTP 500", "the upstream refused a token (401)"} {
		if !strings.Contains(text, want) && !strings.Contains(text, strings.ReplaceAll(want, `"`, `\"`)) {
			t.Errorf("nothing says %q", want)
		}
	}
	key, err := os.ReadFile(filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"planted", base64.StdEncoding.EncodeToString([]byte("planted-user"))[:14], strings.Split(string(key), "\n")[3], "evil.example"} {
		for line := range strings.Lines(text) {
			if strings.Contains(line, secret) {
				t.Errorf("%.14s… shows: %.600s", secret, line)
			}
		}
	}
	if t.Failed() && testing.Verbose() {
		t.Log(text)
	}
}

// echoing is an upstream that sends back all that came.
func echoing(f form, away string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := map[string]int{"/ok": 200, "/fail": 500, "/refused": 401, "/away": 302}[r.URL.Path]
		if f.want != nil && !f.want(r) {
			status = http.StatusForbidden
		}
		if status == http.StatusFound {
			w.Header().Set("Location", away+"/?"+r.URL.RawQuery)
		}
		w.WriteHeader(status)
		fmt.Fprintln(w, r.URL.String())
		for name, values := range r.Header {
			fmt.Fprintln(w, name, values)
		}
	})
}

// declare writes a document with one scheme and returns the source for it.
func declare(t *testing.T, dir, name, at string, f form) string {
	t.Helper()
	doc := "openapi: 3.1.0\ninfo: {title: T, version: '1'}\nservers: [{url: '" + at + "'}]\nsecurity: [{s: []}]\ncomponents: {securitySchemes: {s: " + f.scheme + "}}\npaths:\n"
	for _, operation := range []string{"ok", "fail", "refused", "away"} {
		doc += fmt.Sprintf("  /%s: {get: {operationId: %s, responses: {'200': {description: d}}}}\n", operation, operation)
	}
	put(t, filepath.Join(dir, name+".yaml"), doc)
	if f.yaml == "" {
		return fmt.Sprintf("  %s: {openapi: %s.yaml, headers: {X-Own: '${env:BRIDGE_TEST_HEADER}'}}\n", name, name)
	}
	credential := f.yaml
	if !strings.HasPrefix(credential, "{") {
		credential = "{" + credential + "}"
	}
	return fmt.Sprintf("  %s: {openapi: %s.yaml, credential: %s}\n", name, name, credential)
}

// tokenEndpoint gives tokens for signed JWTs and in exchange.
func tokenEndpoint(t *testing.T) string {
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("assertion") == "" && r.FormValue("subject_token") != "planted-subject" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error": "invalid_grant"}`)
			return
		}
		fmt.Fprintf(w, `{"access_token": "planted-%s-%d", "token_type": "Bearer", "expires_in": 60}`, r.URL.Path[1:], n.Add(1))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// mutual starts an upstream that takes calls with a client certificate alone.
func mutual(t *testing.T, dir, away string) (at, yaml string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bridge"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	clients.AddCert(parsed)
	s := httptest.NewUnstartedServer(echoing(form{want: func(r *http.Request) bool {
		return len(r.TLS.PeerCertificates) == 1 && r.TLS.PeerCertificates[0].Subject.CommonName == "bridge"
	}}, away))
	s.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	s.StartTLS()
	t.Cleanup(s.Close)
	for name, block := range map[string]pem.Block{"client.pem": {Type: "CERTIFICATE", Bytes: der}, "client.key": {Type: "PRIVATE KEY", Bytes: keyDER},
		"ca.pem": {Type: "CERTIFICATE", Bytes: s.Certificate().Raw}} {
		put(t, filepath.Join(dir, name), string(pem.EncodeToMemory(&block)))
	}
	return s.URL, "mtls: {cert: '${file:client.pem}', key: '${file:client.key}', ca: '${file:ca.pem}'}"
}

// serving runs the gateway while do talks to it.
func serving(t *testing.T, config string, seen *output, do func(context.Context, *mcp.ClientSession)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		ended <- cli.Run(ctx, []string{"serve", "-c", config}, cli.Streams{In: strings.NewReader(""), Out: seen, Err: seen})
	}()
	defer func() {
		stop()
		<-ended
	}()
	address := regexp.MustCompile(`Bridge serves (\S+)`)
	for deadline := time.Now().Add(30 * time.Second); !address.MatchString(seen.String()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the gateway does not serve:\n%s", seen)
		}
	}
	at := address.FindStringSubmatch(seen.String())[1]
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(ctx, &mcp.StreamableClientTransport{Endpoint: at}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	do(ctx, session)
}

// TestGatewayKeepsTokens starts the gateway twice with a store: the second one
// takes the token of the first.
func TestGatewayKeepsTokens(t *testing.T) {
	p := start(t, "", 60, basics()...)
	dir := t.TempDir()
	upstream := newAPI(t, p)
	t.Setenv("BRIDGE_TEST_CRM", crmSecret)
	t.Setenv("BRIDGE_TEST_KEY", strings.Repeat("planted-key-", 4))
	oauth := form{scheme: "{type: http, scheme: bearer}", yaml: fmt.Sprintf("oauth2: {token_url: '%s/token', client_id: crm, client_secret: '${env:BRIDGE_TEST_CRM}'}", p.url)}
	put(t, filepath.Join(dir, "bridge.yaml"), "listen: 127.0.0.1:0\nstate_key: '${env:BRIDGE_TEST_KEY}'\nstore: {sqlite: state.db}\nsources:\n"+declare(t, dir, "crm", upstream.URL, oauth))
	seen := &output{}
	for range 2 {
		serving(t, filepath.Join(dir, "bridge.yaml"), &output{}, func(ctx context.Context, session *mcp.ClientSession) {
			if r, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "crm_ok"}); err != nil || r.IsError {
				t.Errorf("%s, %v", shown(r), err)
			}
		})
		cli.Run(t.Context(), []string{"call", "crm_ok", "-c", filepath.Join(dir, "bridge.yaml")}, cli.Streams{In: strings.NewReader(""), Out: seen, Err: seen})
	}
	p.stop()
	if n := p.issued.Load(); n != 1 || upstream.calls.Load() != 4 {
		t.Errorf("four runs took %d tokens for %d calls\n%s", n, upstream.calls.Load(), seen)
	}
}
