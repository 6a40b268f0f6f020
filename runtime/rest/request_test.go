package rest_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// The values of OpenAPI's table of styles (3.2, section 4.12.6).
const (
	empty     = `""`
	blue      = `"blue"`
	colors    = `["blue","black","brown"]`
	rgb       = `{"R":100,"G":200,"B":150}`
	undefined = `null`
)

// TestStyles holds every row of that table, and what it leaves open.
func TestStyles(t *testing.T) {
	const f, e = false, true
	cases := []struct {
		in      tool.Location
		style   tool.Style
		explode bool
		value   string
		want    string
	}{
		{tool.InPath, tool.Matrix, f, empty, ";color"},
		{tool.InPath, tool.Matrix, f, blue, ";color=blue"},
		{tool.InPath, tool.Matrix, f, colors, ";color=blue,black,brown"},
		{tool.InPath, tool.Matrix, f, rgb, ";color=R,100,G,200,B,150"},
		{tool.InPath, tool.Matrix, e, blue, ";color=blue"},
		{tool.InPath, tool.Matrix, e, colors, ";color=blue;color=black;color=brown"},
		{tool.InPath, tool.Matrix, e, rgb, ";R=100;G=200;B=150"},
		{tool.InPath, tool.Label, f, blue, ".blue"},
		{tool.InPath, tool.Label, f, colors, ".blue,black,brown"},
		{tool.InPath, tool.Label, f, rgb, ".R,100,G,200,B,150"},
		{tool.InPath, tool.Label, e, colors, ".blue.black.brown"},
		{tool.InPath, tool.Label, e, rgb, ".R=100.G=200.B=150"},
		{tool.InPath, tool.Simple, f, empty, "!"},
		{tool.InPath, tool.Simple, f, undefined, "!"},
		{tool.InPath, tool.Simple, f, "[]", "!"},
		{tool.InPath, tool.Simple, f, blue, "blue"},
		{tool.InPath, tool.Simple, f, colors, "blue,black,brown"},
		{tool.InPath, tool.Simple, f, rgb, "R,100,G,200,B,150"},
		{tool.InPath, tool.Simple, e, rgb, "R=100,G=200,B=150"},
		{tool.InPath, tool.Simple, f, `"a/b?c#d%e f"`, "a%2Fb%3Fc%23d%25e%20f"},
		{tool.InPath, tool.Simple, f, `12345678901234567890.10`, "12345678901234567890.10"},

		{tool.InQuery, tool.Form, f, empty, "?color="},
		{tool.InQuery, tool.Form, f, undefined, ""},
		{tool.InQuery, tool.Form, f, "[]", ""},
		{tool.InQuery, tool.Form, f, blue, "?color=blue"},
		{tool.InQuery, tool.Form, f, colors, "?color=blue,black,brown"},
		{tool.InQuery, tool.Form, f, rgb, "?color=R,100,G,200,B,150"},
		{tool.InQuery, tool.Form, e, colors, "?color=blue&color=black&color=brown"},
		{tool.InQuery, tool.Form, e, rgb, "?R=100&G=200&B=150"},
		{tool.InQuery, tool.Form, e, `"a&b=c#d+e é"`, "?color=a%26b%3Dc%23d%2Be%20%C3%A9"},
		{tool.InQuery, tool.Form, e, `[{"a":1},null,true]`, "?color=%7B%22a%22%3A1%7D&color=true"},
		{tool.InQuery, tool.SpaceDelimited, f, colors, "?color=blue%20black%20brown"},
		{tool.InQuery, tool.SpaceDelimited, f, rgb, "?color=R%20100%20G%20200%20B%20150"},
		{tool.InQuery, tool.PipeDelimited, f, colors, "?color=blue%7Cblack%7Cbrown"},
		{tool.InQuery, tool.PipeDelimited, f, rgb, "?color=R%7C100%7CG%7C200%7CB%7C150"},
		{tool.InQuery, tool.PipeDelimited, e, colors, "?color=blue&color=black&color=brown"},
		{tool.InQuery, tool.DeepObject, e, rgb, "?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"},
		{tool.InQuery, tool.DeepObject, e, `{"a":{"b":["x",{"c":1}]},"n":null}`,
			"?color%5Ba%5D%5Bb%5D%5B0%5D=x&color%5Ba%5D%5Bb%5D%5B1%5D%5Bc%5D=1"},
		{tool.InQuery, tool.DeepObject, e, colors, "?color%5B0%5D=blue&color%5B1%5D=black&color%5B2%5D=brown"},
		{tool.InQuery, tool.DeepObject, e, blue, "?color=blue"},

		{tool.InHeader, tool.Simple, f, blue, "Color: blue"},
		{tool.InHeader, tool.Simple, f, colors, "Color: blue,black,brown"},
		{tool.InHeader, tool.Simple, f, rgb, "Color: R,100,G,200,B,150"},
		{tool.InHeader, tool.Simple, e, rgb, "Color: R=100,G=200,B=150"},
		{tool.InHeader, tool.Simple, f, `"50% off"`, "Color: 50% off"},

		{tool.InCookie, tool.Form, f, blue, "Cookie: color=blue"},
		{tool.InCookie, tool.Form, f, colors, "Cookie: color=blue,black,brown"},
		{tool.InCookie, tool.Form, f, rgb, "Cookie: color=R,100,G,200,B,150"},
		{tool.InCookie, tool.Form, f, `"a;b c"`, "Cookie: color=a%3Bb%20c"},
		{tool.InCookie, tool.CookieStyle, e, colors, "Cookie: color=blue; color=black; color=brown"},
		{tool.InCookie, tool.CookieStyle, e, rgb, "Cookie: R=100; G=200; B=150"},
		{tool.InCookie, tool.CookieStyle, e, `"a b%"`, "Cookie: color=a b%"},
	}
	var rec recorder
	s := newSource(t, rec.ServeHTTP)
	for _, c := range cases {
		op := tool.Operation{Path: "/c", Parameters: []tool.Parameter{{
			Arg: "color", Name: "color", In: c.in, Style: c.style, Explode: c.explode, Required: c.in == tool.InPath}}}
		want := "GET /v1/c" + c.want
		switch c.in {
		case tool.InPath:
			op.Path = "/c/{color}"
			want = "GET /v1/c/" + c.want
		case tool.InHeader, tool.InCookie:
			want = "GET /v1/c\n" + c.want
		}
		r := invoke(t, s, get(op), `{"color":`+c.value+`}`)
		if c.want == "!" {
			if !r.IsError || !strings.Contains(textOf(r), `"color"`) {
				t.Errorf("%s %s of %s: want a refusal, got %q", c.in, c.style, c.value, textOf(r))
			}
			continue
		}
		if r.IsError || rec.got != want {
			t.Errorf("%s %s explode=%v of %s:\ngot  %q\nwant %q\n%s", c.in, c.style, c.explode, c.value, rec.got, want, textOf(r))
		}
	}
}

