package mock_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// named returns the fields that a problem names, in order, as "in:field".
func named(t *testing.T, r response) string {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("answered %s: %s", got, r.body)
	}
	var p struct {
		Errors []struct{ In, Field, Message string }
	}
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range p.Errors {
		if e.Message == "" {
			t.Errorf("%s has no message", e.Field)
		}
		out = append(out, e.In+":"+e.Field)
	}
	return strings.Join(out, " ")
}

func TestWrongRequestsAreNamed(t *testing.T) {
	a := crm(t, 1)
	cases := []struct {
		method, target, contentType, body string
		status                            int
		fields                            string
	}{
		{"GET", "/contacts?limt=3&page=1", "", "", 400, "query:limt query:page"},
		{"GET", "/contacts?limit=0", "", "", 400, "query:limit"},
		{"GET", "/contacts?limit=many&sort=age", "", "", 400, "query:limit query:sort"},
		{"GET", "/contacts?filter[status]=friend&filter[shoe]=42", "", "", 400, "query:filter.shoe query:filter.status"},
		{"GET", "/contacts?filter[created_after]=yesterday", "", "", 400, "query:filter.created_after"},
		{"GET", "/contacts?fields=email,shoe", "", "", 400, "query:fields"},
		{"GET", "/contacts?cursor=nonsense", "", "", 400, "query:cursor"},
		{"GET", "/search", "", "", 400, "query:q"},
		{"POST", "/contacts", jsonType, `{"first_name":"A"}`, 422, "body:email body:last_name"},
		{"POST", "/contacts", jsonType, `{"first_name":"A","last_name":"B","email":"no","phone":"12","tags":["cat"]}`, 422, "body:email body:phone body:tags"},
		{"POST", "/contacts", jsonType, `{"first_name":"A","last_name":"B","email":"a@b.example","surname":"C"}`, 422, "body:surname"},
		{"POST", "/contacts", jsonType, `{"first_name":`, 400, "body:body"},
		{"POST", "/contacts", jsonType, `[1]`, 400, "body:body"},
		{"POST", "/contacts", "", ``, 400, "body:body"},
		{"PATCH", "/contacts/con_8f2k91qx", "application/merge-patch+json", `{"status":"x","address":{"country":"Sweden"}}`, 422, "body:address.country body:status"},
		{"PATCH", "/contacts/con_8f2k91qx", jsonType, `{}`, 415, ""},
		{"POST", "/deals", jsonType, `{"name":"D","amount":"much"}`, 422, "body:amount"},
		{"GET", "/nothing", "", "", 404, ""},
		{"PUT", "/contacts", "", "", 405, ""},
		{"GET", "/contacts/con_none", "", "", 404, ""},
	}
	for _, c := range cases {
		r := a.do(c.method, c.target, c.body, "Content-Type", c.contentType)
		if r.status != c.status {
			t.Errorf("%s %s %s: status %d, want %d: %s", c.method, c.target, c.body, r.status, c.status, r.body)
			continue
		}
		if got := named(t, r); !sameFields(got, c.fields) {
			t.Errorf("%s %s %s: named %q, want %q", c.method, c.target, c.body, got, c.fields)
		}
	}
	if allow := a.do("PUT", "/contacts", "").header.Get("Allow"); allow != "GET, POST" {
		t.Errorf("Allow: %q", allow)
	}
	if r := a.do("OPTIONS", "/contacts", ""); r.status != 204 || r.header.Get("Allow") != "GET, POST" {
		t.Errorf("OPTIONS: %+v", r)
	}
}

// sameFields compares lists of fields; "tags" stands for what is inside, too.
func sameFields(got, want string) bool {
	g, w := strings.Fields(got), strings.Fields(want)
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		if g[i] != w[i] && !strings.HasPrefix(g[i], w[i]+"[") {
			return false
		}
	}
	return true
}

