package manager

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// client returns a client that follows no redirect, as a secret goes along.
func client(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// exchange sends a request, whose context bounds it, and reads a bounded answer.
func exchange(c *http.Client, r *http.Request) ([]byte, int, error) {
	resp, err := c.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxSecret+1))
	if err == nil && len(data) > maxSecret {
		err = fmt.Errorf("the answer is over %d bytes", maxSecret)
	}
	return data, resp.StatusCode, err
}

// unreachable keeps the cause without the URL around it.
func unreachable(message string, cause error) error {
	var u *url.Error
	if errors.As(cause, &u) {
		cause = u.Err
	}
	return fault.Wrap("secret.fetch", fault.Unavailable, message, cause)
}

// member returns one member of a secret: a text as it is, all else as JSON.
func member(members map[string]json.RawMessage, name, what string) (string, error) {
	raw, ok := members[name]
	if !ok || string(raw) == "null" {
		return "", fault.New("secret.fetch", fault.Unavailable, fmt.Sprintf("%s has no %q; check the name after #", what, name))
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	return string(raw), nil
}