// TestRequests holds all else that makes a request.
func TestRequests(t *testing.T) {
	yes, no := true, false
	field := func(name string, enc *tool.Encoding) tool.Field {
		return tool.Field{Arg: name, Name: name, Encoding: enc}
	}
	post := func(b tool.Body) tool.Operation { return tool.Operation{Method: "POST", Path: "/x", Body: &b} }
	form := func(fields ...tool.Field) tool.Operation {
		return post(tool.Body{MediaType: "application/x-www-form-urlencoded", Fields: fields})
	}
	query := func(p tool.Parameter) tool.Operation {
		p.Arg, p.In = "q", tool.InQuery
		return tool.Operation{Path: "/x", Parameters: []tool.Parameter{p}}
	}
	const formType = "\nContent-Type: application/x-www-form-urlencoded\n\n"
	cases := map[string]struct {
		op   tool.Operation
		args string
		want string
	}{
		"fixed query first": {tool.Operation{Path: "/x", Query: "beta=true&a b",
			Parameters: []tool.Parameter{{Arg: "q", Name: "$select", In: tool.InQuery, Style: tool.Form}}}, `{"q":1}`,
			"GET /v1/x?beta=true&a%20b&%24select=1"},
		"allowReserved": {query(tool.Parameter{Name: "u", Style: tool.Form, AllowReserved: true}),
			`{"q":"https://h/p?a=b&c#d%2F[]+ 5%"}`, "GET /v1/x?u=https://h/p?a=b%26c%23d%2F%5B%5D%2B%205%25"},
		"content": {query(tool.Parameter{Name: "filter", ContentType: "application/json"}),
			`{"q": {"b": 1.0, "a": [ "x&y" ]}}`, "GET /v1/x?filter=%7B%22b%22%3A1.0%2C%22a%22%3A%5B%22x%26y%22%5D%7D"},
		"querystring form": {tool.Operation{Path: "/x", Parameters: []tool.Parameter{{Arg: "q", In: tool.InQueryString, ContentType: "application/x-www-form-urlencoded"}}},
			`{"q":{"a":1,"b":["x","y"]}}`, "GET /v1/x?a=1&b=x&b=y"},
		"querystring json": {tool.Operation{Path: "/x", Parameters: []tool.Parameter{{Arg: "q", In: tool.InQueryString, ContentType: "application/json"}}},
			`{"q":{"a":1}}`, "GET /v1/x?%7B%22a%22%3A1%7D"},
		"json content in a header": {tool.Operation{Path: "/x", Parameters: []tool.Parameter{{Arg: "q", Name: "X-F", In: tool.InHeader, ContentType: "application/json"}}},
			`{"q":{"a":"b\n"}}`, "GET /v1/x\nX-F: {\"a\":\"b\\n\"}"},
		"json fields, raw": {post(tool.Body{MediaType: "application/json", Fields: []tool.Field{
			{Arg: "b", Name: "b\"<"}, field("a", nil), field("no", nil)}}), `{"a": {"z": 1.50,  "y":"\u00e9<"}, "b":12345678901234567890}`,
			"POST /v1/x\nContent-Type: application/json\n\n" + `{"b\"<":12345678901234567890,"a":{"z": 1.50,  "y":"\u00e9<"}}`},
		"json required, none given":  {post(tool.Body{MediaType: "application/json", Required: true, Fields: []tool.Field{field("a", nil)}}), ``, "POST /v1/x\nContent-Type: application/json\n\n{}"},
		"optional, none given":       {post(tool.Body{MediaType: "application/json", Fields: []tool.Field{field("a", nil)}}), `{}`, "POST /v1/x"},
		"merge patch, whole":         {tool.Operation{Method: "PATCH", Path: "/x", Body: &tool.Body{MediaType: "application/merge-patch+json", Arg: "body"}}, `{"body":{"a":null}}`, "PATCH /v1/x\nContent-Type: application/merge-patch+json\n\n{\"a\":null}"},
		"body on DELETE":             {tool.Operation{Method: "DELETE", Path: "/x", Body: &tool.Body{MediaType: "application/json", Arg: "body"}}, `{"body":[1]}`, "DELETE /v1/x\nContent-Type: application/json\n\n[1]"},
		"range":                      {post(tool.Body{MediaType: "*/*", Arg: "body"}), `{"body":[1]}`, "POST /v1/x\nContent-Type: application/json\n\n[1]"},
		"lines":                      {post(tool.Body{MediaType: "application/x-ndjson", Arg: "body"}), `{"body":[{"a": 1},2]}`, "POST /v1/x\nContent-Type: application/x-ndjson\n\n{\"a\":1}\n2\n"},
		"text":                       {post(tool.Body{MediaType: "text/plain", Arg: "body"}), `{"body":"a\n<b>"}`, "POST /v1/x\nContent-Type: text/plain\n\na\n<b>"},
		"xml":                        {post(tool.Body{MediaType: "application/xml", Arg: "body"}), `{"body":"<a/>"}`, "POST /v1/x\nContent-Type: application/xml\n\n<a/>"},
		"bytes":                      {post(tool.Body{MediaType: "application/octet-stream", Arg: "body", Binary: true}), `{"body":"aGk="}`, "POST /v1/x\nContent-Type: application/octet-stream\n\nhi"},
		"bytes of a type they tell":  {post(tool.Body{MediaType: "image/*", Arg: "body", Binary: true}), `{"body":"data:image/png;base64,aGk"}`, "POST /v1/x\nContent-Type: image/png\n\nhi"},
		"form":                       {form(field("a", nil), field("list", nil), field("o", nil)), `{"a":"x y&z","list":[1,2],"o":{"k":{"l":[{"m":true}]}}}`, "POST /v1/x" + formType + "a=x%20y%26z&list=1&list=2&o%5Bk%5D%5Bl%5D%5B0%5D%5Bm%5D=true"},
		"form, deep list":            {form(field("expand", &tool.Encoding{Style: tool.DeepObject, Explode: &yes})), `{"expand":["a","b"]}`, "POST /v1/x" + formType + "expand%5B0%5D=a&expand%5B1%5D=b"},
		"form, not exploded":         {form(field("l", &tool.Encoding{Style: tool.Form, Explode: &no})), `{"l":["a","b"]}`, "POST /v1/x" + formType + "l=a,b"},
		"form, json field":           {form(field("j", &tool.Encoding{ContentType: "application/json"})), `{"j":{"a":1}}`, "POST /v1/x" + formType + "j=%7B%22a%22%3A1%7D"},
		"form, whole with encodings": {post(tool.Body{MediaType: "application/x-www-form-urlencoded", Arg: "body", Encodings: []tool.FieldEncoding{{Name: "l", Encoding: tool.Encoding{Style: tool.PipeDelimited, Explode: &no}}}}), `{"body":{"l":["a","b"],"n":1}}`, "POST /v1/x" + formType + "l=a%7Cb&n=1"},
	}
	var rec recorder
	s := newSource(t, rec.ServeHTTP)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if r := invoke(t, s, get(c.op), c.args); r.IsError || rec.got != c.want {
				t.Errorf("\ngot  %q\nwant %q\n%s", rec.got, c.want, textOf(r))
			}
		})
	}
}

