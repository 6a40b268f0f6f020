package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

func TestStatesOpenForTheirRequestAlone(t *testing.T) {
	g := New(Options{StateKey: []byte("shared")})
	h := &handler{g, g.first()}
	ada := &face.Request{Method: protocol.CallTool, Caller: call.Caller{ID: "ada"}}
	args := json.RawMessage(`{"a":1,"b":[2]}`)
	sealed := h.sealState(ada, "crm", "crm_get", args, json.RawMessage(`"state of crm"`))
	if strings.Contains(string(sealed), "state of crm") {
		t.Errorf("the state can be read: %s", sealed)
	}
	got, err := h.openState(ada, "crm_get", json.RawMessage(` {"b": [2], "a": 1}`), sealed)
	if err != nil || got.source != "crm" || string(got.value) != `"state of crm"` {
		t.Errorf("opened as %+v, %v", got, err)
	}
	replica := New(Options{StateKey: []byte("shared")})
	if _, err := (&handler{replica, replica.first()}).openState(ada, "crm_get", args, sealed); err != nil {
		t.Errorf("a gateway with the same key: %v", err)
	}
	other := New(Options{})
	refused := map[string]func() error{
		"another caller": func() error {
			_, err := h.openState(&face.Request{Method: protocol.CallTool, Caller: call.Caller{ID: "bob"}}, "crm_get", args, sealed)
			return err
		},
		"another method": func() error {
			_, err := h.openState(&face.Request{Method: protocol.GetPrompt, Caller: ada.Caller}, "crm_get", args, sealed)
			return err
		},
		"another tool":    func() error { _, err := h.openState(ada, "crm_del", args, sealed); return err },
		"other arguments": func() error { _, err := h.openState(ada, "crm_get", json.RawMessage(`{"a":2}`), sealed); return err },
		"another key": func() error {
			_, err := (&handler{other, other.first()}).openState(ada, "crm_get", args, sealed)
			return err
		},
		"a foreign state": func() error { _, err := h.openState(ada, "crm_get", args, json.RawMessage(`"abc"`)); return err },
		"no text":         func() error { _, err := h.openState(ada, "crm_get", args, json.RawMessage(`7`)); return err },
		"tampered with":   func() error { _, err := h.openState(ada, "crm_get", args, tampered(sealed)); return err },
		"cut off": func() error {
			_, err := h.openState(ada, "crm_get", args, json.RawMessage(`"bridge.1.AAAA"`))
			return err
		},
		"not even a prefix": func() error { _, err := h.openState(ada, "crm_get", args, json.RawMessage(`"bridge.1."`)); return err },
	}
	for name, open := range refused {
		if err := open(); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), "start over") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func tampered(sealed json.RawMessage) json.RawMessage {
	out := []byte(string(sealed))
	at := len(out) - 10
	if out[at]++; out[at] > 'y' || out[at] < 'A' {
		out[at] = 'B'
	}
	return out
}
