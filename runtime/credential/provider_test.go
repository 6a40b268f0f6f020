package credential_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

var api = tool.API{Schemes: []tool.Scheme{
	{Name: "auth", Type: tool.APIKey, In: tool.InHeader, Key: "authorization"},
	{Name: "basic", Type: tool.HTTPAuth, HTTPScheme: "basic"},
	{Name: "cookie", Type: tool.APIKey, In: tool.InCookie, Key: "session"},
	{Name: "digest", Type: tool.HTTPAuth, HTTPScheme: "digest"},
	{Name: "key", Type: tool.APIKey, In: tool.InHeader, Key: "X-Key"},
	{Name: "mtls", Type: tool.MutualTLS},
	{Name: "oauth", Type: tool.OAuth2},
	{Name: "oidc", Type: tool.OpenIDConnect},
	{Name: "query", Type: tool.APIKey, In: tool.InQuery, Key: "api_key"},
	{Name: "token", Type: tool.HTTPAuth, HTTPScheme: "bearer"},
}}

// security reads "key+token | {}": alternatives of schemes needed together.
func security(text string) []tool.Requirement {
	var all []tool.Requirement
	if text == "" {
		return nil
	}
	for alternative := range strings.SplitSeq(text, " | ") {
		need := tool.Requirement{}
		if alternative != "{}" {
			for name := range strings.SplitSeq(alternative, "+") {
				need = append(need, tool.SchemeUse{Scheme: name})
			}
		}
		all = append(all, need)
	}
	return all
}

func operation(text string) *tool.Operation {
	return &tool.Operation{Method: "GET", Path: "/things", Security: security(text)}
}

func pointer(v credential.Value) *credential.Value { return &v }

// sent writes credentials as "header X-Key=value", sorted as they are.
func sent(all []call.Credential) string {
	var parts []string
	for _, c := range all {
		if c.Sign != nil {
			r := &http.Request{Header: http.Header{}}
			if err := c.Sign(r); err != nil {
				panic(err)
			}
			parts = append(parts, " "+c.Name+" signs "+r.Header.Get("X-Signature"))
			continue
		}
		parts = append(parts, string(c.In)+" "+c.Name+"="+c.Value)
	}
	return strings.Join(parts, "; ")
}

// tokens gives tokens "t1", "t2", …: the next one after each refusal.
type tokens struct{ refused int }

func (s *tokens) Token(context.Context) (credential.Secret, error) {
	return credential.NewSecret(fmt.Sprintf("t%d", s.refused+1)), nil
}

func (s *tokens) Refused(_ context.Context, text credential.Secret) bool {
	if text.Reveal() == fmt.Sprintf("t%d", s.refused+1) {
		s.refused++
	}
	return true
}

// signer adds a header.
type signer string

func (s signer) Sign(r *http.Request) error {
	r.Header.Set("X-Signature", string(s))
	return nil
}

