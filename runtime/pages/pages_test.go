package pages_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/pages"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// listing is a tool with these query parameters, by their schemas.
func listing(parameters map[string]string) *tool.Tool {
	op := &tool.Operation{Method: "GET", Path: "/things"}
	var properties []string
	for name, schema := range parameters {
		key := strings.Trim(strings.NewReplacer("[", "_", "]", "", "$", "").Replace(name), "_")
		op.Parameters = append(op.Parameters, tool.Parameter{Arg: key, Name: name, In: tool.InQuery})
		properties = append(properties, `"`+key+`":`+schema)
	}
	return &tool.Tool{Name: "list", Annotations: tool.Annotations{ReadOnly: true}, Operation: op,
		Input: json.RawMessage(`{"type":"object","properties":{` + strings.Join(properties, ",") + `}}`)}
}

const (
	text    = `{"type":"string"}`
	integer = `{"type":"integer"}`
)

func TestNext(t *testing.T) {
	cases := map[string]struct {
		parameters      map[string]string
		arguments, body string
		link, url       string
		want            string // "" for no next page
	}{
		"a cursor":                      {map[string]string{"cursor": text}, `{}`, `{"items":[1],"next_cursor":"abc"}`, "", "", `{"cursor":"abc"}`},
		"Google's token":                {map[string]string{"pageToken": text, "q": text}, `{"q":"x"}`, `{"items":[1],"nextPageToken":"t"}`, "", "", `{"q":"x","pageToken":"t"}`},
		"Slack's metadata":              {map[string]string{"cursor": text}, `{}`, `{"members":[1],"response_metadata":{"next_cursor":"c"}}`, "", "", `{"cursor":"c"}`},
		"Slack's end":                   {map[string]string{"cursor": text}, `{"cursor":"c"}`, `{"members":[1],"response_metadata":{"next_cursor":""}}`, "", "", ``},
		"Facebook's cursors":            {map[string]string{"after": text}, `{}`, `{"data":[1],"paging":{"cursors":{"after":"A"}}}`, "", "", `{"after":"A"}`},
		"HubSpot's":                     {map[string]string{"after": text}, `{}`, `{"results":[1],"paging":{"next":{"after":"9"}}}`, "", "", `{"after":"9"}`},
		"Stripe's last id":              {map[string]string{"starting_after": text}, `{}`, `{"object":"list","data":[{"id":"a"},{"id":"b"}],"has_more":true}`, "", "", `{"starting_after":"b"}`},
		"Stripe's end":                  {map[string]string{"starting_after": text}, `{}`, `{"data":[{"id":"a"}],"has_more":false}`, "", "", ``},
		"Airtable's offset":             {map[string]string{"offset": text}, `{}`, `{"records":[1],"offset":"itr/rec"}`, "", "", `{"offset":"itr/rec"}`},
		"DynamoDB-like":                 {map[string]string{"page[after]": text}, `{}`, `{"data":[1],"meta":{"next_cursor":"z"}}`, "", "", `{"page_after":"z"}`},
		"the same cursor again":         {map[string]string{"cursor": text}, `{"cursor":"abc"}`, `{"items":[1],"next_cursor":"abc"}`, "", "", ``},
		"a page number of how many":     {map[string]string{"page": integer}, `{}`, `{"data":[1,2],"meta":{"current_page":1,"last_page":3}}`, "", "", `{"page":2}`},
		"the last page number":          {map[string]string{"page": integer}, `{"page":3}`, `{"data":[1,2],"meta":{"current_page":3,"last_page":3}}`, "", "", ``},
		"Spring's, from 0":              {map[string]string{"page": integer}, `{}`, `{"content":[1,2],"number":0,"size":2,"totalPages":2,"last":false}`, "", "", `{"page":1}`},
		"a next page's number":          {map[string]string{"page": integer}, `{"page":4}`, `{"list":[1],"nextPage":5}`, "", "", `{"page":5}`},
		"a full page of an array":       {map[string]string{"page": integer, "per_page": integer}, `{"per_page":2}`, `[1,2]`, "", "", `{"page":2,"per_page":2}`},
		"a page that is not full":       {map[string]string{"page": integer, "per_page": integer}, `{"per_page":3}`, `[1,2]`, "", "", ``},
		"an offset of a total":          {map[string]string{"offset": integer, "limit": integer}, `{"offset":2}`, `{"items":[1,2],"total":5,"offset":2}`, "", "", `{"offset":4}`},
		"an offset at the end":          {map[string]string{"offset": integer}, `{"offset":4}`, `{"items":[1],"total":5}`, "", "", ``},
		"OData's":                       {map[string]string{"$skip": integer, "$top": integer}, `{}`, `{"value":[1],"@odata.nextLink":"https://x.test/things?$skip=20"}`, "", "https://x.test/things", `{"skip":20}`},
		"GitHub's Link":                 {map[string]string{"page": integer, "per_page": integer}, `{"per_page":1}`, `[1]`, `<https://x.test/things?per_page=1&page=2>; rel="next", <https://x.test/things?page=9>; rel="last"`, "https://x.test/things", `{"page":2,"per_page":1}`},
		"GitHub's end":                  {map[string]string{"page": integer, "per_page": integer}, `{"per_page":1,"page":9}`, `[1]`, `<https://x.test/things?page=1>; rel="first"`, "https://x.test/things", ``},
		"a relative URL":                {map[string]string{"page": integer}, `{}`, `{"results":[1],"links":{"next":"?page=2"}}`, "", "https://x.test/things", `{"page":2}`},
		"HAL":                           {map[string]string{"page": integer}, `{}`, `{"_embedded":{"things":[1]},"_links":{"self":{"href":"/things"},"next":{"href":"/things?page=2"}}}`, "", "https://x.test/things", `{"page":2}`},
		"Django's null":                 {map[string]string{"page": integer}, `{"page":2}`, `{"count":9,"next":null,"results":[1]}`, "", "https://x.test/things", ``},
		"another origin's URL":          {map[string]string{"page": integer}, `{}`, `{"results":[1],"next":"https://evil.test/things?page=2"}`, "", "https://x.test/things", ``},
		"another path's URL":            {map[string]string{"page": integer}, `{}`, `{"results":[1],"next":"https://x.test/admin?page=2"}`, "", "https://x.test/things", ``},
		"a URL that changes a filter":   {map[string]string{"page": integer, "q": text}, `{"q":"mine"}`, `{"results":[1],"next":"https://x.test/things?page=2&q=all"}`, "", "https://x.test/things", `{"page":2,"q":"mine"}`},
		"an empty page":                 {map[string]string{"page": integer}, `{}`, `{"data":[],"has_more":true}`, "", "", ``},
		"two arrays, and neither named": {map[string]string{"cursor": text}, `{}`, `{"left":[1],"right":[2],"next_cursor":"c"}`, "", "", ``},
		"no JSON":                       {map[string]string{"cursor": text}, `{}`, `<html>`, "", "", ``},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			plan := pages.Of(listing(c.parameters))
			if plan == nil {
				t.Fatal("no plan")
			}
			next := plan.Next(object(t, c.arguments), pages.Page{Body: json.RawMessage(c.body), Link: c.link, URL: c.url})
			var want map[string]any
			if c.want != "" {
				want = object(t, c.want)
			}
			if !reflect.DeepEqual(next, want) {
				t.Errorf("got %v, want %v", next, want)
			}
		})
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var out map[string]any
	if err := decoder.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOfNoList(t *testing.T) {
	if pages.Of(listing(map[string]string{"q": text, "limit": integer})) != nil {
		t.Error("without a parameter for where a page begins there are no pages")
	}
	writing := listing(map[string]string{"cursor": text})
	writing.Annotations.ReadOnly = false
	if pages.Of(writing) != nil || pages.Of(&tool.Tool{Annotations: tool.Annotations{ReadOnly: true}}) != nil {
		t.Error("only operations that read have pages")
	}
}

