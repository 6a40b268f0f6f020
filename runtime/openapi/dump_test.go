package openapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

func TestDumpX(t *testing.T) {
	p := os.Getenv("DUMP")
	if p == "" {
		t.Skip()
	}
	doc, err := openapi.Load(context.Background(), p, openapi.Options{Responses: os.Getenv("RESP") != ""})
	if err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(doc.API)
	fmt.Println(string(out))
	for _, tl := range doc.Tools {
		out, _ := json.MarshalIndent(tl, "", " ")
		fmt.Println(string(out))
	}
	for _, d := range doc.Diagnostics {
		fmt.Println(d)
	}
}
