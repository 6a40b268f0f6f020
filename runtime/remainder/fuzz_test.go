package remainder_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/remainder"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// FuzzRead reads what anybody may ask for, and holds each page to its budget.
func FuzzRead(f *testing.F) {
	f.Add(small, "/items/1", 1, 2, "2-", "name", 1, 100)
	f.Add("one\ntwo\n", "", 0, 0, "1-2", "", 2, 500)
	f.Add(`[[[1]],{"":{"/":"~"}}]`, "/1//~1", 0, 0, "", "", 1, 120)
	f.Add("[\"\xff\"]\xff", "/0", 0, 1<<31, "", "\xff", 0, 120)
	f.Fuzz(func(t *testing.T, doc, path string, from, count int, lines, search string, block, budget int) {
		k := newKeeper(t, remainder.Options{})
		res := &call.Result{Content: []call.Block{call.Text(doc), call.Text("two")}}
		if json.Valid([]byte(doc)) {
			res.Structured = json.RawMessage(`{"a":` + doc + `}`)
		}
		req := remainder.ReadRequest{Handle: keep(t, k, res), Path: path, From: from, Count: count, Lines: lines, Search: search, Block: &block, Budget: budget}
		got, err := k.Read(context.Background(), alice, req)
		if err != nil {
			if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.NotFound {
				t.Fatalf("%+v: %v", req, err)
			}
			return
		}
		n := 0
		for _, b := range got.Content {
			n += encoding(t).Count(b.Text)
		}
		if budget > 0 && n > budget {
			t.Fatalf("%+v: %d tokens", req, n)
		}
		var p shown
		if err := json.Unmarshal(got.Meta[remainder.MetaKey], &p); err != nil {
			t.Fatal(err)
		}
		if p.Next != nil && p.Next.Path == p.Path && p.Next.Lines == "" && p.Unit != "lines" && *p.Next.Block == p.Block && p.Next.From <= p.From {
			t.Fatalf("%+v: the next page is %+v", req, p.Next)
		}
	})
}

// FuzzHandle reads handles and URIs, and asks what they name.
func FuzzHandle(f *testing.F) {
	f.Add("abcdefghijklmnopqrstuvwxyz")
	f.Add("bridge://result/abcdefghijklmnopqrstuvwxyz?path=%2Fa&from=3&block=0")
	f.Fuzz(func(t *testing.T, text string) {
		handle, err := remainder.ParseHandle(text)
		if err == nil && (len(handle) != 26 || strings.Trim(handle, "abcdefghijklmnopqrstuvwxyz") != "") {
			t.Fatalf("%q is read as %q", text, handle)
		}
		if req, err := remainder.ParseURI(text); err == nil {
			_, _ = remainder.ParseHandle(req.Handle)
		}
		k := newKeeper(t, remainder.Options{})
		args, _ := json.Marshal(map[string]string{"id": text})
		for _, arguments := range [][]byte{args, []byte(text)} {
			res, err := k.Invoke(context.Background(), &call.Call{Caller: alice, Arguments: arguments})
			if err != nil || !res.IsError {
				t.Fatalf("%s: %v, %v", arguments, res, err)
			}
		}
	})
}

// FuzzStored reads what a store may have under a handle.
func FuzzStored(f *testing.F) {
	s := store.Memory(store.Options{})
	defer s.Close()
	k := remainder.New(remainder.Options{Counter: encoding(f), Store: s, Shared: true})
	defer k.Close()
	handle := keep(f, k, texts(small))
	raw, err := s.Get(context.Background(), "remainder/result/"+handle)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:50])
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := store.Memory(store.Options{})
		defer s.Close()
		k := newKeeper(t, remainder.Options{Store: s, MaxEntry: 10_000})
		if err := s.Set(context.Background(), "remainder/result/"+handle, raw, 0); err != nil {
			t.Fatal(err)
		}
		_, _ = k.Read(context.Background(), alice, remainder.ReadRequest{Handle: handle})
	})
}