func TestReadOnlyPropertiesMayBeSentBack(t *testing.T) {
	a := serve(t, load(t, "billing.yaml"), 1, "Authorization", "Basic YTpi")
	invoice := a.do("GET", "/invoices/INV-2026-0042", "").want(t, 200)
	invoice["status"] = "paid"
	whole, err := json.Marshal(invoice)
	if err != nil {
		t.Fatal(err)
	}
	got := a.do("PUT", "/invoices/INV-2026-0042", string(whole), "Content-Type", jsonType).want(t, 200)
	if got["status"] != "paid" || got["created"] != invoice["created"] {
		t.Errorf("replaced by %v", got)
	}
	made := crm(t, 1).do("POST", "/companies", `{"name":"Cedar","id":"com_mine","created_at":"1999-01-01T00:00:00Z"}`, "Content-Type", jsonType).want(t, 201)
	if made["id"] == "com_mine" || made["created_at"] == "1999-01-01T00:00:00Z" {
		t.Errorf("a client set what only the server sets: %v", made)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	a := crm(t, 1)
	big := `{"first_name":"` + strings.Repeat("x", 11<<20) + `"}`
	a.do("POST", "/contacts", big, "Content-Type", jsonType).want(t, 413)
}

func TestCredentials(t *testing.T) {
	doc := load(t, "crm.yaml")
	billing := load(t, "billing.yaml")
	cases := []struct {
		name   string
		api    *api
		method string
		target string
		status int
	}{
		{"none", serve(t, doc, 1), "GET", "/contacts", 401},
		{"bearer", serve(t, doc, 1, "Authorization", "bearer x"), "GET", "/contacts", 200},
		{"empty bearer", serve(t, doc, 1, "Authorization", "Bearer "), "GET", "/contacts", 401},
		{"another scheme", serve(t, doc, 1, "Authorization", "Basic YTpi"), "GET", "/contacts", 401},
		{"key", serve(t, doc, 1, "X-API-Key", "x"), "GET", "/contacts", 200},
		{"not the admin's", serve(t, doc, 1, "X-API-Key", "x"), "DELETE", "/companies/com_3h8v20aj", 401},
		{"the admin's", serve(t, doc, 1, "X-Admin-Key", "x"), "DELETE", "/companies/com_3h8v20aj", 204},
		{"basic", serve(t, billing, 1, "Authorization", "Basic YTpi"), "GET", "/invoices", 200},
		{"no base64", serve(t, billing, 1, "Authorization", "Basic a:b"), "GET", "/invoices", 401},
		{"query key", serve(t, billing, 1), "GET", "/invoices?api_key=x", 200},
	}
	for _, c := range cases {
		r := c.api.do(c.method, c.target, "")
		if r.status != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, r.status, c.status, r.body)
		}
		if r.status == 401 && r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", c.name)
		}
	}
}

func TestBilling(t *testing.T) {
	a := serve(t, load(t, "billing.yaml"), 1, "Authorization", "Basic YTpi")
	form := "name=Fjord+Foods&email=pay%40fjord.example&tax_ids=SE1&tax_ids=SE2"
	customer := a.do("POST", "/customers", form, "Content-Type", "application/x-www-form-urlencoded").want(t, 201)
	if customer["name"] != "Fjord Foods" || customer["currency"] != "EUR" || len(customer["tax_ids"].([]any)) != 2 {
		t.Errorf("created %v", customer)
	}
	if _, ok := customer["id"].(float64); !ok {
		t.Errorf("id is %v", customer["id"])
	}
	a.do("POST", "/customers", "name=X", "Content-Type", "application/x-www-form-urlencoded").want(t, 422)
	one := a.do("GET", "/invoices?per_page=5", "").want(t, 200)
	two := a.do("GET", "/invoices?per_page=5&page=2", "").want(t, 200)
	if len(one["items"].([]any)) != 5 || two["page"] != 2.0 || idsOf(one, "items")[0] == idsOf(two, "items")[0] || one["total"] != two["total"] {
		t.Errorf("pages %v and %v", one, two)
	}
	for _, row := range a.do("GET", "/invoices?status=open,paid&per_page=50", "").want(t, 200)["items"].([]any) {
		if status := row.(map[string]any)["status"]; status != "open" && status != "paid" {
			t.Errorf("status %v", status)
		}
	}
	if r := a.do("GET", "/invoices/INV-2026-0042/payments", ""); r.status != 200 || !strings.HasPrefix(r.body, "[{") {
		t.Errorf("payments: %s", r.body)
	}
}

