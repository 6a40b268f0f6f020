package search_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/search"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// desk is a catalog of native tools and operations as a small company may have.
func desk() []search.Document {
	native := func(name, description string, hints tool.Annotations, arguments ...string) search.Document {
		d := search.Document{Name: name, Description: description, Source: "mail", Annotations: hints}
		for _, a := range arguments {
			d.Arguments = append(d.Arguments, search.Argument{Name: a})
		}
		return d
	}
	rest := func(method, path, name, title string) search.Document {
		return search.Document{Name: name, Title: title, Method: method, Path: path, Source: "shop"}
	}
	old := rest("GET", "/v1/orders", "list_orders_v1", "List orders")
	old.Deprecated = true
	return []search.Document{
		native("mail_send_message", "Sends an e-mail message.", tool.Annotations{}, "to", "subject", "body"),
		native("mail_search_messages", "Searches the mailbox for messages.", tool.Annotations{ReadOnly: true}, "query"),
		native("mail_delete_message", "Deletes a message for good.", tool.Annotations{Destructive: true}, "messageId"),
		native("calendar_create_event", "Puts an event into the calendar.", tool.Annotations{}, "start", "end", "attendees"),
		old,
		rest("GET", "/v2/orders", "list_orders", "List orders"),
		rest("GET", "/v2/orders/{id}", "get_order", "Get an order"),
		rest("POST", "/v2/orders", "create_order", "Create an order"),
		rest("POST", "/v2/orders/{id}/cancel", "cancel_order", "Cancel an order"),
		rest("DELETE", "/v2/orders/{id}", "delete_order", "Delete an order"),
		rest("GET", "/v2/orders/{id}/shipments", "list_order_shipments", "List an order's shipments"),
		rest("GET", "/v2/repositories/{id}/environments", "list_environments", "List a repository's environments"),
		rest("GET", "/v2/invoices", "list_invoices", "List invoices"),
		rest("GET", "/v2/invoices/{id}", "get_invoice", "Get an invoice"),
	}
}

func TestFirstHit(t *testing.T) {
	x := search.New(desk())
	for _, c := range []struct{ why, query, first string }{
		{"own words", "cancel an order", "cancel_order"},
		{"several things", "show all orders", "list_orders"},
		{"one thing", "get one order", "get_order"},
		{"no less and no more than was said", "list orders", "list_orders"},
		{"what stands below a thing", "shipments of an order", "list_order_shipments"},
		{"everyday words for what is done", "get rid of an order", "delete_order"},
		{"a synonym", "list the bills", "list_invoices"},
		{"abbreviations", "list repo envs", "list_environments"},
		{"a slip of the pen", "list shippments of an order", "list_order_shipments"},
		{"another slip", "get an invioce", "get_invoice"},
		{"a native tool by what it does", "erase an email", "mail_delete_message"},
		{"a native tool by a synonym", "make an appointment", "calendar_create_event"},
		{"a native tool by its description", "look for a message in the mailbox", "mail_search_messages"},
		{"case and signs do not matter", "CANCEL-an-ORDER!!", "cancel_order"},
		{"a name as it stands", "mail_send_message", "mail_send_message"},
	} {
		if hits := x.Search([]string{c.query}, 3); len(hits) == 0 || hits[0].Name != c.first {
			t.Errorf("%s: %q finds %v, not %s first", c.why, c.query, namesOf(hits), c.first)
		}
	}
}

func TestDeprecatedComeAfter(t *testing.T) {
	names := namesOf(search.New(desk()).Search([]string{"list orders"}, 10))
	if n, o := slices.Index(names, "list_orders"), slices.Index(names, "list_orders_v1"); n < 0 || o < n {
		t.Errorf("list orders finds %v: the deprecated one is not after its successor", names)
	}
}

func TestSeveralQueriesInOneCall(t *testing.T) {
	x := search.New(desk())
	names := namesOf(x.Search([]string{"cancel an order", "send an e-mail"}, 4))
	if !slices.Contains(names, "cancel_order") || !slices.Contains(names, "mail_send_message") {
		t.Errorf("two queries find %v: one of them has got lost", names)
	}
}

func TestGroups(t *testing.T) {
	groups := search.Groups(search.New(desk()).Search([]string{"order"}, 10))
	i := slices.IndexFunc(groups, func(g search.Group) bool { return g.Name == "orders" })
	if i < 0 {
		t.Fatalf("no group of orders in %v", groups)
	}
	if names := namesOf(groups[i].Hits); !slices.Contains(names, "get_order") || !slices.Contains(names, "cancel_order") {
		t.Errorf("the group of orders has %v", names)
	}
}

