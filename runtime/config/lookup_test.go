package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// environment looks keys up as the command line does.
func environment(values map[string]string) config.Lookup {
	return func(key string) (string, string, bool) {
		name := "BRIDGE_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
		value, ok := values[name]
		return value, "environment variable " + name, ok
	}
}

const crm = `
budget: 100
sources:
  crm:
    adapter: crm
    headers: {X-Tenant: a}
    tools: {exclude: [a, b], override: {search: {budget: 100}}}
`

func TestLookupGoesFirst(t *testing.T) {
	c, err := config.ParseWith([]byte(crm), "bridge.yaml", environment(map[string]string{
		"BRIDGE_BUDGET":             "200",
		"BRIDGE_LISTEN":             "127.0.0.1:0",
		"BRIDGE_LOG_LEVEL":          "debug",
		"BRIDGE_SOURCES_CRM_PREFIX": "",
		"BRIDGE_SOURCES_CRM_CREDENTIAL_BASIC_USERNAME":      "alice",
		"BRIDGE_SOURCES_CRM_CREDENTIAL_BASIC_PASSWORD":      "${env:P}",
		"BRIDGE_SOURCES_CRM_HEADERS_X_TENANT":               "b: c",
		"BRIDGE_SOURCES_CRM_TOOLS_INCLUDE":                  "list_*, get_*",
		"BRIDGE_SOURCES_CRM_TOOLS_EXCLUDE":                  "[]",
		"BRIDGE_SOURCES_CRM_TOOLS_OVERRIDE_SEARCH_BUDGET":   "300",
		"BRIDGE_SOURCES_OTHER_NOT_IN_THE_FILE_NEVER_LOOKED": "x",
	}))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Sources[0]
	if c.Budget != 200 || c.Listen != "127.0.0.1:0" || c.Log.Level != "debug" || s.EffectivePrefix() != "" {
		t.Errorf("config = %+v", c)
	}
	if s.Credential == nil || s.Credential.Basic == nil || s.Credential.Basic.Username != "alice" || s.Credential.Basic.Password != "${env:P}" {
		t.Errorf("credential = %+v", s.Credential)
	}
	if !reflect.DeepEqual(s.Tools.Include, []string{"list_*", "get_*"}) || len(s.Tools.Exclude) != 0 || s.Tools.Override["search"].Budget != 300 {
		t.Errorf("tools = %+v", s.Tools)
	}
	if s.Headers["X-Tenant"] != "b: c" {
		t.Errorf("the header is %q", string(s.Headers["X-Tenant"]))
	}
}

func TestLookupGivesWholeSources(t *testing.T) {
	c, err := config.ParseWith(nil, "", environment(map[string]string{
		"BRIDGE_SOURCES":         "{crm: {adapter: crm}, billing: {openapi: b.yaml}}",
		"BRIDGE_SOURCES_CRM_URL": "http://127.0.0.1:1",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 2 || c.Sources[0].URL != "http://127.0.0.1:1" || c.Sources[0].At != "environment variable BRIDGE_SOURCES" {
		t.Errorf("sources = %+v", c.Sources)
	}
}

func TestLookupReachesEndpointsAndLimits(t *testing.T) {
	c, err := config.ParseWith([]byte("endpoints: {/mcp/a: {rename: {x: y}}}"), "", func(key string) (string, string, bool) {
		value, ok := map[string]string{
			"endpoints./mcp/a.include":  "crm_*, docs_*",
			"endpoints./mcp/a.rename.x": "z",
			"limits.max_sessions":       "7",
			"api":                       "false",
		}[key]
		return value, "elsewhere", ok
	})
	if err != nil {
		t.Fatal(err)
	}
	e := c.Endpoints[0]
	if !reflect.DeepEqual(e.Include, []string{"crm_*", "docs_*"}) || e.Rename["x"] != "z" || c.Limits.MaxSessions != 7 || c.API == nil || *c.API {
		t.Errorf("config = %+v", c)
	}
}

func TestLookupErrorsNameTheirOrigin(t *testing.T) {
	cases := map[string]struct{ name, value, want string }{
		"type":    {"BRIDGE_BUDGET", "lots", `environment variable BRIDGE_BUDGET: budget: must be a whole number, is "lots"`},
		"value":   {"BRIDGE_LOG_LEVEL", "infos", `environment variable BRIDGE_LOG_LEVEL: log.level: must be debug, info, warn or error, is "infos"; did you mean "info"?`},
		"url":     {"BRIDGE_SOURCES_CRM_URL", "nowhere", `environment variable BRIDGE_SOURCES_CRM_URL: sources.crm.url: must be an http or https URL with a host, such as https://api.example.com/v1`},
		"list":    {"BRIDGE_SOURCES_CRM_TOOLS_INCLUDE", "[a", `environment variable BRIDGE_SOURCES_CRM_TOOLS_INCLUDE: sources.crm.tools.include: must be a list as YAML`},
		"mapping": {"BRIDGE_SOURCES", "crm", `environment variable BRIDGE_SOURCES: sources: must be a mapping (key: value), is a single value`},
		"unknown": {"BRIDGE_LOG", "{levels: info}", `environment variable BRIDGE_LOG: log: unknown key "levels"; did you mean "level"?`},
	}
	for name, c := range cases {
		_, err := config.ParseWith([]byte(crm), "bridge.yaml", environment(map[string]string{c.name: c.value}))
		if got := fault.Message(err); got != c.want {
			t.Errorf("%s: message = %s\nwant %s", name, got, c.want)
		}
	}
}

func TestKeysAreWhatIsLookedUp(t *testing.T) {
	c, err := config.Parse([]byte(crm), "bridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	keys := config.Keys(c)
	for _, want := range []string{"listen", "budget", "log.format", "sources.crm.url", "sources.crm.credential.basic.password", "sources.crm.credential.apikey"} {
		if !slices.Contains(keys, want) {
			t.Errorf("%s is not in %v", want, keys)
		}
	}
	var asked []string
	_, err = config.ParseWith([]byte("sources: {crm: {adapter: crm}}"), "", func(key string) (string, string, bool) {
		asked = append(asked, key)
		return "", "", false
	})
	if err != nil || !reflect.DeepEqual(asked, keys) {
		t.Errorf("asked for %v, Keys gives %v (%v)", asked, keys, err)
	}
}
