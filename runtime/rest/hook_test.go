package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

type personInput struct {
	ID   string   `json:"id"`
	Name *string  `json:"name,omitempty"`
	Tags []string `json:"tags,omitzero"`
}

type person struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Phone *string `json:"phone,omitempty"`
}

var putPerson = rest.Operation[personInput, person]{
	Name: "put_person",
	Operation: &tool.Operation{Method: "PUT", Path: "/people/{id}", Accept: []string{"application/json"},
		Parameters: []tool.Parameter{{Arg: "id", Name: "id", In: tool.InPath, Required: true}},
		Body:       &tool.Body{MediaType: "application/json", Fields: []tool.Field{{Arg: "name", Name: "name"}, {Arg: "tags", Name: "tags"}, {Arg: "more", Name: "more"}}}},
}

var listPeople = rest.Operation[rest.NoBody, []person]{
	Name:      "list_people",
	Operation: &tool.Operation{Method: "GET", Path: "/people", Accept: []string{"application/json"}, Wrap: "people"},
}

const peopleLock = `{"version":1,"$defs":{},"tools":{
  "put_person": {"input": {"type":"object","required":["id"],"properties":{
      "id":{"type":"string"},"name":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}},"more":{"type":"object"}}},
    "output": {"type":"object"}},
  "list_people": {"input": {"type":"object","properties":{}}, "output": {"type":"object"}}}}`

// people is an adapter with what change adds by hand.
func people(change func(*rest.Adapter)) rest.Adapter {
	a := rest.Adapter{Name: "people", Tools: []tool.Tool{putPerson.Tool(), listPeople.Tool()}, Lock: peopleLock}
	change(&a)
	return a
}

// peopleSource returns a source of the adapter and its tools by name.
func peopleSource(t *testing.T, a rest.Adapter, handler http.HandlerFunc, change ...func(*rest.Options)) (*rest.Source, map[string]*tool.Tool) {
	t.Helper()
	tools, err := a.Load()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*tool.Tool{}
	for i := range tools {
		byName[tools[i].Name] = &tools[i]
	}
	return newSource(t, handler, append(change, func(o *rest.Options) { o.Tools, o.Custom = tools, a.Custom })...), byName
}

const personBody = `{"id": "7", "name": "Ada", "phone": "+15550123", "score": 1.50}`

var jsonAnswer = "Content-Type: application/json"

