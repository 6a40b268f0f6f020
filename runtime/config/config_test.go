package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

var update = flag.Bool("update", false, "write the messages into the .bad.yml files")

// wantMark begins the comments at the end of a .bad.yml file that hold the
// wanted message, so that they move no line of the file.
const wantMark = "# want: "

func files(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestGoodFilesParse(t *testing.T) {
	for _, name := range files(t, "*.good.yml") {
		c, err := config.Parse([]byte(read(t, name)), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: Validate: %v", name, err)
		}
	}
}

func TestBadFilesGiveTheirMessages(t *testing.T) {
	for _, name := range files(t, "*.bad.yml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			input, want, _ := strings.Cut(read(t, name), wantMark)
			want = strings.ReplaceAll(strings.TrimSpace(want), "\n"+wantMark, "\n")
			_, err := config.Parse([]byte(input), strings.TrimPrefix(filepath.ToSlash(name), "testdata/"))
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("error = %v, want an invalid fault", err)
			}
			got := fault.Message(err)
			if strings.Contains(strings.ToLower(got), "hunter2") {
				t.Errorf("the message quotes a secret:\n%s", got)
			}
			if *update {
				text := input + wantMark + strings.ReplaceAll(got, "\n", "\n"+wantMark) + "\n"
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("message:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestEveryKeyArrives(t *testing.T) {
	c, err := config.Parse([]byte(read(t, "testdata/full.good.yml")), "full.yml")
	if err != nil {
		t.Fatal(err)
	}
	pay := "pay"
	want := []config.Source{{
		Name: "payments", At: "full.yml:7:3",
		OpenAPI:  "https://api.example.com/openapi.yaml",
		Overlays: []string{"overlays/payments.yaml", "https://api.example.com/overlay.yaml"}, Prefix: &pay, URL: "https://api.example.com/v1",
		Headers: map[string]config.Reference{"X-Tenant": "12345", "X-Trace": "${file:/run/trace}"},
		Credentials: map[string]config.Credential{
			"key":  {APIKey: "${env:PAY_KEY}"},
			"user": {Basic: &config.Basic{Username: "alice", Password: "${env:PAY_PASSWORD}"}},
		},
		Budget: 500, Timeout: config.Duration(5 * time.Second),
		Tools: config.Tools{
			Include:  []string{"list_*", "get_?oo", "search.all"},
			Override: map[string]config.Override{"list_payments": {Name: "payments", Budget: 100}},
		},
	}, {
		Name: "files", At: "full.yml:22:3",
		Command: []string{"files-server", "--root", "."}, Dir: "/srv",
		Env: map[string]config.Reference{"TOKEN": "a ${env:FILES_TOKEN} $${plain}", "USER": "alice"},
	}}
	if !reflect.DeepEqual(c.Sources, want) {
		t.Errorf("sources = %#v\nwant      %#v", c.Sources, want)
	}
	if c.Listen != ":0" || c.Budget != 20000 || c.Encoding != "cl100k_base" || c.Profile != "gemini" ||
		c.Timeout != config.Duration(90*time.Second) || c.Log != (config.Log{Level: "debug", Format: "json"}) {
		t.Errorf("top level = %+v", c)
	}
	if c.Sources[0].EffectivePrefix() != "pay" || c.Sources[1].EffectivePrefix() != "files" ||
		c.Sources[0].Kind() != config.OpenAPI || c.Sources[1].Kind() != config.Command {
		t.Error("prefix or kind is wrong")
	}
}

func TestEmptyFileIsDefault(t *testing.T) {
	want := config.Default()
	for _, name := range []string{"empty", "comment", "nosources"} {
		c, err := config.Parse([]byte(read(t, "testdata/"+name+".good.yml")), name)
		if err != nil {
			t.Fatal(err)
		}
		if c.Listen != want.Listen || c.Budget != want.Budget || c.Encoding != want.Encoding ||
			c.Log != want.Log || c.Timeout != want.Timeout || len(c.Sources) != 0 {
			t.Errorf("%s: %+v, want %+v", name, c, want)
		}
	}
}

func TestValidateWithoutAFile(t *testing.T) {
	c := config.Default()
	c.Sources = []config.Source{{Name: "a", OpenAPI: "a.yaml"}, {Name: "a", OpenAPI: "b.yaml"}}
	err := c.Validate()
	if got := fault.Message(err); got != "sources.a: two sources have this name" {
		t.Errorf("message = %q", got)
	}
}

func TestTooLong(t *testing.T) {
	_, err := config.Parse([]byte(strings.Repeat("# a\n", 1<<19)), "big.yaml")
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "too long") {
		t.Errorf("error = %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"*.good.yml", "*.bad.yml"} {
		names, _ := filepath.Glob(filepath.Join("testdata", pattern))
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse(data, "f.yaml")
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("not an invalid fault: %v", err)
		}
		if err == nil && c.Validate() != nil {
			t.Errorf("Parse took what Validate refuses: %v", c.Validate())
		}
	})
}

func TestEndpointsAndLimitsArrive(t *testing.T) {
	c, err := config.Parse([]byte(read(t, "testdata/endpoints.good.yml")), "endpoints.yml")
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Endpoint{{Path: "/mcp/gemini", Profile: "gemini"}, {
		Path: "/mcp/team/support", Name: "Support", Instructions: "Look the customer up\nbefore you answer.\n",
		Include: []string{"crm_*", "docs_*", "file:///*"}, Exclude: []string{"crm_delete_?"},
		Rename: map[string]string{"crm_search": "find"}, Budget: 2000,
	}}
	if !reflect.DeepEqual(c.Endpoints, want) || c.Instructions != "The CRM's tools begin with crm_." {
		t.Errorf("endpoints = %+v, instructions %q", c.Endpoints, c.Instructions)
	}
	if c, err = config.Parse([]byte(read(t, "testdata/limits.good.yml")), "limits.yml"); err != nil {
		t.Fatal(err)
	}
	limits := config.Limits{MaxBody: 1 << 20, MaxSessions: 50, MaxConcurrent: 8,
		SessionTimeout: config.Duration(10 * time.Minute), AskTimeout: config.Duration(30 * time.Second)}
	s := c.Sources[0]
	if c.Limits != limits || c.API == nil || *c.API || c.StateKey != "${env:SEAL}" || c.Drain != config.Duration(time.Minute) {
		t.Errorf("limits = %+v, the rest %+v", c.Limits, c)
	}
	if s.Isolate != "caller" || s.MaxSessions != 5 || s.IdleTimeout != config.Duration(10*time.Minute) {
		t.Errorf("source = %+v", s)
	}
}
