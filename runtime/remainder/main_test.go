package remainder_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/remainder"
	"github.com/bridge-gateway/bridge/runtime/token"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var open = sync.OnceValues(func() (*token.Encoding, error) { return token.Open("o200k_base") })

func encoding(t testing.TB) *token.Encoding {
	t.Helper()
	enc, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

func newKeeper(t testing.TB, o remainder.Options) *remainder.Keeper {
	t.Helper()
	o.Counter = encoding(t)
	k := remainder.New(o)
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

var alice = call.Caller{ID: "alice"}

// keep keeps a result of blocks for alice.
func keep(t testing.TB, k *remainder.Keeper, res *call.Result) string {
	t.Helper()
	handle, err := k.Keep(context.Background(), alice, res)
	if err != nil {
		t.Fatal(err)
	}
	return handle
}

func texts(list ...string) *call.Result {
	res := &call.Result{}
	for _, text := range list {
		res.Content = append(res.Content, call.Text(text))
	}
	return res
}

// shown is a page as a program reads it.
type shown struct {
	text, notice string
	Block        int
	Path, Unit   string
	From, To     int
	Total        int
	Left         []string
	Next         *remainder.ReadRequest
}

// read reads a page, and checks that it is within its budget.
func read(t testing.TB, k *remainder.Keeper, r remainder.ReadRequest) shown {
	t.Helper()
	res, err := k.Read(context.Background(), alice, r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	n := 0
	for _, b := range res.Content {
		n += encoding(t).Count(b.Text)
	}
	if budget := r.Budget; budget > 0 && n > budget {
		t.Fatalf("%+v: the page has %d tokens", r, n)
	}
	var p shown
	if err := json.Unmarshal(res.Meta[remainder.MetaKey], &p); err != nil {
		t.Fatal(err)
	}
	p.text = res.Content[0].Text
	if len(res.Content) > 1 {
		p.notice = res.Content[1].Text
	} else if strings.HasPrefix(p.text, "[") && strings.HasSuffix(p.text, "]") && p.Total == 0 {
		p.notice = p.text
	}
	return p
}

// value reads a value of a JSON document in pages, and puts it together again.
func value(t testing.TB, k *remainder.Keeper, r remainder.ReadRequest) json.RawMessage {
	t.Helper()
	first := read(t, k, r)
	var parts []string // by index
	var text strings.Builder
	for p := first; ; {
		switch p.Unit {
		case "items", "keys":
			parts = append(parts, children(t, k, r, p)...)
		default:
			text.WriteString(p.text)
		}
		if p.Next == nil || p.Next.Path != p.Path || p.Next.Block != nil && *p.Next.Block != p.Block {
			break
		}
		if p.Next.From <= p.From {
			t.Fatalf("the next page is from %d, after one from %d", p.Next.From, p.From)
		}
		next := *p.Next
		next.Budget = r.Budget
		p = read(t, k, next)
	}
	switch first.Unit {
	case "items":
		return json.RawMessage("[" + strings.Join(parts, ",") + "]")
	case "keys":
		return json.RawMessage("{" + strings.Join(parts, ",") + "}")
	}
	return json.RawMessage(text.String())
}

// children returns what a page shows and, read by itself, what it left out.
func children(t testing.TB, k *remainder.Keeper, r remainder.ReadRequest, p shown) []string {
	t.Helper()
	if !json.Valid([]byte(p.text)) {
		t.Fatalf("the page is not valid JSON: %.200s", p.text)
	}
	var out []string
	if inner := strings.TrimSpace(p.text); len(inner) > 2 {
		out = append(out, inner[1:len(inner)-1])
	}
	for _, path := range p.Left {
		below := r
		below.Path, below.From = path, 0
		raw := value(t, k, below)
		if !json.Valid(raw) || read(t, k, below).Unit == "characters" {
			quoted, _ := json.Marshal(string(raw))
			raw = quoted
		}
		if p.Unit == "keys" {
			name, _ := json.Marshal(last(path))
			raw = append(append(name, ':'), raw...)
		}
		out = append(out, string(raw))
	}
	return out
}

func last(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
}

// equal compares two documents by what they say.
func equal(t testing.TB, a, b []byte) bool {
	t.Helper()
	norm := func(raw []byte) string {
		var v any
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("%v: %.300s", err, raw)
		}
		out, _ := json.Marshal(v)
		return string(out)
	}
	return norm(a) == norm(b)
}

// document makes a random document.
func document(r *rand.Rand, depth int) any {
	switch n := r.IntN(10); {
	case depth > 0 && n < 3:
		out := map[string]any{}
		for range r.IntN(8) {
			out[word(r, 12)] = document(r, depth-1)
		}
		return out
	case depth > 0 && n < 6:
		out := make([]any, r.IntN(12))
		for i := range out {
			out[i] = document(r, depth-1)
		}
		return out
	case n == 6:
		return json.Number(fmt.Sprintf("%d.%d", r.Int64(), r.IntN(1000)))
	case n == 7:
		return []any{nil, true, false}[r.IntN(3)]
	case n == 8:
		return word(r, 1500)
	}
	return word(r, 30)
}

func word(r *rand.Rand, most int) string {
	const signs = "abcdefghijklmnop rstuvwxyz/~\"\\\n<>&éñ日本🎉0123456789.,"
	all := []rune(signs)
	out := make([]rune, r.IntN(most)+1)
	for i := range out {
		out[i] = all[r.IntN(len(all))]
	}
	return string(out)
}
