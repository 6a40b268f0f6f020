package rest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

type contactInput struct {
	ID string `json:"id"`
}

type contactOutput struct {
	Name string `json:"name"`
}

func TestTypedOperation(t *testing.T) {
	s := newSource(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/contacts/7" {
			answer(404, `{"error":"no such contact"}`)(w, r)
			return
		}
		answer(200, `{"name":"Ada"}`, "Content-Type: application/json")(w, r)
	})
	op := rest.Operation[contactInput, contactOutput](*contact())
	out, err := op.Call(t.Context(), s, contactInput{ID: "7"})
	if err != nil || out.Name != "Ada" {
		t.Errorf("got %+v, %v", out, err)
	}
	_, err = op.Call(t.Context(), s, contactInput{ID: "8"})
	if fault.KindOf(err) != fault.Upstream || !strings.Contains(fault.Message(err), "HTTP 404") || !strings.Contains(fault.Message(err), "no such contact") {
		t.Errorf("got %v", err)
	}
	if _, err := (rest.Operation[contactInput, rest.NoBody])(*contact()).Call(t.Context(), s, contactInput{ID: "7"}); err != nil {
		t.Error(err)
	}
	data, err := (rest.Operation[contactInput, []byte])(*contact()).Call(t.Context(),
		newSource(t, answer(200, "\x00hi", "Content-Type: application/pdf")), contactInput{ID: "7"})
	if err != nil || string(data) != "\x00hi" {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestAdapterLoad(t *testing.T) {
	a := rest.Adapter{Name: "crm", Tools: []tool.Tool{{Name: "a"}, {Name: "b"}}, Lock: `{
  "version": 1,
  "$defs": {
    "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}},
    "Unused": {"type": "string"}
  },
  "tools": {
    "a": {"input": {"type": "object", "properties": {"n": {"$ref": "#/$defs/Node"}}}},
    "b": {"input": {"type": "object"}, "output": {"type": "object", "description": "a <b> & c"}}
  }
}`}
	tools, err := a.Load()
	if err != nil {
		t.Fatal(err)
	}
	const node = `"$defs":{"Node":{"type":"object","properties":{"next":{"$ref":"#/$defs/Node"}}}}`
	for got, want := range map[string]string{
		string(tools[0].Input):  `{"type":"object","properties":{"n":{"$ref":"#/$defs/Node"}},` + node + `}`,
		string(tools[1].Input):  `{"type":"object"}`,
		string(tools[1].Output): `{"type":"object","description":"a <b> & c"}`,
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if tools[0].Output != nil || a.Tools[0].Input != nil {
		t.Error("the adapter changed, or an output came from nowhere")
	}
	for _, broken := range []string{
		``, `{"version":1,"tools":{"a":{"input":{"type":"object"}}}}`,
		`{"version":1,"tools":{"a":{"input":{"$ref":"#/$defs/X"}},"b":{"input":{}}}}`,
		`{"tools":{"a":{"input":{}},"b":{"input":{}}}}`, `{"version":2,"tools":{"a":{"input":{}},"b":{"input":{}}}}`,
	} {
		a.Lock = broken
		if _, err := a.Load(); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "bridge gen") {
			t.Errorf("%s: %v", broken, err)
		}
	}
}

// instant is a transport that answers at once, so that only the path through
// the package is measured.
type instant struct{ body string }

func (i instant) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Request: r, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(i.body)), Body: io.NopCloser(strings.NewReader(i.body))}, nil
}

func benchmark(b *testing.B, tl *tool.Tool, args string, transport http.RoundTripper, handler http.HandlerFunc) {
	s := newSource(b, handler, func(o *rest.Options) { o.Transport = transport })
	c := &call.Call{ID: "c1", Tool: tl, Arguments: json.RawMessage(args)}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := s.Invoke(b.Context(), c); err != nil || r.IsError {
			b.Fatal(err, r)
		}
	}
}

func BenchmarkInvokeGet(b *testing.B) {
	benchmark(b, contact(), `{"id":"7"}`, instant{`{"name":"Ada"}`}, nil)
}

func BenchmarkInvokeValidated(b *testing.B) {
	benchmark(b, search(), `{"owner":{"id":1,"name":"Ada"},"limit":5,"tags":["a","b"],"status":"open"}`, instant{`{"name":"Ada"}`}, nil)
}

func BenchmarkInvokeLargeResponse(b *testing.B) {
	benchmark(b, contact(), `{"id":"7"}`, instant{`["` + strings.Repeat("x", 1<<20) + `"]`}, nil)
}

func BenchmarkInvokeOverLoopback(b *testing.B) {
	benchmark(b, contact(), `{"id":"7"}`, nil, answer(200, `{"name":"Ada"}`, "Content-Type: application/json"))
}
