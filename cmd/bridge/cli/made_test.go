package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/viper"

	"github.com/bridge-gateway/bridge/runtime/config"
)

func putFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsMadeAnew changes one thing at a time and looks whether the source is
// still the same object.
func TestWhatIsMadeAnew(t *testing.T) {
	const api = `{openapi: api.yaml, url: "http://127.0.0.1:9", tools: {exclude: [a]}}`
	const server = `{command: ["cat"], env: {SECRET: "${file:secret.txt}"}, prefix: x}`
	for name, c := range map[string]struct {
		source, file, text, next string
		kept                     bool
	}{
		"nothing":              {source: api, kept: true},
		"which tools":          {source: api, next: strings.Replace(api, "[a]", "[b]", 1), kept: true},
		"the tools' budget":    {source: api, next: strings.Replace(api, "}}", "}, budget: 100}", 1), kept: true},
		"the URL":              {source: api, next: strings.Replace(api, ":9", ":8", 1)},
		"the timeout":          {source: api, next: strings.Replace(api, "}}", "}, timeout: 1s}", 1)},
		"a document's prefix":  {source: api, next: strings.Replace(api, "}}", "}, prefix: y}", 1)},
		"the document":         {source: api, file: "api.yaml", text: "openapi: 3.1.0\ninfo: {title: B, version: '1'}\npaths: {}\n"},
		"what it refers to":    {source: api, file: "part.yaml", text: "get: {operationId: b, responses: {'200': {description: ok}}}\n"},
		"another file":         {source: api, file: "other.yaml", text: "x", kept: true},
		"a server's prefix":    {source: server, next: strings.Replace(server, "prefix: x", "prefix: y", 1), kept: true},
		"a server's arguments": {source: server, next: strings.Replace(server, `"cat"`, `"cat", "-u"`, 1)},
		"a server's secret":    {source: server, file: "secret.txt", text: "two"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			putFile(t, filepath.Join(dir, "api.yaml"), "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {/a: {$ref: part.yaml}}\n")
			putFile(t, filepath.Join(dir, "part.yaml"), "get: {operationId: a, responses: {'200': {description: ok}}}\n")
			putFile(t, filepath.Join(dir, "secret.txt"), "one")
			past := time.Now().Add(-time.Minute) // so that it is no question what was read
			if err := os.Chtimes(filepath.Join(dir, "part.yaml"), past, past); err != nil {
				t.Fatal(err)
			}
			made := func(source string, before map[string]*made) map[string]*made {
				cfg, err := config.Parse([]byte("sources: {s: "+source+"}"), "bridge.yaml")
				if err != nil {
					t.Fatal(err)
				}
				a := &app{Streams: Streams{Out: io.Discard, Err: io.Discard}, viper: viper.New()}
				_, all := a.wire(cfg, filepath.Join(dir, "bridge.yaml"), a.logger(cfg.Log)).make(t.Context(), before, false)
				t.Cleanup(func() { _ = all["s"].mount.Source.Close() })
				return all
			}
			before := made(c.source, nil)
			if s, ok := before["s"].mount.Source.(*restSource); ok {
				if _, err := s.Tools(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if c.file != "" {
				putFile(t, filepath.Join(dir, c.file), c.text)
			}
			next := c.next
			if next == "" {
				next = c.source
			}
			if after := made(next, before); (after["s"] == before["s"]) != c.kept {
				t.Errorf("kept = %v, want %v", !c.kept, c.kept)
			}
		})
	}
}

func TestWatchingWithoutHelpOfTheSystem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bridge.yaml")
	putFile(t, file, "one")
	w := &watcher{polling: true}
	w.set(map[string]digest{file: digestOf(file)})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	putFile(t, file, "two")
	if why := w.next(ctx, nil, nil); why != changed {
		t.Errorf("next = %v", why)
	}
	// The first look is at once, so this change is most likely seen by a later one.
	time.AfterFunc(300*time.Millisecond, func() { _ = os.WriteFile(file, []byte("three"), 0o600) })
	if why := w.next(ctx, nil, nil); why != changed {
		t.Errorf("next = %v", why)
	}
	cancel()
	if why := w.next(ctx, nil, nil); why != ended {
		t.Errorf("next = %v, want the end: nothing has changed since", why)
	}
}

func TestTouchedFilesHaveNotChanged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bridge.yaml")
	putFile(t, file, "one")
	w := &watcher{}
	w.set(map[string]digest{file: digestOf(file)})
	if w.changed() {
		t.Error("it was taken as it is")
	}
	putFile(t, file, "one")
	if w.changed() {
		t.Error("the content is the same")
	}
	putFile(t, file, "two")
	if !w.changed() || w.changed() {
		t.Error("a change is seen, once")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if !w.changed() {
		t.Error("a file that is gone has changed")
	}
}

func TestWatchingOutlastsAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "specs")
	file := filepath.Join(dir, "api.yaml")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	putFile(t, file, "one")
	w := newWatcher(slog.New(slog.DiscardHandler))
	defer w.close()
	w.set(map[string]digest{file: digestOf(file)})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if why := w.next(ctx, nil, nil); why != changed {
		t.Fatalf("next = %v, but the file is gone", why)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	putFile(t, file, "two")
	if why := w.next(ctx, nil, nil); why != changed {
		t.Fatalf("next = %v, but the file is back", why)
	}
	time.AfterFunc(300*time.Millisecond, func() { _ = os.WriteFile(file, []byte("three"), 0o600) })
	if why := w.next(ctx, nil, nil); why != changed {
		t.Fatalf("next = %v, but the file has changed", why)
	}
}
