package naming_test

import (
	"go/token"
	"reflect"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/generator/naming"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

func TestExported(t *testing.T) {
	cases := map[string]string{
		"list_contacts":  "ListContacts",
		"listContacts":   "ListContacts",
		"contact-id":     "ContactID",
		"userIDs":        "UserIDs",
		"user_ids":       "UserIDs",
		"HTTPServer":     "HTTPServer",
		"getAWSKey":      "GetAWSKey",
		"html_url":       "HTMLURL",
		"IN_PROGRESS":    "InProgress",
		"USD":            "USD",
		"created[after]": "CreatedAfter",
		"-created_at":    "MinusCreatedAt",
		"+1":             "Plus1",
		"-1":             "Minus1",
		"1":              "X1",
		"2fa":            "X2fa",
		"DateCreated<":   "DateCreatedLT",
		"$select":        "Select",
		"日本語":            "X日本語",
		"über uns":       "ÜberUns",
		"type":           "Type",
		"`*/":            "Star",
		"_":              "Fallback",
		"":               "Fallback",
	}
	for in, want := range cases {
		if got := naming.Exported(in, "Fallback"); got != want {
			t.Errorf("Exported(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzExported(f *testing.F) {
	for _, seed := range []string{"list_contacts", "日本語", "ǆ", "ŉ", "ß", "\xff", "e\u0301", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := naming.Exported(name, "Fallback")
		if !token.IsIdentifier(got) || !token.IsExported(got) || !utf8.ValidString(got) {
			t.Errorf("Exported(%q) = %q is no exported identifier", name, got)
		}
	})
}

func TestSingular(t *testing.T) {
	cases := map[string]string{
		"Tags": "Tag", "Companies": "Company", "Addresses": "Address", "Boxes": "Box", "IDs": "ID",
		"Status": "Status", "Data": "Data", "Address": "Address",
	}
	for in, want := range cases {
		if got := naming.Singular(in); got != want {
			t.Errorf("Singular(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestClaimAllDoesNotDependOnOrder(t *testing.T) {
	names := []string{"user-id", "userId", "UserID", "name", "user_id", ""}
	given := func(names []string) map[string]string {
		var scope naming.Scope
		out := map[string]string{}
		for i, ident := range scope.ClaimAll(names, "Field") {
			out[names[i]] = ident
		}
		return out
	}
	want := map[string]string{"UserID": "UserID", "user-id": "UserID2", "userId": "UserID3", "user_id": "UserID4", "name": "Name", "": "Field"}
	if got := given(names); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	slices.Reverse(names)
	if got := given(names); !reflect.DeepEqual(got, want) {
		t.Errorf("in reverse: got %v, want %v", got, want)
	}
}

func TestPackage(t *testing.T) {
	cases := map[string]string{
		"specs/crm.yaml":         "crm",
		`C:\specs\Acme CRM.json`: "acmecrm",
		"crm.openapi.yaml":       "crm",
		"openapi.json":           "openapi",
		"https://x.example/a-b":  "ab",
		"1password":              "api1password",
		"type":                   "typeapi",
		"main.yml":               "mainapi",
	}
	for in, want := range cases {
		if got, err := naming.Package(in); err != nil || got != want {
			t.Errorf("Package(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "日本.yaml", "/"} {
		if got, err := naming.Package(in); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Package(%q) = %q, %v, want an error of kind invalid", in, got, err)
		}
	}
}

func TestFile(t *testing.T) {
	cases := map[string]string{
		"Contacts":    "contacts",
		"Deal Notes":  "deal_notes",
		"sales/linux": "sales_linux_api",
		"unit test":   "unit_test_api",
		"amd64":       "amd64_api",
		"日本":          "",
	}
	for in, want := range cases {
		if got := naming.File(in); got != want {
			t.Errorf("File(%q) = %q, want %q", in, got, want)
		}
	}
}
