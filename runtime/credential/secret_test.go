package credential_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const planted = "hunter2-planted"

// TestNothingPrintsASecret walks over all that holds secrets with all that
// prints: what is planted must not come out.
func TestNothingPrintsASecret(t *testing.T) {
	secret := credential.NewSecret(planted)
	value := credential.Basic(planted, planted)
	options := credential.Options{
		Source:   "a",
		API:      tool.API{Schemes: []tool.Scheme{{Name: "b", Type: tool.HTTPAuth, HTTPScheme: "basic"}}},
		Default:  &value,
		ByScheme: map[string]credential.Value{"b": value},
	}
	provider, err := credential.New(options)
	if err != nil {
		t.Fatal(err)
	}
	hidden := struct{ secret credential.Secret }{secret}
	sent, err := provider.For(t.Context(), &tool.Operation{Security: []tool.Requirement{{{Scheme: "b"}}}})
	if err != nil || len(sent) != 1 {
		t.Fatalf("For = %v, %v", sent, err)
	}

	var out bytes.Buffer
	for _, v := range []any{secret, &secret, hidden, &hidden, []any{secret}, map[string]any{"k": secret}, value, options, provider, *provider} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%5s"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			var unsupported *json.UnsupportedTypeError
			if !errors.As(err, &unsupported) {
				t.Fatal(err)
			}
		}
		out.Write(append(text, '\n'))
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
	}
	// What is sent is runtime/call's to guard; here is that it can be logged.
	fmt.Fprintf(&out, "%v %+v %#v %s\n", sent, sent, sent, sent)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", sent)
	text, err := yaml.Marshal(map[string]any{"secret": secret, "pointer": &secret})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	encoded := "aHVudGVyMi1wbGFudGVk" // base64 of planted, at the start of a Basic value
	for line := range strings.Lines(out.String()) {
		for _, leak := range []string{planted, encoded, fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted)} {
			if strings.Contains(line, leak) {
				t.Errorf("a secret was printed: %s", line)
			}
		}
	}
	if !strings.Contains(out.String(), `{"k":"[redacted]"}`) || secret.Reveal() != planted {
		t.Error("a secret must print as [redacted] and reveal its text")
	}
	if (credential.Secret{}).Reveal() != "" {
		t.Error("the zero Secret must be empty")
	}
}
