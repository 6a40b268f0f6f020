package corpus_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// exemption is one thing that documents have and Bridge does not do.
type exemption struct {
	// Code is that of the diagnostics that tell of it.
	Code string `yaml:"code"`
	// Lost is a part of what the walk over the raw document says is lost, of
	// which no diagnostic tells.
	Lost string `yaml:"lost"`
	// Documents have it. Notes of severity info may be on any document.
	Documents []string `yaml:"documents"`
	Reason    string   `yaml:"reason"`
}

// ledger is testdata/exemptions.yaml, with what of it was needed.
type ledger struct {
	list []exemption
	used map[string]bool // "code document", and "code" alone
}

func readLedger(t *testing.T) *ledger {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "exemptions.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger{used: map[string]bool{}}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&l.list); err != nil {
		t.Fatal(err)
	}
	for _, e := range l.list {
		if e.Reason == "" || (e.Code == "") == (e.Lost == "") {
			t.Errorf("an exemption needs a reason, and either a code or what is lost: %+v", e)
		}
	}
	return l
}

// checkDiagnostics checks that each code of a document has an exemption: errors
// and warnings one that names the document.
func (l *ledger) checkDiagnostics(t *testing.T, document string, diagnostics []openapi.Diagnostic) {
	t.Helper()
	told := map[string]bool{}
	for _, d := range diagnostics {
		l.used[d.Code] = true
		l.used[d.Code+" "+document] = true
		exempt := slices.ContainsFunc(l.list, func(e exemption) bool {
			return e.Code == d.Code && (d.Severity == openapi.SeverityInfo || slices.Contains(e.Documents, document))
		})
		if !exempt && !told[d.Code] {
			told[d.Code] = true
			t.Errorf("no exemption for %s in %s, as in: %s", d.Code, document, d)
		}
	}
}

// notExempt returns the losses that no exemption allows.
func (l *ledger) notExempt(document string, lost []string) []string {
	return slices.DeleteFunc(slices.Clone(lost), func(what string) bool {
		exempt := false
		for _, e := range l.list {
			if e.Lost != "" && strings.Contains(what, e.Lost) && slices.Contains(e.Documents, document) {
				l.used[e.Lost+" "+document] = true
				exempt = true
			}
		}
		return exempt
	})
}

// checkUse checks that every exemption was needed, for the documents that were
// there; whether one that names no document was, only if all of them were.
func (l *ledger) checkUse(t *testing.T, list []document) {
	t.Helper()
	have := names(list)
	complete := full()
	for _, e := range l.list {
		key := e.Code + e.Lost
		for _, document := range e.Documents {
			if !slices.Contains(have, document) {
				complete = false
			} else if !l.used[key+" "+document] {
				t.Errorf("the exemption of %q for %s is not needed any more: take it out", key, document)
			}
		}
	}
	for _, e := range l.list {
		if complete && len(e.Documents) == 0 && !l.used[e.Code] {
			t.Errorf("the exemption of %q is not needed any more: take it out", e.Code)
		}
	}
}
