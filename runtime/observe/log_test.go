package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/observe"
)

func TestEveryCallIsOneRecord(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.7: refused")
	cases := map[string]struct {
		result *call.Result
		err    error
		want   map[string]any
	}{
		"ok":         {&call.Result{Tokens: call.Tokens{Before: 9, After: 4}}, nil, map[string]any{"outcome": "ok", "level": "INFO", "tokens": map[string]any{"before": 9.0, "after": 4.0}}},
		"tool error": {call.Failure("no such contact"), nil, map[string]any{"outcome": "tool_error", "level": "INFO"}},
		"failed":     {nil, fault.Wrap("rest.send", fault.Unavailable, "the CRM can't be reached", cause), map[string]any{"outcome": "unavailable", "level": "WARN", "error": "rest.send: the CRM can't be reached: dial tcp 10.0.0.7: refused"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			handle := call.Chain(func(context.Context, *call.Call) (*call.Result, error) { return c.result, c.err },
				observe.Calls(slog.New(slog.NewJSONHandler(&log, nil))))
			res, err := handle(t.Context(), &call.Call{ID: "c1", Name: strings.Repeat("a", 10_000), Source: "crm",
				Arguments: json.RawMessage(`{"note":"private"}`), Caller: call.Caller{Client: "cursor/1.2"}})
			if res != c.result || !errors.Is(err, c.err) {
				t.Errorf("the outcome was changed: %v, %v", res, err)
			}
			if strings.Contains(log.String(), "private") || log.Len() > 1000 {
				t.Errorf("logged more than it should: %s", log.String())
			}
			var got map[string]any
			if err := json.Unmarshal(log.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			c.want["call"], c.want["source"], c.want["client"] = "c1", "crm", "cursor/1.2"
			for key, want := range c.want {
				if text, _ := json.Marshal(got[key]); string(text) != must(t, want) {
					t.Errorf("%s = %s, want %v", key, text, want)
				}
			}
		})
	}
}

func must(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
