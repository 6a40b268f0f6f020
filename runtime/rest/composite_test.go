package rest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

type teamInput struct {
	IDs   []string              `json:"ids" jsonschema:"Who is in it."`
	Name  string                `json:"name"`
	Since *int                  `json:"since,omitempty" jsonschema:"The year."`
	Lead  tool.Nullable[string] `json:"lead,omitzero"`
	More  json.RawMessage       `json:"more,omitempty"`
	When  *time.Time            `json:"when,omitempty"`
}

type team struct {
	Size int     `json:"size"`
	Lead *person `json:"lead,omitempty"`
}

func makeTeam(ctx context.Context, s *rest.Source, in teamInput) (team, error) {
	var out team
	for _, id := range in.IDs {
		p, err := putPerson.Call(ctx, s, personInput{ID: id})
		if err != nil {
			return team{}, rest.Errorf("%d of %s are in: %w", out.Size, in.Name, err)
		}
		out.Size, out.Lead = out.Size+1, &p
	}
	return out, nil
}

var about = rest.Composite{Name: "make_team", Description: "Makes a team."}

func TestComposite(t *testing.T) {
	a := people(func(a *rest.Adapter) {
		rest.Compose(a, about, makeTeam)
		rest.After(a, putPerson, func(_ context.Context, _ *rest.Source, _ personInput, out *person) error { out.Phone = nil; return nil })
	})
	var authorized int
	s, tools := peopleSource(t, a, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer for PUT" {
			authorized++
		}
		if strings.HasSuffix(r.URL.Path, "/8") {
			answer(409, `{"detail":"taken"}`, jsonAnswer)(w, r)
			return
		}
		answer(200, personBody, jsonAnswer)(w, r)
	}, func(o *rest.Options) {
		o.Credentials = func(_ context.Context, op *tool.Operation) ([]call.Credential, error) {
			return []call.Credential{{In: tool.InHeader, Name: "Authorization", Value: "Bearer for " + op.Method}}, nil
		}
	})
	const schema = `{"type":"object","properties":{"ids":{"type":"array","items":{"type":"string"},"description":"Who is in it."},` +
		`"name":{"type":"string"},"since":{"type":"integer","description":"The year."},"lead":{"type":["string","null"]},"more":{"description":"Any JSON."},"when":{"type":"string"}},` +
		`"required":["ids","name"],"additionalProperties":false}`
	own := tools["make_team"]
	if got := sortedJSON(t, own.Input); got != sortedJSON(t, []byte(schema)) {
		t.Errorf("input schema\n%s, want\n%s", got, sortedJSON(t, []byte(schema)))
	}
	if err := own.Validate(); err != nil || own.Operation != nil || len(own.Output) == 0 {
		t.Errorf("%+v: %v", own, err)
	}
	r := invoke(t, s, own, `{"ids":["7","7"],"name":"x","since":"2020","lead":null}`)
	const want = `{"size":2,"lead":{"id":"7","name":"Ada"}}`
	if textOf(r) != want || string(r.Structured) != want || authorized != 2 {
		t.Errorf("got %s and %s, %d requests with a credential", textOf(r), r.Structured, authorized)
	}
	for args, want := range map[string]string{
		`{"ids":["7"]}`:                `missing required argument "name"`,
		`{"ids":["7"],"nam":"x"}`:      `did you mean "name"?`,
		`{"ids":["7"],"name":{}}`:      `argument "name": got {}; allowed: string`,
		`{"ids":["7","8"],"name":"x"}`: "1 of x are in: HTTP 409",
	} {
		if r := invoke(t, s, own, args); !r.IsError || !strings.Contains(textOf(r), want) {
			t.Errorf("%s: got %q, want %q", args, textOf(r), want)
		}
	}
	if _, err := s.Request(t.Context(), &call.Call{Tool: own}); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("a composite has no one request: %v", err)
	}
}

// sortedJSON writes JSON with its members sorted.
func sortedJSON(t *testing.T, raw []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	sorted, _ := json.Marshal(v)
	return string(sorted)
}