func TestNothingToFind(t *testing.T) {
	x := search.New(desk())
	for _, queries := range [][]string{nil, {""}, {"   ", "?!"}, {"the of and"}} {
		if hits := x.Search(queries, 5); len(hits) != 0 {
			t.Errorf("%q finds %v", queries, hits)
		}
	}
	if hits := x.Search([]string{"orders"}, 0); len(hits) != 0 {
		t.Errorf("no hits were asked for, and %v came", hits)
	}
	if hits := search.New(nil).Search([]string{"orders"}, 5); len(hits) != 0 {
		t.Errorf("an empty catalog has %v", hits)
	}
}

// TestSameAnswerEveryTime searches from several goroutines: what one search
// leaves behind must not show in another.
func TestSameAnswerEveryTime(t *testing.T) {
	x := search.New(desk())
	queries := []string{"cancel an order", "list the bills", "make an appointment", "shipments", "erase an email"}
	want := map[string][]search.Hit{}
	for _, q := range queries {
		want[q] = search.New(desk()).Search([]string{q}, 10)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 200 {
				q := queries[i%len(queries)]
				if got := x.Search([]string{q}, 10); !slices.Equal(got, want[q]) {
					t.Errorf("%q finds %v after other searches, and %v alone", q, got, want[q])
					return
				}
			}
		})
	}
	all.Wait()
}

func TestFromTool(t *testing.T) {
	x := tool.Tool{
		Title: "Create an order",
		Input: json.RawMessage(`{"$defs":{"Line":{"type":"object","properties":{"sku":{"description":"no top"}}}},
			"type":"object","properties":{"customer":{"type":"string","description":"Who \"buys\""},
			"lines":{"type":"array","items":{"properties":{"giftWrap":{"type":"boolean"}}}},"flag":true}}`),
		Output:    json.RawMessage(`{"type":"object","properties":{"id":{},"total":{"properties":{"currency":{}}}}}`),
		Operation: &tool.Operation{Method: "POST", Path: "/orders", Tags: []string{"Orders"}, Deprecated: true},
	}
	d := search.FromTool("shop_create_order", "shop", &x)
	if d.Name != "shop_create_order" || d.Source != "shop" || d.Method != "POST" || d.Path != "/orders" || !d.Deprecated || !slices.Equal(d.Tags, []string{"Orders"}) {
		t.Errorf("the document is %+v", d)
	}
	var names []string
	for _, a := range d.Arguments {
		names = append(names, a.Name)
	}
	if !slices.Equal(names, []string{"customer", "lines", "flag"}) || !strings.Contains(d.Arguments[0].Description, "Who") || d.Arguments[1].Description != "" {
		t.Errorf("the arguments are %+v", d.Arguments)
	}
	slices.Sort(d.Fields)
	slices.Sort(d.Results)
	if !slices.Equal(d.Fields, []string{"giftWrap", "sku"}) || !slices.Equal(d.Results, []string{"currency", "id", "total"}) {
		t.Errorf("fields %v, results %v", d.Fields, d.Results)
	}
}

// FuzzSearch searches for anything: it must end, keep to the limit, and give
// the same answer twice.
func FuzzSearch(f *testing.F) {
	x := search.New(desk())
	for _, q := range []string{"cancel an order", "don’t", "Ünïcode ÅÄÖ", "{\"a\":1}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\xff\xfe", "get rid of get rid of"} {
		f.Add(q, 5)
	}
	f.Fuzz(func(t *testing.T, query string, limit int) {
		limit %= 20
		got := x.Search([]string{query, query}, limit)
		if len(got) > max(0, limit) {
			t.Fatalf("%d hits, not at most %d", len(got), limit)
		}
		if again := x.Search([]string{query, query}, limit); !slices.Equal(got, again) {
			t.Fatalf("%v, then %v", got, again)
		}
		for i, h := range got {
			if h.Name == "" || !(h.Score > 0 && h.Score <= 1) || i > 0 && h.Score > got[i-1].Score {
				t.Fatalf("hit %d of %q is %+v", i, query, h)
			}
		}
	})
}

// FuzzFromTool reads any bytes as schemas.
func FuzzFromTool(f *testing.F) {
	f.Add([]byte(`{"type":"object","properties":{"a":{"description":"b\\\""},"c":{"items":[{"properties":{"d":1}}]}}}`))
	f.Add([]byte(`{"properties":{"properties":{"properties":{}}}`))
	f.Add([]byte(`[[[{"$defs":`))
	f.Fuzz(func(t *testing.T, schema []byte) {
		d := search.FromTool("x", "", &tool.Tool{Input: schema, Output: schema})
		if len(d.Arguments) > 64 || len(d.Fields) > 64 || len(d.Results) > 128 {
			t.Fatalf("%d arguments, %d fields, %d results", len(d.Arguments), len(d.Fields), len(d.Results))
		}
		search.New([]search.Document{d}).Search([]string{"a b c"}, 1)
	})
}
