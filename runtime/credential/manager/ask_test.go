package manager_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/bridge-gateway/bridge/runtime/credential/manager"
	"github.com/bridge-gateway/bridge/runtime/credential/reference"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// one is a reference and what must come of it: a text, or an error with this in it.
type one struct{ target, want, err string }

func check(t *testing.T, m *manager.Managers, kind reference.Kind, cases map[string]one) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := m.Fetch(t.Context(), kind, c.target)
			if c.err == "" && (err != nil || got != c.want) {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
			if c.err == "" {
				return
			}
			if got != "" || fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), c.err) {
				t.Errorf("got %q, %v; want an error with %q", got, err, c.err)
			}
			if err != nil && strings.Contains(err.Error(), "planted") {
				t.Errorf("the error has a secret: %v", err)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of Unix")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\ncase $1 in\ngood) echo \"planted $2\";;\nbad) echo planted; echo planted >&2; exit 3;;\nempty) ;;\nlong) yes planted;;\nslow) exec sleep 60;;\nesac\n"
	if err := os.WriteFile(filepath.Join(dir, "tool"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	m := manager.New(manager.Options{Dir: dir, Timeout: time.Second})
	defer m.Close()
	check(t, m, reference.Exec, map[string]one{
		"its output":        {target: "./tool good 'a b'", want: "planted a b"},
		"no shell":          {target: "./tool good $HOME;ls", want: "planted $HOME;ls"},
		"that fails":        {target: "./tool bad planted", err: "./tool ended with exit code 3 (and wrote 8 bytes to standard error"},
		"prints nothing":    {target: "./tool empty", err: "printed nothing"},
		"prints too much":   {target: "./tool long", err: "printed more than 1048576 bytes"},
		"takes too long":    {target: "./tool slow planted", err: "did not end in time"},
		"that is not there": {target: "no-such-tool planted", err: "there is no program no-such-tool in the PATH"},
	})
}

// TestVault asks a stand-in for Vault's KV version 2 API.
func TestVault(t *testing.T) {
	vault := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Vault-Token") != "planted-vault-token" || r.Header.Get("X-Vault-Namespace") != "team" {
			http.Error(w, `{"errors": ["planted permission denied"]}`, http.StatusForbidden)
			return
		}
		switch r.URL.EscapedPath() {
		case "/base/v1/secret/data/crm/prod", "/base/v1/team/kv/data/crm%20x":
			fmt.Fprint(w, `{"data": {"data": {"token": "planted-token", "port": 8080, "gone": null}, "metadata": {}}}`)
		case "/base/v1/old/data/crm":
			fmt.Fprint(w, `{"data": {"token": "planted"}}`)
		case "/base/v1/moved/data/crm":
			http.Redirect(w, r, "/base/v1/secret/data/crm/prod", http.StatusTemporaryRedirect)
		case "/base/v1/sealed/data/crm":
			http.Error(w, "planted", http.StatusServiceUnavailable)
		default:
			http.Error(w, `{"errors": []}`, http.StatusNotFound)
		}
	}))
	defer vault.Close()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("planted-vault-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VAULT_ADDR", vault.URL+"/base")
	t.Setenv("VAULT_TOKEN", "")
	t.Setenv("VAULT_TOKEN_FILE", file)
	t.Setenv("BAO_NAMESPACE", "team")
	m := manager.New(manager.Options{})
	defer m.Close()
	check(t, m, reference.Vault, map[string]one{
		"as the command line has it": {target: "secret/crm/prod#token", want: "planted-token"},
		"as the API has it":          {target: "team/kv/data/crm x#token", want: "planted-token"},
		"a number":                   {target: "secret/crm/prod#port", want: "8080"},
		"no such field":              {target: "secret/crm/prod#tokens", err: `has no "tokens"`},
		"a field without a value":    {target: "secret/crm/prod#gone", err: `has no "gone"`},
		"no such secret":             {target: "secret/else#token", err: "there is no such secret"},
		"version 1":                  {target: "old/crm#token", err: "not that of a KV version 2 engine"},
		"redirects":                  {target: "moved/crm#token", err: "which is not followed with a token"},
		"sealed":                     {target: "sealed/crm#token", err: "sealed or starting"},
	})
	t.Setenv("VAULT_TOKEN", "planted-wrong")
	check(t, m, reference.Vault, map[string]one{"a wrong token": {target: "secret/crm/prod#other", err: "refuses the token"}})
	for name, c := range map[string]struct{ addr, want string }{
		"no address": {"", "VAULT_ADDR is not set"},
		"plain http": {"http://vault.example.com", "VAULT_ADDR must begin with https://"},
		"not there":  {"http://127.0.0.1:1", "can't be reached"},
	} {
		t.Setenv("VAULT_ADDR", c.addr)
		check(t, m, reference.Vault, map[string]one{name: {target: "secret/" + strings.ReplaceAll(name, " ", "-") + "#x", err: c.want}})
	}
}

// TestAWSSecrets asks a stand-in for Secrets Manager, which checks the signature by
// making it itself.
func TestAWSSecrets(t *testing.T) {
	const id, key = "AKIDEXAMPLE", "planted-aws-key"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if got, want := r.Header.Get("Authorization"), signature(t, r, id, key); got != want {
			t.Errorf("signed %s\nwant %s", got, want)
		}
		var asked struct{ SecretId string }
		if json.Unmarshal(body, &asked) != nil || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
			t.Errorf("asked %s by %s", body, r.Header.Get("X-Amz-Target"))
		}
		answers := map[string]string{
			"prod/crm": `{"SecretString": "{\"token\": \"planted-token\"}"}`,
			"plain":    `{"SecretString": "planted plain"}`,
			"bytes":    `{"SecretBinary": "` + base64.StdEncoding.EncodeToString([]byte("planted bytes")) + `"}`,
		}
		if answer, ok := answers[asked.SecretId]; ok {
			fmt.Fprint(w, answer)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type": "com.amazonaws.secretsmanager#ResourceNotFoundException", "message": "planted"}`)
	}))
	defer server.Close()
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": key, "AWS_SESSION_TOKEN": "", "AWS_REGION": "eu-central-1",
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL, "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": ""} {
		t.Setenv(name, value)
	}
	m := manager.New(manager.Options{})
	defer m.Close()
	check(t, m, reference.AWS, map[string]one{
		"a member":       {target: "prod/crm#token", want: "planted-token"},
		"whole":          {target: "plain", want: "planted plain"},
		"bytes":          {target: "bytes", want: "planted bytes"},
		"no such member": {target: "prod/crm#tokens", err: `has no "tokens"`},
		"no JSON":        {target: "plain#token", err: "is no JSON object"},
		"not there":      {target: "else", err: "(ResourceNotFoundException); check the name and the region"},
	})
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://aws.example.com")
	check(t, m, reference.AWS, map[string]one{"plain http": {target: "other", err: "must be an https:// URL"}})
}

// signature makes the signature that a request should have, of what arrived.
func signature(t *testing.T, r *http.Request, id, key string) string {
	t.Helper()
	when, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		t.Error(err)
	}
	again := httptest.NewRequest(r.Method, "http://"+r.Host+r.RequestURI, nil)
	again.ContentLength = r.ContentLength
	for _, name := range []string{"Content-Type", "X-Amz-Target", "X-Amz-Content-Sha256"} {
		again.Header.Set(name, r.Header.Get(name))
	}
	err = v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: id, SecretAccessKey: key}, again, r.Header.Get("X-Amz-Content-Sha256"), "secretsmanager", "eu-central-1", when)
	if err != nil {
		t.Error(err)
	}
	return again.Header.Get("Authorization")
}
