package oidc_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// client is a client as the provider registers it.
type client map[string]any

// provider is a running provider.
type provider struct {
	url    string
	issued atomic.Int64 // tokens
	stop   func()
}

// start starts a provider, on a port that an earlier one had or any.
func start(t *testing.T, port string, ttl int, clients ...client) *provider {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat("node_modules/oidc-provider"); err != nil {
		t.Skip("oidc-provider is not installed: make test does it")
	}
	if port == "" {
		port = "0"
	}
	settings, err := json.Marshal(map[string]any{"port": json.Number(port), "ttl": ttl, "clients": clients})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "provider.mjs", string(settings))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &provider{}
	ready, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		p.read(bufio.NewScanner(out), ready)
	}()
	stopped := false
	p.stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = in.Close() // it ends by that
		<-ended
		_ = cmd.Wait()
	}
	t.Cleanup(p.stop)
	select {
	case p.url = <-ready:
	case <-ended:
		t.Fatal("the provider did not start")
	case <-time.After(30 * time.Second):
		t.Fatal("the provider did not start in time")
	}
	return p
}

func (p *provider) read(lines *bufio.Scanner, ready chan<- string) {
	for lines.Scan() {
		var line struct{ Ready, Issued string }
		switch json.Unmarshal(lines.Bytes(), &line) {
		case nil:
			if line.Ready != "" {
				ready <- line.Ready
			}
			if line.Issued != "" {
				p.issued.Add(1)
			}
		}
	}
}

func (p *provider) port(t *testing.T) string {
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// active asks the provider whether a token is good, as the client api.
func (p *provider) active(token string) bool {
	var answer struct{ Active bool }
	resp, err := p.post("/token/introspection", token)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(&answer) == nil && answer.Active
}

// post sends a token to an endpoint of the provider, as the client api.
func (p *provider) post(path, token string) (*http.Response, error) {
	r, err := http.NewRequest(http.MethodPost, p.url+path, strings.NewReader(url.Values{"token": {token}}.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("api", apiSecret)
	return http.DefaultClient.Do(r)
}
