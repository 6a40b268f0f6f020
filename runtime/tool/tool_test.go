package tool_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

func TestSnakeName(t *testing.T) {
	cases := map[string]string{
		"listContacts":              "list_contacts",
		"ListHTTPServers":           "list_http_servers",
		"contacts/list-all":         "contacts_list_all",
		"v1.users.get":              "v1_users_get",
		"getOAuth2Token":            "get_o_auth2_token",
		"__x__":                     "x",
		"日本":                        "",
		"List all the contacts (2)": "list_all_the_contacts_2",
	}
	for in, want := range cases {
		if got := tool.SnakeName(in); got != want {
			t.Errorf("SnakeName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFitNameDependsOnSeedAlone(t *testing.T) {
	long := strings.Repeat("very_long_", 10)
	a := tool.FitName(long, "GET /a", 40)
	b := tool.FitName(long, "GET /b", 40)
	if len(a) > 40 || len(b) > 40 || a == b || !tool.ValidName(a) {
		t.Errorf("FitName gave %q and %q", a, b)
	}
	if tool.FitName("short", "GET /a", 40) != "short" {
		t.Error("a name that fits must stay")
	}
}

func TestBundleTakesWhatIsNeededOnly(t *testing.T) {
	defs := map[string]json.RawMessage{
		"Node":   json.RawMessage(`{"type":"object","properties":{"next":{"$ref":"#/$defs/Node"},"leaf":{"$ref":"#/$defs/Leaf"}}}`),
		"Leaf":   json.RawMessage(`{"type":"string"}`),
		"Unused": json.RawMessage(`{"type":"integer"}`),
	}
	got, err := tool.Bundle(json.RawMessage(`{"type":"object","properties":{"n":{"$ref": "#/$defs/Node"}}}`), defs)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"object","properties":{"n":{"$ref": "#/$defs/Node"}},"$defs":{"Leaf":{"type":"string"},"Node":` + string(defs["Node"]) + `}}`
	if string(got) != want {
		t.Errorf("Bundle = %s\nwant     %s", got, want)
	}
	if _, err := tool.Bundle(json.RawMessage(`{"$ref":"#/$defs/Gone"}`), defs); err == nil {
		t.Error("a reference to nothing must be an error")
	}
	if got, _ := tool.Bundle(json.RawMessage(`{}`), defs); string(got) != `{}` {
		t.Errorf("no reference, so no change; got %s", got)
	}
}

func TestValidate(t *testing.T) {
	good := tool.Tool{
		Name:  "get_contact",
		Input: json.RawMessage(`{"type":"object","properties":{"id":{"type":"string"}}}`),
		Operation: &tool.Operation{Method: "GET", Path: "/contacts/{id}", Parameters: []tool.Parameter{
			{Arg: "id", Name: "id", In: tool.InPath, Style: tool.Simple, Required: true}}},
	}
	if err := good.Validate(); err != nil {
		t.Errorf("a good tool was refused: %v", err)
	}
	bad := map[string]tool.Tool{
		"name":       {Name: "a.b", Input: good.Input},
		"type":       {Name: "a", Input: json.RawMessage(`{"properties":{}}`)},
		"anyOf":      {Name: "a", Input: json.RawMessage(`{"type":"object","anyOf":[]}`)},
		"two values": {Name: "a", Input: good.Input, Operation: &tool.Operation{Method: "GET", Path: "/{id}", Parameters: []tool.Parameter{{Arg: "id", Name: "id", In: tool.InPath}, {Arg: "id", Name: "id", In: tool.InQuery}}}},
		"not in":     {Name: "a", Input: good.Input, Operation: &tool.Operation{Method: "GET", Path: "/", Parameters: []tool.Parameter{{Arg: "q", Name: "q", In: tool.InQuery}}}},
	}
	for want, tl := range bad {
		if err := tl.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}