func TestMultipart(t *testing.T) {
	op := tool.Operation{Method: "POST", Path: "/up", Body: &tool.Body{MediaType: "multipart/form-data", Fields: []tool.Field{
		{Arg: "note", Name: "note"}, {Arg: "meta", Name: "meta"}, {Arg: "file", Name: "file", Encoding: &tool.Encoding{Binary: true}}}}}
	var rec recorder
	s := newSource(t, rec.ServeHTTP)
	const args = `{"note":"hi","meta":{"a":1},"file":[{"data":"aGk=","filename":"a\"\r\n.txt","mimeType":"text/plain"},"data:image/png;base64,aGk="]}`
	var first string
	for range 2 {
		if r := invoke(t, s, get(op), args); r.IsError {
			t.Fatal(textOf(r))
		}
		if first == "" {
			first = rec.got
		}
	}
	if first != rec.got {
		t.Error("two runs differ")
	}
	_, boundary, _ := strings.Cut(first, "boundary=")
	boundary, _, _ = strings.Cut(boundary, "\n")
	want := strings.ReplaceAll("POST /v1/up\nContent-Type: multipart/form-data; boundary=B\n\n"+
		"--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n"+
		"--B\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n"+
		"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22%0D%0A.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n"+
		"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\nContent-Type: image/png\r\n\r\nhi\r\n"+
		"--B--\r\n", "B", boundary)
	if rec.got != want {
		t.Errorf("\ngot  %q\nwant %q", rec.got, want)
	}
}

