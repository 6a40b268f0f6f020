package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
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
		Headers:     map[string]config.Reference{"X-A": planted + "${env:SHOWN}"},
		Credential:  &config.Credential{Bearer: planted},
		Credentials: map[string]config.Credential{"k": {APIKey: planted}, "b": {Basic: &config.Basic{Username: planted, Password: planted}}},
	}}
	r := config.Reference(planted + "${env:SHOWN}")
	var out bytes.Buffer
	for _, v := range []any{r, &r, []config.Reference{r}, c, &c, c.Sources[0].Credential, c.Sources[0].Credentials} {
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