func TestStyles(t *testing.T) {
	data, err := os.ReadFile("testdata/styles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a := serve(t, lower(t, data, "styles.yaml"), 1)
	cases := []struct {
		target string
		fields string
	}{
		{"/echo/7", ""},
		{"/api/v2/echo/7", ""},
		{"/echo/seven", "path:id"},
		{"/echo/7?ids=1,2,3", ""},
		{"/echo/7?ids=1,b", "query:ids"},
		{"/echo/7?each=a%2Cb&each=c", ""},
		{"/echo/7?each=alone", ""},
		{"/echo/7?spaced=a%20b+c", ""},
		{"/echo/7?piped=1%7C2|3", ""},
		{"/echo/7?piped=1%7Cx", "query:piped"},
		{"/echo/7?deep[n]=4&deep[list]=1&deep[list]=2&deep[inner][b]=true", ""},
		{"/echo/7?deep%5Bn%5D=4&deep%5Blist%5D%5B%5D=1", ""},
		{"/echo/7?deep[list][0]=1&deep[list][1]=2", ""},
		{"/echo/7?deep[n]=x&deep[inner][b]=maybe&deep[other]=1", "query:deep.inner.b query:deep.n query:deep.other"},
		{"/echo/7?left=1&right=false", ""},
		{"/echo/7?left=one", "query:flat.left"},
		{"/echo/7?pairs=x,1,y,2", ""},
		{"/echo/7?pairs=x,one", "query:pairs.x"},
		{"/echo/7?json=%7B%22a%22%3A1%7D", ""},
		{"/echo/7?json=%7B%7D", "query:json.a"},
		{"/echo/7?unknown=1", "query:unknown"},
		{"/label/.1.2.3", ""},
		{"/label/.1.x", "path:v"},
		{"/matrix/;v=1,2", ""},
		{"/matrix/;v=1,x", "path:v"},
	}
	for _, c := range cases {
		r := a.do("GET", c.target, "")
		if c.fields == "" && r.status != 204 {
			t.Errorf("%s: %d %s", c.target, r.status, r.body)
		}
		if c.fields != "" {
			if got := named(t, r); r.status != 400 || !sameFields(got, c.fields) {
				t.Errorf("%s: status %d, named %q, want %q", c.target, r.status, got, c.fields)
			}
		}
	}
	a.do("GET", "/echo/7", "", "X-Nums", "1, 2", "Cookie", "visits=3").want(t, 204)
	if got := named(t, a.do("GET", "/echo/7", "", "X-Nums", "1,b", "Cookie", "visits=x")); !sameFields(got, "cookie:visits header:X-Nums") {
		t.Errorf("named %q", got)
	}
	a.do("POST", "/text", "short", "Content-Type", "text/plain; charset=utf-8").want(t, 204)
	a.do("POST", "/text", "", "").want(t, 204)
	a.do("PUT", "/bytes", "\x00\xff", "Content-Type", "application/octet-stream").want(t, 204)
	a.do("PUT", "/bytes", "", "Content-Type", "application/octet-stream").want(t, 400)
}

func TestConcreteBeatsTemplated(t *testing.T) {
	data, err := os.ReadFile("testdata/styles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a := serve(t, lower(t, data, "styles.yaml"), 1)
	if got := a.do("GET", "/things/special", "").want(t, 200); got["kind"] != "special" {
		t.Errorf("got %v", got)
	}
	// Nothing lists things, so every name stands for one; slashes may be encoded.
	if got := a.do("GET", "/things/a%2Fb", "").want(t, 200); got["name"] != "a/b" || got["kind"] != "plain" {
		t.Errorf("got %v", got)
	}
}

func TestPrefer(t *testing.T) {
	a := crm(t, 1)
	if got := a.do("GET", "/contacts", "", "Prefer", "code=429").want(t, 429); got["status"] != 429.0 {
		t.Errorf("described: %v", got)
	}
	if got := a.do("GET", "/contacts", "", "Prefer", "code=503").want(t, 503); got["title"] != "Service Unavailable" {
		t.Errorf("not described: %v", got)
	}
	a.do("DELETE", "/deals/dea_4p6s12nb", "", "Prefer", "code=409").want(t, 409)
	a.do("GET", "/deals/dea_4p6s12nb", "").want(t, 200)
	began := time.Now()
	a.do("GET", "/contacts", "", "Prefer", "delay=30ms").want(t, 200)
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("answered after %s", took)
	}
}

func TestNegotiation(t *testing.T) {
	a := crm(t, 1)
	for accept, want := range map[string]string{
		"": jsonType, "*/*": jsonType, "text/csv": "text/csv", "text/*;q=0.9, application/json;q=0.1": "text/csv", "application/json, text/csv": jsonType,
	} {
		if got := a.do("GET", "/exports/contacts", "", "Accept", accept).header.Get("Content-Type"); got != want {
			t.Errorf("Accept %q: %s, want %s", accept, got, want)
		}
	}
	a.do("GET", "/exports/contacts", "", "Accept", "image/png").want(t, 406)
}

// FuzzRequest sends whatever to operations with every style and body there is:
// the mock must answer, and never with a failure of its own.
func FuzzRequest(f *testing.F) {
	a := crm(f, 1)
	f.Add("/contacts", "limit=3&filter[status]=lead&tags=a&fields=email,x", "application/json", `{"first_name":"A"}`)
	f.Add("/files", "", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"content\"; filename=\"x\"\r\n\r\nabc\r\n--b--\r\n")
	f.Add("/activities", "type=call,email", "application/json", `{"type":"call","direction":"inbound"}`)
	f.Add("/contacts/con_8f2k91qx/timeline", "types=a%7Cb&since=x", "", "")
	f.Add("/contacts/%2F", "cursor=Mzpjb24&deep[a][b][]=1&a[=]&[", "text/plain", "\xff")
	f.Fuzz(func(t *testing.T, path, query, contentType, body string) {
		for _, method := range []string{"GET", "POST", "PATCH"} {
			r := httptest.NewRequest(method, "/", strings.NewReader(body))
			r.URL.Path, r.URL.RawPath, r.URL.RawQuery = path, "", query
			r.Header.Set("Content-Type", contentType)
			r.Header.Set("Authorization", "Bearer x")
			w := httptest.NewRecorder()
			a.mock.ServeHTTP(w, r)
			if w.Code >= 500 && w.Code != 507 {
				t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
			}
		}
	})
}