func TestInjectionsAreRefused(t *testing.T) {
	op := tool.Operation{Path: "/a/{p}/b", Parameters: []tool.Parameter{
		{Arg: "p", Name: "p", In: tool.InPath, Style: tool.Simple, Required: true},
		{Arg: "h", Name: "X-H", In: tool.InHeader, Style: tool.Simple},
		{Arg: "auth", Name: "Authorization", In: tool.InHeader, Style: tool.Simple},
		{Arg: "c", Name: "c", In: tool.InCookie, Style: tool.CookieStyle},
	}}
	var rec recorder
	s := newSource(t, rec.ServeHTTP)
	for _, args := range []string{
		`{"p":".."}`, `{"p":"."}`, `{"p":"%2e%2E"}`, `{"p":"%252e%252e"}`, `{"p":"../../admin"}`, `{"p":"x/..%2fy"}`, `{"p":"..\\x"}`, `{"p":""}`,
		`{"p":"x","h":"a\r\nX-Evil: 1"}`, `{"p":"x","h":"a\u0000"}`, `{"p":"x","auth":"Bearer mine"}`,
		`{"p":"x","c":"a; admin=1"}`, `{"p":"x","c":"a\nb"}`,
	} {
		rec.got = ""
		if r := invoke(t, s, get(op), args); !r.IsError || rec.got != "" || !strings.Contains(textOf(r), "argument") {
			t.Errorf("%s: sent %q, answered %q", args, rec.got, textOf(r))
		}
	}
}