// TestTokensAndSignatures picks among credentials that are more than a value.
func TestTokensAndSignatures(t *testing.T) {
	type values = map[string]credential.Value
	own := credential.Tokens("oauth2", &tokens{})
	for _, c := range []struct {
		name           string
		fallback       *credential.Value
		besides        []credential.Value
		named          values
		security, want string
	}{
		{"a token for oauth2", &own, nil, nil, "oauth", "header Authorization=Bearer t1"},
		{"a token for http bearer", &own, nil, nil, "key | token", "header Authorization=Bearer t1"},
		{"a token and a key", &own, nil, values{"key": credential.APIKey("k")}, "oauth+key", "header Authorization=Bearer t1; header X-Key=k"},
		{"a token not where basic is asked for", nil, nil, values{"oauth": own}, "basic | {}", ""},
		{"a certificate alone", nil, nil, values{"mtls": credential.Mutual()}, "mtls", ""},
		{"a certificate with a token", &own, nil, values{"mtls": credential.Mutual()}, "mtls+oauth", "header Authorization=Bearer t1"},
		{"a certificate that nothing asks for", nil, []credential.Value{credential.Mutual()}, nil, "oauth", ""},
		{"a signature for a scheme", nil, nil, values{"auth": credential.Signed("aws", signer("s"))}, "auth", " aws signs s"},
		{"a signature for another scheme", nil, nil, values{"auth": credential.Signed("aws", signer("s"))}, "{}", ""},
		{"a signature with every call", &own, []credential.Value{credential.Signed("hmac", signer("s"))}, nil, "oauth", "header Authorization=Bearer t1;  hmac signs s"},
		{"a signature with public calls too", nil, []credential.Value{credential.Signed("hmac", signer("s"))}, nil, "", " hmac signs s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := credential.New(credential.Options{Source: "crm", API: api, Default: c.fallback, Besides: c.besides, ByScheme: c.named})
			if err != nil {
				t.Fatal(err)
			}
			all, err := p.For(t.Context(), operation(c.security))
			if got := sent(all); err != nil || got != c.want {
				t.Errorf("For = %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// TestRenewing tells a credential that the upstream refused it.
func TestRenewing(t *testing.T) {
	own := credential.Tokens("oauth2", &tokens{})
	p, err := credential.New(credential.Options{Source: "crm", API: api, Default: &own})
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.For(t.Context(), operation("oauth"))
	if err != nil {
		t.Fatal(err)
	}
	next, ok := all[0].Renew(t.Context())
	if !ok || next.Value != "Bearer t2" || next.Renew != nil {
		t.Errorf("renewed: %q, %v; the second must not be renewed again", next.Value, ok)
	}
}

func TestForPicksAnAlternative(t *testing.T) {
	type values = map[string]credential.Value
	keys := values{"key": credential.APIKey("k"), "query": credential.APIKey("q"), "cookie": credential.APIKey("c")}
	cases := []struct {
		name     string
		fallback *credential.Value
		named    values
		security string
		want     string
	}{
		{"nothing configured", nil, nil, "key", ""},
		{"bearer for http bearer", pointer(credential.Bearer("t")), nil, "token", "header Authorization=Bearer t"},
		{"bearer for oauth2", pointer(credential.Bearer("t")), nil, "oauth", "header Authorization=Bearer t"},
		{"bearer for openIdConnect", pointer(credential.Bearer("t")), nil, "oidc", "header Authorization=Bearer t"},
		{"bearer for an Authorization apiKey", pointer(credential.Bearer("t")), nil, "auth", "header Authorization=Bearer t"},
		{"apiKey for an Authorization apiKey is raw", nil, values{"auth": credential.APIKey("raw")}, "auth", "header Authorization=raw"},
		{"basic", pointer(credential.Basic("alice", "pw:x")), nil, "basic", "header Authorization=Basic YWxpY2U6cHc6eA=="},
		{"basic without password", pointer(credential.Basic("sk", "")), nil, "basic", "header Authorization=Basic c2s6"},
		{"apiKey in query", pointer(credential.APIKey("k")), nil, "query", "query api_key=k"},
		{"apiKey in cookie", pointer(credential.APIKey("k")), nil, "cookie", "cookie session=k"},
		{"first satisfied of or", pointer(credential.APIKey("k")), nil, "token | key | query", "header X-Key=k"},
		{"and", pointer(credential.Bearer("t")), keys, "token+key+query", "header Authorization=Bearer t; header X-Key=k; query api_key=q"},
		{"and unsatisfied falls to or", nil, keys, "token+key | cookie", "cookie session=c"},
		{"named goes before default", pointer(credential.APIKey("d")), keys, "key", "header X-Key=k"},
		{"optional prefers a credential", pointer(credential.APIKey("k")), nil, "{} | key", "header X-Key=k"},
		{"optional takes none", pointer(credential.APIKey("k")), nil, "token | {}", ""},
		{"public operation", pointer(credential.APIKey("k")), nil, "", ""},
		{"same place, same value", pointer(credential.Bearer("t")), nil, "token+oauth", "header Authorization=Bearer t"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := credential.New(credential.Options{Source: "crm", API: api, Default: c.fallback, ByScheme: c.named})
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.For(t.Context(), operation(c.security))
			if err != nil || sent(got) != c.want {
				t.Errorf("For = %q, %v; want %q", sent(got), err, c.want)
			}
		})
	}
}

func TestForSaysWhatIsLacking(t *testing.T) {
	t.Setenv("BRIDGE_TEST_EMPTY", "")
	t.Setenv("BRIDGE_TEST_LINES", planted+"\r\nX-Evil: 1")
	type values = map[string]credential.Value
	cases := []struct {
		name     string
		named    values
		security string
		want     string
	}{
		{"other scheme", values{"key": credential.APIKey(planted)}, "token+key | query",
			"GET /things needs token (http bearer) with key (apiKey in header X-Key), or query (apiKey in query api_key), and source crm has no credential for it; in bridge.yaml, give what fits under sources.crm.credentials: token: {bearer: …}, or query: {apiKey: …}"},
		{"a scheme that can't be had", values{"key": credential.APIKey(planted)}, "mtls",
			"GET /things needs mtls (mutualTLS), and source crm has no credential for it; in bridge.yaml, give what fits under sources.crm.credentials: mtls: {mtls: …}"},
		{"a type that can't be had", values{"key": credential.APIKey(planted)}, "digest",
			"GET /things needs digest (http digest), and source crm has no credential for it, nor can Bridge present one of that type"},
		{"a scheme that is not declared", values{"key": credential.APIKey(planted)}, "gone",
			"GET /things needs gone (which the document does not declare), and source crm has no credential for it, nor can Bridge present one of that type"},
		{"missing variable", values{"key": credential.APIKey(planted + "${env:BRIDGE_TEST_MISSING}")}, "key",
			"the environment variable BRIDGE_TEST_MISSING is not set; set it where the gateway is started"},
		{"empty variable", values{"key": credential.APIKey("${env:BRIDGE_TEST_EMPTY}")}, "key",
			"sources.crm.credentials.key is empty; check the variable or file that it names"},
		{"header injection", values{"token": credential.Bearer("${env:BRIDGE_TEST_LINES}")}, "token",
			"sources.crm.credentials.token has a line end or another control character in it; it must be one line of text"},
		{"one header, two values", values{"basic": credential.Basic("a", "b"), "token": credential.Bearer("t")}, "basic+token",
			"the document asks for two different credentials in the header Authorization of one request (one is token (http bearer)); give just one of them in bridge.yaml"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := credential.New(credential.Options{Source: "crm", API: api, ByScheme: c.named})
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.For(t.Context(), operation(c.security))
			if fault.Message(err) != c.want || got != nil {
				t.Errorf("For = %v, %v\nwant %s", got, err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), planted) {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

func TestDocumentsThatSayTooLittle(t *testing.T) {
	asksNothing := []*tool.Tool{{Name: "a", Operation: operation("")}, {Name: "native"}}
	asks := append(slices.Clone(asksNothing), &tool.Tool{Name: "b", Operation: operation("key")})
	two := tool.API{Schemes: []tool.Scheme{api.Schemes[4], api.Schemes[9]}}
	cases := []struct {
		name  string
		api   tool.API
		tools []*tool.Tool
		value credential.Value
		want  string
	}{
		{"no scheme: bearer", tool.API{}, asksNothing, credential.Bearer("t"), "header Authorization=Bearer t"},
		{"no scheme: basic", tool.API{}, nil, credential.Basic("a", "b"), "header Authorization=Basic YTpi"},
		{"schemes that nothing asks for", two, asksNothing, credential.APIKey("k"), "header X-Key=k"},
		{"schemes that nothing asks for: bearer", two, asksNothing, credential.Bearer("t"), "header Authorization=Bearer t"},
		{"schemes that others ask for", two, asks, credential.APIKey("k"), ""},
		{"tools not given", two, nil, credential.APIKey("k"), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := credential.New(credential.Options{Source: "a", API: c.api, Tools: c.tools, Default: &c.value})
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.For(t.Context(), operation(""))
			if err != nil || sent(got) != c.want {
				t.Errorf("For = %q, %v; want %q", sent(got), err, c.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	type values = map[string]credential.Value
	small := tool.API{Schemes: []tool.Scheme{api.Schemes[4]}}
	cases := []struct {
		name     string
		api      tool.API
		fallback *credential.Value
		named    values
		want     string
	}{
		{"unknown scheme", small, nil, values{"kee": credential.APIKey("k"), "other": credential.APIKey("k")},
			"sources.crm.credentials.kee: the document has no such scheme; it has key (apiKey in header X-Key); did you mean \"key\"?\n" +
				"sources.crm.credentials.other: the document has no such scheme; it has key (apiKey in header X-Key)"},
		{"no schemes", tool.API{}, nil, values{"key": credential.APIKey("k")},
			"sources.crm.credentials.key: the document declares no security schemes; give a bearer or basic credential under credential, or any header under headers"},
		{"kind", small, nil, values{"key": credential.Bearer("k")},
			"sources.crm.credentials.key: a value of the form bearer does not fit key (apiKey in header X-Key), which takes apiKey"},
		{"type", api, nil, values{"digest": credential.Basic("a", "b")},
			"sources.crm.credentials.digest: no credential of bridge.yaml can stand for digest (http digest); if the API takes a fixed header as well, give it under headers"},
		{"default fits none", small, pointer(credential.Bearer("t")), nil,
			"sources.crm.credential: a value of the form bearer fits none of the document's schemes: key (apiKey in header X-Key); if the API takes it all the same, give the header under headers"},
		{"apiKey nowhere", tool.API{}, pointer(credential.APIKey("t")), nil,
			"sources.crm.credential: the document declares no scheme that says where an apiKey goes; give the header under headers"},
		{"expression, and all at once", small, pointer(credential.APIKey(planted + "${env:")), values{"key": {}},
			"sources.crm.credentials.key: must have just one form, such as bearer, basic or apiKey, with a value\nsources.crm.credential: a reference is not closed: write ${env:NAME}, ${file:PATH}, ${exec:COMMAND ARG…}, ${vault:PATH#FIELD} or ${aws-sm:NAME#KEY}, or $${ for a plain ${"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := credential.New(credential.Options{Source: "crm", API: c.api, Default: c.fallback, ByScheme: c.named})
			if fault.KindOf(err) != fault.Invalid || fault.Message(err) != c.want {
				t.Errorf("New: %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestMiddleware(t *testing.T) {
	p, err := credential.New(credential.Options{Source: "crm", API: api, Default: pointer(credential.APIKey("${env:BRIDGE_TEST_KEY}"))})
	if err != nil {
		t.Fatal(err)
	}
	var got []call.Credential
	handler := call.Chain(func(_ context.Context, c *call.Call) (*call.Result, error) {
		got = c.Credentials
		return &call.Result{}, nil
	}, p.Middleware())

	ours := &tool.Tool{Name: "a", Operation: operation("key")}
	if _, err := handler(t.Context(), &call.Call{Source: "crm", Tool: ours}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("with the variable missing: %v", err)
	}
	t.Setenv("BRIDGE_TEST_KEY", "k")
	if _, err := handler(t.Context(), &call.Call{Source: "crm", Tool: ours}); err != nil || sent(got) != "header X-Key=k" {
		t.Errorf("credentials = %q, %v", sent(got), err)
	}
	for name, c := range map[string]*call.Call{
		"another source": {Source: "billing", Tool: ours},
		"a native tool":  {Source: "crm", Tool: &tool.Tool{Name: "a"}},
		"no tool":        {Source: "crm"},
	} {
		got = nil
		if _, err := handler(t.Context(), c); err != nil || !reflect.DeepEqual(got, []call.Credential(nil)) {
			t.Errorf("%s: credentials = %q, %v", name, sent(got), err)
		}
	}
}