func TestBeforeChangesArguments(t *testing.T) {
	a := people(func(a *rest.Adapter) {
		rest.Before(a, putPerson, func(_ context.Context, _ *rest.Source, in *personInput) error {
			if in.Name != nil && *in.Name == "" {
				return rest.Errorf("a person needs a name")
			}
			if in.Name != nil {
				upper := strings.ToUpper(*in.Name)
				in.Name = &upper
			}
			return nil
		})
	})
	var got recorder
	s, tools := peopleSource(t, a, got.ServeHTTP)
	cases := map[string]string{
		`{"id":"7","name":"ada","more":{"n": 1.50, "z": 1}}`: `{"name":"ADA","more":{"n": 1.50, "z": 1}}`,
		`{"id":"7","tags":"a","name":"ada"}`:                 `{"name":"ADA","tags":["a"]}`,
		`{"id":"7","more":{"big":12345678901234567890}}`:     `{"more":{"big":12345678901234567890}}`,
	}
	for args, want := range cases {
		if r := invoke(t, s, tools["put_person"], args); r.IsError || !strings.HasSuffix(got.got, "\n\n"+want) {
			t.Errorf("%s: sent %s, want %s; %s", args, got.got, want, textOf(r))
		}
	}
	got.got = ""
	for args, want := range map[string]string{
		`{"id":"7","name":""}`: "a person needs a name",
		`{"id":"7","nam":"x"}`: `did you mean "name"?`,
	} {
		if r := invoke(t, s, tools["put_person"], args); !r.IsError || !strings.Contains(textOf(r), want) || got.got != "" {
			t.Errorf("%s: got %q and sent %q; want a refusal with %q", args, textOf(r), got.got, want)
		}
	}
	name := "ada"
	if _, err := putPerson.Call(t.Context(), s, personInput{ID: "7", Name: &name}); fault.KindOf(err) != fault.Upstream || !strings.Contains(got.got, `"ADA"`) {
		t.Errorf("a call from Go takes the hook too; sent %s, %v", got.got, err)
	}
	r, err := s.Request(t.Context(), &call.Call{Tool: tools["put_person"], Arguments: json.RawMessage(`{"id":"7","name":"bo"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(r.Body); string(body) != `{"name":"BO"}` {
		t.Errorf("Request shows %s", body)
	}
}

func TestAfterChangesResults(t *testing.T) {
	hide := func(p *person) {
		if p.Phone != nil {
			masked := "***"
			p.Phone = &masked
		}
	}
	a := people(func(a *rest.Adapter) {
		rest.After(a, putPerson, func(_ context.Context, _ *rest.Source, in personInput, out *person) error {
			if in.ID == "9" {
				return errors.New("dial tcp 10.0.0.7:5432")
			}
			hide(out)
			return nil
		})
		rest.After(a, listPeople, func(_ context.Context, _ *rest.Source, _ rest.NoBody, out *[]person) error {
			for i := range *out {
				hide(&(*out)[i])
			}
			return nil
		})
	})
	body := personBody
	status := 200
	s, tools := peopleSource(t, a, func(w http.ResponseWriter, r *http.Request) { answer(status, body, jsonAnswer)(w, r) })
	r := invoke(t, s, tools["put_person"], `{"id":"7"}`)
	const masked = `{"id":"7","name":"Ada","phone":"***","score":1.50}`
	if textOf(r) != masked || string(r.Structured) != masked {
		t.Errorf("got %s and %s, want %s", textOf(r), r.Structured, masked)
	}
	if out, err := putPerson.Call(t.Context(), s, personInput{ID: "7"}); err != nil || *out.Phone != "***" {
		t.Errorf("from Go: %+v, %v", out, err)
	}
	body = `[` + personBody + `]`
	if r := invoke(t, s, tools["list_people"], ``); textOf(r) != `[`+masked+`]` || string(r.Structured) != `{"people":[`+masked+`]}` {
		t.Errorf("got %s and %s", textOf(r), r.Structured)
	}
	body = `{"id": "7",  "name": "Ada"}`
	if r := invoke(t, s, tools["put_person"], `{"id":"7"}`); textOf(r) != body || string(r.Structured) != body {
		t.Errorf("a result that is not changed must stay as it came: %s", textOf(r))
	}
	if _, err := s.Invoke(t.Context(), &call.Call{Tool: tools["put_person"], Arguments: json.RawMessage(`{"id":"9"}`)}); fault.KindOf(err) != fault.Internal || fault.Message(err) != "internal error" {
		t.Errorf("an error of no known kind must not be shown: %v", err)
	}
	body = `"+15550123"`
	if r := invoke(t, s, tools["put_person"], `{"id":"7"}`); !r.IsError || strings.Contains(textOf(r), "0123") || !strings.Contains(textOf(r), "was carried out") {
		t.Errorf("what can't be read must not pass: %s", textOf(r))
	}
	status, body = 404, `{"detail":"nobody"}`
	if r := invoke(t, s, tools["put_person"], `{"id":"7"}`); !r.IsError || !strings.Contains(textOf(r), "HTTP 404") {
		t.Errorf("a failure must stay one: %s", textOf(r))
	}
}

func TestAroundAnswersItself(t *testing.T) {
	var requests int
	a := people(func(a *rest.Adapter) {
		rest.Around(a, putPerson, func(ctx context.Context, s *rest.Source, in personInput, next func(context.Context, personInput) (person, error)) (person, error) {
			switch in.ID {
			case "cached":
				return person{ID: "cached", Name: "<Bo>"}, nil
			case "again":
				if _, err := next(ctx, in); err == nil {
					return person{}, errors.New("the first attempt was to fail")
				}
				in.ID = "7"
			case "loop":
				return putPerson.Call(ctx, s, in)
			}
			return next(ctx, in)
		})
	})
	s, tools := peopleSource(t, a, func(w http.ResponseWriter, r *http.Request) {
		requests++
		if strings.HasSuffix(r.URL.Path, "/7") {
			answer(200, personBody, jsonAnswer)(w, r)
			return
		}
		answer(503, `{"detail":"busy"}`, jsonAnswer)(w, r)
	})
	if r := invoke(t, s, tools["put_person"], `{"id":"cached"}`); textOf(r) != `{"id":"cached","name":"<Bo>"}` || string(r.Structured) != textOf(r) || requests != 0 {
		t.Errorf("got %s and %s after %d requests", textOf(r), r.Structured, requests)
	}
	if r := invoke(t, s, tools["put_person"], `{"id":"again"}`); textOf(r) != personBody || requests != 2 {
		t.Errorf("got %s after %d requests", textOf(r), requests)
	}
	if r := invoke(t, s, tools["put_person"], `{"id":"x"}`); !r.IsError || !strings.Contains(textOf(r), "HTTP 503") || !strings.Contains(textOf(r), "check what was carried out") {
		t.Errorf("the upstream's failure must pass whole: %s", textOf(r))
	}
	c := &call.Call{Tool: tools["put_person"], Arguments: json.RawMessage(`{"id":"loop"}`)}
	if _, err := s.Invoke(t.Context(), c); fault.KindOf(err) != fault.Internal || !strings.Contains(err.Error(), "without end") {
		t.Errorf("a hook that calls its own operation: %v", err)
	}
	for id, want := range map[string]string{"cached": "nothing would be sent", "loop": "requests of its own"} {
		before := requests
		c := &call.Call{Tool: tools["put_person"], Arguments: json.RawMessage(`{"id":"` + id + `"}`)}
		if r, err := s.Request(t.Context(), c); err == nil || !strings.Contains(fault.Message(err), want) || requests != before {
			t.Errorf("%s: got %v, %v after %d requests", id, r, err, requests-before)
		}
	}
}

func TestHooksRunFirstOutermost(t *testing.T) {
	var order []string
	note := func(name string) func(context.Context, *rest.Source, *personInput) error {
		return func(context.Context, *rest.Source, *personInput) error { order = append(order, name); return nil }
	}
	a := people(func(a *rest.Adapter) {
		rest.Before(a, putPerson, note("first"))
		rest.After(a, putPerson, func(context.Context, *rest.Source, personInput, *person) error {
			order = append(order, "last")
			return nil
		})
		rest.Before(a, putPerson, note("second"))
		rest.After(a, putPerson, func(context.Context, *rest.Source, personInput, *person) error {
			order = append(order, "third")
			return nil
		})
	})
	s, tools := peopleSource(t, a, answer(200, personBody, jsonAnswer))
	invoke(t, s, tools["put_person"], `{"id":"7"}`)
	if got := strings.Join(order, " "); got != "first second third last" {
		t.Errorf("ran %s", got)
	}
}

func TestHookIsBounded(t *testing.T) {
	a := people(func(a *rest.Adapter) {
		rest.Before(a, putPerson, func(ctx context.Context, _ *rest.Source, _ *personInput) error {
			<-ctx.Done()
			return ctx.Err()
		})
	})
	s, tools := peopleSource(t, a, answer(200, personBody, jsonAnswer), func(o *rest.Options) { o.Timeout = 20 * time.Millisecond })
	if r := invoke(t, s, tools["put_person"], `{"id":"7"}`); !r.IsError || !strings.Contains(textOf(r), "longer than 20ms") {
		t.Errorf("got %s", textOf(r))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Invoke(gone, &call.Call{Tool: tools["put_person"], Arguments: json.RawMessage(`{"id":"7"}`)}); fault.KindOf(err) != fault.Canceled {
		t.Errorf("a caller that went away: %v", err)
	}
}

func TestHooksOnResultsThatAreNoJSON(t *testing.T) {
	at := func(name, method, mediaType string) tool.Tool {
		return tool.Tool{Name: name, Operation: &tool.Operation{Method: method, Path: "/" + name, Accept: []string{mediaType}}}
	}
	text := rest.Operation[struct{}, string](at("text", "GET", "text/plain"))
	file := rest.Operation[struct{}, []byte](at("file", "GET", "application/pdf"))
	photo := rest.Operation[struct{}, []byte](at("photo", "GET", "image/png"))
	remove := rest.Operation[struct{}, rest.NoBody](at("remove", "DELETE", ""))
	drop := rest.Operation[struct{}, rest.NoBody](at("drop", "DELETE", ""))
	a := rest.Adapter{Name: "x", Tools: []tool.Tool{text.Tool(), file.Tool(), photo.Tool(), remove.Tool(), drop.Tool()}, Lock: `{"version":1,"tools":{
		"text":{"input":{"type":"object"}},"file":{"input":{"type":"object"}},"photo":{"input":{"type":"object"}},
		"remove":{"input":{"type":"object"}},"drop":{"input":{"type":"object"}}}}`}
	double := func(_ context.Context, _ *rest.Source, _ struct{}, out *[]byte) error {
		*out = append(*out, *out...)
		return nil
	}
	rest.After(&a, text, func(_ context.Context, _ *rest.Source, _ struct{}, out *string) error {
		*out = strings.ToUpper(*out)
		return nil
	})
	rest.After(&a, file, double)
	rest.After(&a, photo, double)
	rest.After(&a, remove, func(context.Context, *rest.Source, struct{}, *rest.NoBody) error { return nil })
	rest.Around(&a, drop, func(context.Context, *rest.Source, struct{}, func(context.Context, struct{}) (rest.NoBody, error)) (rest.NoBody, error) {
		return rest.NoBody{}, nil
	})
	s, tools := peopleSource(t, a, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/text":
			answer(200, "<a> & b", "Content-Type: text/plain")(w, r)
		case "/v1/remove":
			answer(204, "")(w, r)
		default:
			answer(200, "\x00a", "Content-Type: "+strings.Split(r.Header.Get("Accept"), ",")[0])(w, r)
		}
	})
	for name, want := range map[string]string{
		"text":   `{"type":"text","text":"\u003cA\u003e \u0026 B"}`,
		"file":   `{"type":"resource","resource":{"uri":"bridge://crm/file","mimeType":"application/pdf","blob":"AGEAYQ=="}}`,
		"photo":  `{"type":"image","data":"AGEAYQ==","mimeType":"image/png"}`,
		"remove": `{"type":"text","text":"HTTP 204 No Content from DELETE /remove: it worked; there is nothing to return."}`,
		"drop":   `{"type":"text","text":"drop: it worked; there is nothing to return."}`,
	} {
		r := invoke(t, s, tools[name], ``)
		if got, err := json.Marshal(r.Content[0]); err != nil || string(got) != want || len(r.Content) != 1 || r.Structured != nil {
			t.Errorf("%s: got %s and %s, %v; want %s", name, got, r.Structured, err, want)
		}
	}
	if out, err := photo.Call(t.Context(), s, struct{}{}); err != nil || string(out) != "\x00a\x00a" {
		t.Errorf("from Go: %q, %v", out, err)
	}
}
