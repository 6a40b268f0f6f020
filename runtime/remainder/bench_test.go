package remainder_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/remainder"
)

// list is a document of about 1 MB.
func list() string {
	var items []string
	for i := range 9000 {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"person %d","email":"p%d@example.com","note":"likes walks, and long lists","active":true,"tags":["a","b"]}`, i, i, i))
	}
	return `{"items":[` + strings.Join(items, ",") + `]}`
}

func BenchmarkKeep(b *testing.B) {
	k := newKeeper(b, remainder.Options{MaxBytes: 1 << 24})
	res := texts(list())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Keep(b.Context(), alice, res); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	k := newKeeper(b, remainder.Options{})
	doc := list()
	handle := keep(b, k, texts(doc))
	for name, req := range map[string]remainder.ReadRequest{
		"items":  {Path: "/items", From: 4000, Budget: 5000},
		"item":   {Path: "/items/8000/email"},
		"search": {Search: "person 8999"},
	} {
		b.Run(name, func(b *testing.B) {
			req.Handle = handle
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				if _, err := k.Read(b.Context(), alice, req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
