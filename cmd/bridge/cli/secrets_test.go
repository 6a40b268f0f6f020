package cli

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSecretsCheck says of each reference where it stands and what is wrong, and
// never what it leads to.
func TestSecretsCheck(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("BRIDGE_TEST_SET", "planted")
	t.Setenv("BRIDGE_TEST_EMPTY", "")
	t.Setenv("VAULT_ADDR", "")
	t.Setenv("BAO_ADDR", "")
	putFile(t, filepath.Join(dir, "secret"), "planted\n")
	const good = `sources:
  a:
    openapi: a.yaml
    credential: {basic: {username: "${env:BRIDGE_TEST_SET}", password: "planted${env:BRIDGE_TEST_EMPTY}"}}
    headers: {X-A: "${file:secret}", X-B: "${exec:echo planted}", X-C: "${env:BRIDGE_TEST_EMPTY}"}
`
	for name, c := range map[string]struct {
		config string
		code   int
		want   []string
	}{
		"nothing to check": {"sources: {}\n", exitOK, []string{"refers to no secrets"}},
		"all well": {good, exitOK, []string{
			":4:36: sources.a.credential.basic.username  ${env:BRIDGE_TEST_SET}              ok\n",
			"${exec:echo …}", "${env:BRIDGE_TEST_EMPTY}            ok, but empty", "5 references, 0 failed."}},
		"wrong": {good + "  b: {openapi: b.yaml, credential: {oauth2: {token_url: 'https://id.example.com', client_id: x, client_secret: '${env:BRIDGE_TEST_MISSING}'}}}\n" +
			"  c: {openapi: b.yaml, credential: {hmac: {key: '${vault:secret/a#b}'}}}\n", exitFailed, []string{
			"sources.b.credential.oauth2.client_secret", "failed: the environment variable BRIDGE_TEST_MISSING is not set",
			"sources.c.credential.hmac.key", "failed: ${vault:…}: VAULT_ADDR is not set", "7 references, 2 failed."}},
		"a broken reference": {"sources: {a: {openapi: a.yaml, credential: {bearer: 'planted${vault:x}'}}}\n", exitBroken, []string{"must name a secret and one of its fields"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, "bridge.yaml")
			putFile(t, file, c.config)
			var out bytes.Buffer
			code := Run(t.Context(), []string{"secrets", "check", "-c", file}, Streams{In: strings.NewReader(""), Out: &out, Err: &out})
			text := out.String()
			missing := slices.DeleteFunc(slices.Clone(c.want), func(want string) bool { return strings.Contains(text, want) })
			if code != c.code || len(missing) > 0 || strings.Contains(strings.ReplaceAll(text, "echo planted", ""), "planted") {
				t.Errorf("exit code %d, want %d; %q is not in\n%s", code, c.code, missing, text)
			}
			if code == exitBroken {
				return
			}
			var asJSON bytes.Buffer
			if again := Run(t.Context(), []string{"secrets", "check", "--json", "-c", file}, Streams{In: strings.NewReader(""), Out: &asJSON, Err: &out}); again != code {
				t.Errorf("with --json the exit code is %d", again)
			}
			var found resolvedSecrets
			if err := json.Unmarshal(asJSON.Bytes(), &found); err != nil || strings.Contains(asJSON.String(), "planted") {
				t.Errorf("%v: %s", err, asJSON.String())
			}
		})
	}
}