func TestServers(t *testing.T) {
	own := []tool.Server{{URL: "https://up.example.com/files"}}
	cases := map[string]struct {
		opts    rest.Options
		servers []tool.Server
		want    string
	}{
		"setting first":                {rest.Options{BaseURL: "http://h:1/base/"}, own, "http://h:1/base/x"},
		"operation's":                  {rest.Options{API: tool.API{Servers: []tool.Server{{URL: "https://api.example.com"}}}}, own, "https://up.example.com/files/x"},
		"operation's, relative":        {rest.Options{API: tool.API{Servers: []tool.Server{{URL: "https://api.example.com/v1"}}}}, []tool.Server{{URL: "/v2"}}, "https://api.example.com/v2/x"},
		"operation's, of another host": {rest.Options{API: tool.API{Servers: []tool.Server{{URL: "https://api.example.com/v1"}}}}, []tool.Server{{URL: "//up.example.com"}}, "https://up.example.com/x"},
		"variables": {rest.Options{API: tool.API{Servers: []tool.Server{{URL: "https://{r}.example.com/{v}",
			Variables: []tool.Variable{{Name: "r", Default: "eu"}, {Name: "v", Default: "v2"}}}}}}, nil, "https://eu.example.com/v2/x"},
		"relative":         {rest.Options{DocumentURL: "https://h.example.com/docs/api.yaml", API: tool.API{Servers: []tool.Server{{URL: "../v3"}}}}, nil, "https://h.example.com/v3/x"},
		"the first usable": {rest.Options{API: tool.API{Servers: []tool.Server{{URL: "/"}, {URL: "https://h.example.com"}}}}, nil, "https://h.example.com/x"},
		"none":             {rest.Options{}, nil, "`url:`"},
		"only relative":    {rest.Options{API: tool.API{Servers: []tool.Server{{URL: "/v1"}}}}, nil, "`url:`"},
		"no default":       {rest.Options{API: tool.API{Servers: []tool.Server{{URL: "https://{r}.example.com"}}}}, nil, "`url:`"},
		"scheme":           {rest.Options{BaseURL: "file:///etc"}, nil, "neither http nor https"},
		"userinfo":         {rest.Options{BaseURL: "https://u:hunter2@h"}, nil, "credential"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tl := get(tool.Operation{Path: "/x", Servers: c.servers})
			c.opts.Name, c.opts.Tools = "crm", []tool.Tool{*tl}
			s, err := rest.New(c.opts)
			if err != nil {
				if got := fault.Message(err); !strings.Contains(got, c.want) || !strings.Contains(got, `"crm"`) || strings.Contains(got, "hunter2") {
					t.Errorf("error %q, want %q", got, c.want)
				}
				return
			}
			r, err := s.Request(t.Context(), &call.Call{Tool: tl})
			if err != nil || r.URL.String() != c.want {
				t.Errorf("got %v, %v; want %s", r, err, c.want)
			}
		})
	}
}

