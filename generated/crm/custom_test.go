package crm_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/bridge-gateway/bridge/generated/crm"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/mock"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// source returns the adapter's source in front of a mock of its API: what a team
// needs to test what it writes by hand.
func source(t *testing.T) *rest.Source {
	t.Helper()
	doc, err := openapi.Load(t.Context(), "../../specs/crm.yaml", openapi.Options{Responses: true})
	if err != nil {
		t.Fatal(err)
	}
	server, err := mock.New(doc, mock.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(server)
	t.Cleanup(upstream.Close)
	adapter := crm.Adapter()
	tools, err := adapter.Load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := rest.New(rest.Options{Name: "crm", API: adapter.API, Tools: tools, Custom: adapter.Custom, BaseURL: upstream.URL,
		Headers: []rest.Header{{Name: "Authorization", Value: func(context.Context) (string, error) { return "Bearer demo", nil }}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestCreateContactKeepsOneContactPerAddress(t *testing.T) {
	s := source(t)
	first, err := crm.CreateContact.Call(t.Context(), s, crm.CreateContactInput{FirstName: "Grace", LastName: "Hopper", Email: "Grace@Example.com"})
	if err != nil || first.Email != "grace@example.com" {
		t.Fatalf("got %+v, %v", first, err)
	}
	second, err := crm.CreateContact.Call(t.Context(), s, crm.CreateContactInput{FirstName: "G.", LastName: "H.", Email: "grace@EXAMPLE.com"})
	if err != nil || second.ID != first.ID {
		t.Errorf("got %+v, %v; want the contact %s", second, err, first.ID)
	}
	_, err = crm.CreateContact.Call(t.Context(), s, crm.CreateContactInput{FirstName: "A", LastName: "B", Email: "a@acme.example"})
	if err == nil || fault.Message(err) != "a@acme.example is a colleague's address; contacts are people outside of Acme" {
		t.Errorf("got %v", err)
	}
}

func TestGetContactMasksThePhoneOfArchivedContacts(t *testing.T) {
	s := source(t)
	for status, want := range map[crm.ContactStatus]string{crm.ContactStatusLead: "+15550123", crm.ContactStatusArchived: "*******23"} {
		c, err := crm.CreateContact.Call(t.Context(), s, crm.CreateContactInput{
			FirstName: "Ada", LastName: "Byron", Email: string(status) + "@example.com", Status: &status})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := crm.UpdateContact.Call(t.Context(), s, crm.UpdateContactInput{ContactID: c.ID, Phone: tool.Value("+15550123")}); err != nil {
			t.Fatal(err)
		}
		got, err := crm.GetContact.Call(t.Context(), s, crm.GetContactInput{ContactID: c.ID})
		if err != nil || got.Phone == nil || *got.Phone != want {
			t.Errorf("%s: got %+v, %v; want the phone %s", status, got, err, want)
		}
	}
}