func TestJoin(t *testing.T) {
	raw := func(texts ...string) (out []json.RawMessage) {
		for _, text := range texts {
			out = append(out, json.RawMessage(text))
		}
		return out
	}
	cases := map[string]struct {
		bodies []json.RawMessage
		want   string
	}{
		"arrays":             {raw(`[1.50, 2]`, `[ ]`, `[{"a":1}]`), `[1.50, 2,{"a":1}]`},
		"the last one's say": {raw(`{"total":3,"items":[1,2],"next":"c"}`, `{"total":3,"items":[3],"next":null}`), `{"total":3,"items":[1,2,3],"next":null}`},
		"below":              {raw(`{"data":{"rows":["a"]}}`, `{"data":{"rows":["b"],"x":1}}`), `{"data":{"rows":["a","b"],"x":1}}`},
		"elsewhere":          {raw(`{"items":[1]}`, `{"error":[1],"why":[2]}`), ``},
		"a key twice":        {raw(`{"data":{"items":[1]}}`, `{"data":[2,3],"data":{"items":[4]}}`), ``},
		"no list":            {raw(`[1]`, `{"a":1}`), ``},
	}
	for name, c := range cases {
		got, err := pages.Join(c.bodies)
		if string(got) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// FuzzNext holds answers from outside to: no panic, arguments that are the tool's
// own, and joined pages that are valid and have all elements.
func FuzzNext(f *testing.F) {
	f.Add(`{"items":[1],"next":"?page=2"}`, `<https://x.test/things?page=2>; rel=next`)
	f.Add(`[[],{}]`, `<`)
	f.Add(`{"data":{"a":[1],"next":{"after":2}}}`, "")
	plan := pages.Of(listing(map[string]string{"page": integer, "cursor": text, "offset": integer, "limit": integer}))
	f.Fuzz(func(t *testing.T, body, link string) {
		next := plan.Next(map[string]any{}, pages.Page{Body: json.RawMessage(body), Link: link, URL: "https://x.test/things"})
		for key := range next {
			if !strings.Contains(" page cursor offset limit ", " "+key+" ") {
				t.Errorf("an argument of nobody's: %s", key)
			}
		}
		if !json.Valid([]byte(body)) {
			return
		}
		one := json.RawMessage(bytes.ToValidUTF8([]byte(body), nil))
		joined, err := pages.Join([]json.RawMessage{one, one})
		if err == nil && (!json.Valid(joined) || pages.Count(joined) != 2*pages.Count(one)) {
			t.Errorf("%s twice is %s", one, joined)
		}
	})
}