func TestCompositeResults(t *testing.T) {
	a := people(func(a *rest.Adapter) {
		compose(a, "text", func() string { return "a plain <text>" })
		compose(a, "none", func() rest.NoBody { return rest.NoBody{} })
		compose(a, "list", func() []int { return []int{1, 2} })
		compose(a, "bytes", func() []byte { return []byte("\x00hi") })
		compose(a, "json", func() json.RawMessage { return json.RawMessage(`{"a":1}`) })
		compose(a, "object", func() map[string]int { return map[string]int{"a": 1} })
	})
	s, tools := peopleSource(t, a, answer(500, ``))
	for name, want := range map[string][3]string{ // text, structured, a part of the output schema
		"text":   {"a plain <text>", "", ""},
		"none":   {"none: it worked; there is nothing to return.", "", ""},
		"list":   {`[1,2]`, `{"result":[1,2]}`, `"result":`},
		"bytes":  {"", "", ""},
		"json":   {`{"a":1}`, `{"result":{"a":1}}`, `"result":`},
		"object": {`{"a":1}`, `{"a":1}`, `"additionalProperties":`},
	} {
		r := invoke(t, s, tools[name], ``)
		if r.IsError || textOf(r) != want[0] || string(r.Structured) != want[1] || !strings.Contains(string(tools[name].Output), want[2]) || (want[2] == "") != (tools[name].Output == nil) {
			t.Errorf("%s: got %q, %s, %s", name, textOf(r), r.Structured, tools[name].Output)
		}
	}
	if r := invoke(t, s, tools["bytes"], ``); r.Content[0].Type != "resource" {
		t.Errorf("bytes came as %s", r.Content[0].Type)
	}
}

func compose[Out any](a *rest.Adapter, name string, make func() Out) {
	rest.Compose(a, rest.Composite{Name: name, Description: "Makes " + name}, func(context.Context, *rest.Source, struct{}) (Out, error) {
		return make(), nil
	})
}

func TestCompositeHasItsOwnTimeout(t *testing.T) {
	wait := func(ctx context.Context, _ *rest.Source, _ struct{}) (rest.NoBody, error) {
		<-ctx.Done()
		return rest.NoBody{}, ctx.Err()
	}
	a := people(func(a *rest.Adapter) {
		rest.Compose(a, rest.Composite{Name: "wait", Description: "Waits.", Timeout: 10 * time.Millisecond}, wait)
	})
	s, tools := peopleSource(t, a, answer(200, ``))
	if r := invoke(t, s, tools["wait"], ``); !r.IsError || !strings.Contains(textOf(r), "longer than 10ms; it may have been carried out in part") {
		t.Errorf("got %q", textOf(r))
	}
}

func TestAdapterHidesAndReplaces(t *testing.T) {
	a := people(func(a *rest.Adapter) {
		rest.Hide(a, putPerson)
		rest.Compose(a, rest.Composite{Name: "put_person", Description: "In its place."}, makeTeam)
		rest.Compose(a, about, makeTeam)
	})
	tools, err := a.Load()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tl := range tools {
		got = append(got, tl.Name)
	}
	if strings.Join(got, " ") != "put_person list_people make_team" || tools[0].Operation != nil || tools[0].Description != "In its place." {
		t.Errorf("got %v, the first %+v", got, tools[0])
	}
}

func TestLoadNamesAllThatDoesNotFit(t *testing.T) {
	type ring struct {
		Next *ring `json:"next,omitempty"`
	}
	other := putPerson
	other.Name = "put_persona"
	a := people(func(a *rest.Adapter) {
		rest.Before(a, other, func(context.Context, *rest.Source, *personInput) error { return nil })
		rest.Before(a, putPerson, nil)
		rest.Hide(a, other)
		rest.Compose(a, rest.Composite{Name: "put_person", Description: "x"}, makeTeam)
		rest.Compose(a, rest.Composite{Name: "no name!", Description: "x"}, makeTeam)
		rest.Compose(a, rest.Composite{Name: "mute"}, makeTeam)
		rest.Compose[teamInput, team](a, rest.Composite{Name: "twice", Description: "x"}, nil)
		rest.Compose(a, rest.Composite{Name: "twice", Description: "x"}, func(context.Context, *rest.Source, []string) (string, error) { return "", nil })
		rest.Compose(a, rest.Composite{Name: "ring", Description: "x"}, func(context.Context, *rest.Source, struct{}) (ring, error) { return ring{}, nil })
		rest.Compose(a, rest.Composite{Name: "key", Description: "x"}, func(context.Context, *rest.Source, struct {
			A string `json:"a b"`
		}) (string, error) {
			return "", nil
		})
	})
	_, err := a.Load()
	for _, want := range []string{
		`hook on "put_persona": the adapter has no such tool; did you mean "put_person"?`, `hook on "put_person": its function is nil`,
		`hide "put_persona"`, `"put_person": the adapter has a tool of this name`, `"no name!"`, `"mute": it has no description`,
		`"twice": its function is nil`, `"twice": there are two`, `"twice": its arguments are of type []string`, `"ring": no schema`, `argument "a b"`,
	} {
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}
