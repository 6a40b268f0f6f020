package mock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/mock"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// load lowers one of the project's example documents.
func load(t testing.TB, name string) *openapi.Document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "specs", name))
	if err != nil {
		t.Fatal(err)
	}
	return lower(t, data, name)
}

func lower(t testing.TB, data []byte, name string) *openapi.Document {
	t.Helper()
	doc, err := openapi.Lower(context.Background(), data, name, openapi.Options{Responses: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range doc.Diagnostics {
		t.Logf("%+v", d)
	}
	return doc
}

// api is a served document with a client that presents a credential.
type api struct {
	t     testing.TB
	mock  *mock.Server
	creds http.Header
}

func serve(t testing.TB, doc *openapi.Document, seed uint64, creds ...string) *api {
	t.Helper()
	s, err := mock.New(doc, mock.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	a := &api{t: t, mock: s, creds: http.Header{}}
	for i := 0; i+1 < len(creds); i += 2 {
		a.creds.Set(creds[i], creds[i+1])
	}
	return a
}

func crm(t testing.TB, seed uint64) *api {
	return serve(t, load(t, "crm.yaml"), seed, "Authorization", "Bearer any", "X-Admin-Key", "any")
}

// response is an answer that was read.
type response struct {
	status int
	header http.Header
	body   string
}

// do sends a request; headers come in pairs.
func (a *api) do(method, target, body string, headers ...string) response {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	for name, values := range a.creds {
		r.Header[name] = values
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.mock.ServeHTTP(w, r)
	return response{w.Code, w.Header(), w.Body.String()}
}

// want fails the test unless the status is as wanted, and returns the answer's
// JSON.
func (r response) want(t testing.TB, status int) map[string]any {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	var v map[string]any
	dec := json.NewDecoder(bytes.NewReader([]byte(r.body)))
	if strings.Contains(r.header.Get("Content-Type"), "json") {
		if err := dec.Decode(&v); err != nil && !strings.HasPrefix(r.body, "[") {
			t.Fatalf("answer is not JSON: %v: %s", err, r.body)
		}
	}
	return v
}

const jsonType = "application/json"

func TestLifeCycle(t *testing.T) {
	a := crm(t, 1)
	created := a.do("POST", "/contacts", `{"first_name":"Grace","last_name":"Hopper","email":"grace@navy.example","tags":["vip"]}`,
		"Content-Type", jsonType)
	contact := created.want(t, 201)
	id, _ := contact["id"].(string)
	if !strings.HasPrefix(id, "con_") || contact["status"] != "lead" || contact["created_at"] == nil {
		t.Fatalf("created %v", contact)
	}
	location := created.header.Get("Location")
	if location != "/contacts/"+id {
		t.Errorf("Location %q", location)
	}
	if got := a.do("GET", location, "").want(t, 200); got["email"] != "grace@navy.example" {
		t.Errorf("got %v", got)
	}
	list := a.do("GET", "/contacts?filter[email]=grace@navy.example", "").want(t, 200)
	if data := list["data"].([]any); len(data) != 1 || list["total"] != 1.0 || list["next_cursor"] != nil {
		t.Errorf("listed %v", list)
	}
	patched := a.do("PATCH", location, `{"title":"Rear Admiral","phone":null,"status":"customer"}`, "Content-Type", "application/merge-patch+json").want(t, 200)
	if patched["title"] != "Rear Admiral" || patched["status"] != "customer" || patched["first_name"] != "Grace" || patched["updated_at"] == contact["updated_at"] {
		t.Errorf("patched %v", patched)
	}
	if r := a.do("DELETE", location, ""); r.status != 204 || r.body != "" {
		t.Errorf("deleted: %+v", r)
	}
	gone := a.do("GET", location, "")
	if p := gone.want(t, 404); gone.header.Get("Content-Type") != "application/problem+json" || p["title"] != "Not Found" {
		t.Errorf("after delete: %+v", gone)
	}
}