func TestCredentialsAndHeaders(t *testing.T) {
	var rec recorder
	s := newSource(t, rec.ServeHTTP, func(o *rest.Options) {
		o.Headers = []rest.Header{{Name: "X-Api-Version", Value: func(context.Context) (string, error) { return "7", nil }}}
	})
	op := tool.Operation{Path: "/x", Parameters: []tool.Parameter{{Arg: "c", Name: "c", In: tool.InCookie, Style: tool.Form}}}
	invoke(t, s, get(op), `{"c":1}`,
		call.Credential{In: tool.InHeader, Name: "Authorization", Value: "Bearer s3cret"},
		call.Credential{In: tool.InQuery, Name: "api_key", Value: "k&y"},
		call.Credential{In: tool.InCookie, Name: "sid", Value: "abc"})
	want := "GET /v1/x?api_key=k%26y\nAuthorization: Bearer s3cret\nCookie: c=1; sid=abc\nX-Api-Version: 7"
	if rec.got != want {
		t.Errorf("got %q", rec.got)
	}
	_, err := s.Request(t.Context(), &call.Call{Tool: get(op), Credentials: []call.Credential{{In: tool.InHeader, Name: "A", Value: "hunter2\r\nB: c"}}})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a credential with a line break: %v", err)
	}
}

func FuzzRequest(f *testing.F) {
	for _, seed := range []string{`{"p":"a","q":{"a":[1]},"h":"x"}`, `{"p":"..%2f","q":"&#"}`, `{"p":["a",".."],"f":{"data":"aGk="}}`, `[`, `{"q":1e999}`, `{"\ud800":1}`} {
		f.Add(seed)
	}
	s, err := rest.New(rest.Options{Name: "crm", BaseURL: "https://api.example.com/v1"})
	if err != nil {
		f.Fatal(err)
	}
	var tools []*tool.Tool
	for i, style := range []tool.Style{tool.Simple, tool.Label, tool.Matrix} {
		for _, explode := range []bool{true, false} {
			body := []*tool.Body{{MediaType: "multipart/form-data"}, {MediaType: "application/json"}, {MediaType: "application/x-www-form-urlencoded"}}[i]
			body.Fields = []tool.Field{{Arg: "f", Name: "f", Encoding: &tool.Encoding{Binary: explode}}}
			tl := get(tool.Operation{Method: "POST", Path: "/a/{p}.json", Body: body, Parameters: []tool.Parameter{
				{Arg: "p", Name: "p", In: tool.InPath, Style: style, Explode: explode, Required: true, AllowReserved: explode},
				{Arg: "q", Name: "q", In: tool.InQuery, Style: []tool.Style{tool.DeepObject, tool.Form, tool.PipeDelimited}[i], Explode: explode, AllowReserved: !explode},
				{Arg: "h", Name: "X-H", In: tool.InHeader, Style: tool.Simple, Explode: explode},
				{Arg: "c", Name: "c", In: tool.InCookie, Style: tool.CookieStyle, Explode: explode}}})
			if explode {
				tl.Input = []byte(`{"type":"object","properties":{"p":{"type":"string"},"q":{"type":"array","items":{"type":"integer"}},"h":{"enum":["a"]}}}`)
			}
			tools = append(tools, tl)
		}
	}
	f.Fuzz(func(t *testing.T, args string) {
		for _, tl := range tools {
			r, err := s.Request(t.Context(), &call.Call{Tool: tl, Arguments: []byte(args)})
			if err != nil {
				if fault.KindOf(err) != fault.Invalid {
					t.Fatalf("%q: %v", args, err)
				}
				continue
			}
			u, err := url.Parse(r.URL.String())
			if err != nil || u.Host != "api.example.com" || !strings.HasPrefix(u.EscapedPath(), "/v1/a/") || u.Fragment != "" ||
				strings.Count(u.EscapedPath(), "/") != 3 || strings.HasSuffix(u.EscapedPath(), "/..") {
				t.Fatalf("%q made %s", args, r.URL)
			}
		}
	})
}
