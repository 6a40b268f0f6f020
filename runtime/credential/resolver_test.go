package credential_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func resolve(t *testing.T, r *credential.Resolver, expression string) string {
	t.Helper()
	secret, err := r.Resolve(t.Context(), expression)
	if err != nil {
		t.Fatalf("Resolve(%q): %v", expression, err)
	}
	return secret.Reveal()
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("BRIDGE_TEST_TOKEN", "tok ${env:NOT_AGAIN}")
	t.Setenv("BRIDGE_TEST_EMPTY", "")
	write(t, filepath.Join(dir, "lf"), "one\ntwo\n\n")
	write(t, filepath.Join(dir, "crlf"), "one\r\n")
	write(t, filepath.Join(dir, "empty"), "")
	r := &credential.Resolver{Dir: dir}
	for expression, want := range map[string]string{
		"":                              "",
		"plain":                         "plain",
		"a ${env:BRIDGE_TEST_TOKEN} b":  "a tok ${env:NOT_AGAIN} b",
		"[${env:BRIDGE_TEST_EMPTY}]":    "[]",
		"$${env:BRIDGE_TEST_TOKEN}":     "${env:BRIDGE_TEST_TOKEN}",
		"${file:lf}":                    "one\ntwo\n",
		"${file:crlf}-${file:empty}":    "one-",
		"${file:" + dir + "/crlf}":      "one",
		"${file:crlf}${file:crlf}$$$${": "oneone$$${",
	} {
		if got := resolve(t, r, expression); got != want {
			t.Errorf("Resolve(%q) = %q, want %q", expression, got, want)
		}
	}
}

func TestResolveNamesWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "big"), strings.Repeat("x", 1<<20+1))
	r := &credential.Resolver{Dir: dir}
	for expression, want := range map[string]string{
		planted + "${env:BRIDGE_TEST_MISSING}": "BRIDGE_TEST_MISSING is not set",
		planted + "${file:missing}":            "the file missing,",
		planted + "${file:.}":                  "the file .,",
		planted + "${file:big}":                "the file big,",
		planted + "${keychain:x}":              `"keychain"`,
		planted + "${exec:true}":               "can't be used here",
	} {
		_, err := r.Resolve(t.Context(), expression)
		var f *fault.Error
		if !errors.As(err, &f) || !strings.Contains(f.Message, want) || strings.Contains(err.Error(), planted) {
			t.Errorf("Resolve(%q) = %v", expression, err)
		}
		if strings.Contains(f.Message, dir) {
			t.Errorf("the message tells the caller about folders: %s", f.Message)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Resolve(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("with a canceled context: %v", err)
	}
}

func TestResolveSeesARotatedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	r := &credential.Resolver{}
	old := time.Now().Add(-time.Hour)
	write(t, path, "first")
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second is from memory
		if got := resolve(t, r, "${file:"+path+"}"); got != "first" {
			t.Fatalf("got %q", got)
		}
	}
	// Of the same length and, to a coarse clock, at the same time as the next.
	for _, text := range []string{"again", "third", "fours"} {
		write(t, path, text)
		if got := resolve(t, r, "${file:"+path+"}"); got != text {
			t.Errorf("got %q after %q was written", got, text)
		}
	}
	// A file put in its place with the same size and an old time.
	next := path + ".next"
	write(t, next, "swaps")
	if err := os.Chtimes(next, old, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	if got := resolve(t, r, "${file:"+path+"}"); got != "swaps" {
		t.Errorf("got %q after the file was replaced", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Resolve(t.Context(), "${file:"+path+"}"); err == nil {
		t.Error("a file that is gone must not be answered from memory")
	}
}

func TestResolveInParallel(t *testing.T) {
	dir := t.TempDir()
	r := &credential.Resolver{Dir: dir}
	const names = 4
	for i := range names {
		write(t, filepath.Join(dir, fmt.Sprint(i)), fmt.Sprint("value", i))
	}
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			secret, err := r.Resolve(context.Background(), fmt.Sprintf("${file:%d}", i%names))
			if want := fmt.Sprint("value", i%names); err != nil || secret.Reveal() != want {
				t.Errorf("got %q, %v, want %q", secret.Reveal(), err, want)
			}
		})
	}
	wg.Wait()
}
