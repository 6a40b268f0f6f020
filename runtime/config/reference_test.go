package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/bridge-gateway/bridge/runtime/config"
)

const planted = "hunter2-planted"

func TestReferencesShowNoPlainText(t *testing.T) {
	c := config.Default()
	c.Sources = []config.Source{{
		Name: "a", OpenAPI: "a.yaml",
		Headers:    map[string]config.Reference{"X-A": planted + "${env:SHOWN}"},
		Credential: &config.Credential{Bearer: planted},
		Credentials: map[string]config.Credential{"k": {APIKey: planted}, "b": {Basic: &config.Basic{Username: planted, Password: planted}},
			"o": {OAuth2: &config.Grant{ClientSecret: planted, Key: planted}, TokenExchange: &config.Grant{SubjectToken: planted}, JWTBearer: &config.Grant{Key: planted}},
			"s": {AWS: &config.AWS{SecretAccessKey: planted, SessionToken: planted}, HMAC: &config.HMAC{Key: planted}, MTLS: &config.MTLS{Key: planted}}},
	}}
	r := config.Reference(planted + "${env:SHOWN}")
	var out bytes.Buffer
	for _, v := range []any{r, &r, []config.Reference{r}, c, &c, c.Sources[0].Credential, c.Sources[0].Credentials,
		c.Sources[0].Credentials["o"].OAuth2, c.Sources[0].Credentials["s"].AWS, *c.Sources[0].Credentials["s"].HMAC, *c.Sources[0].Credentials["s"].MTLS} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
			text, err := marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(text)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
	}
	got := out.String()
	for _, leak := range []string{planted, fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted)} {
		for line := range strings.Lines(got) {
			if strings.Contains(line, leak) {
				t.Errorf("a secret was printed: %s", line)
			}
		}
	}
	if !strings.Contains(got, "[redacted]${env:SHOWN}") {
		t.Error("the reference itself must show")
	}
}

func TestReferencesSayWhereTheyStand(t *testing.T) {
	c, err := config.ParseWith([]byte("state_key: ${env:SEAL}\nsources:\n  a:\n    mcp: https://example.com\n    headers: {X: plain, Authorization: \"${env:A}\"}\n    credential: {basic: {username: u, password: \"${file:p}\"}}\n"),
		"bridge.yaml", func(key string) (string, string, bool) {
			return "${env:B}", "environment variable BRIDGE_B", key == "sources.a.headers.authorization"
		})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range c.References() {
		got = append(got, r.At+" = "+r.Value.String())
	}
	want := []string{
		"bridge.yaml:1:12: state_key = ${env:SEAL}",
		"environment variable BRIDGE_B: sources.a.headers.Authorization = ${env:B}",
		"bridge.yaml:6:49: sources.a.credential.basic.password = ${file:p}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
