package shape_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// handle is of the form and length of those that are given out.
const handle = "qwhzkfbxpntjraeymcudgvoils"

// kept sends a result through the stage and returns what came out, and what was
// handed to the keeper.
func kept(t *testing.T, c *call.Call, res *call.Result, answer string) (*call.Result, []*call.Result) {
	t.Helper()
	var asked []*call.Result
	s := shape.New(shape.Options{Counter: encoding(t), Keep: func(_ context.Context, of *call.Call, res *call.Result) string {
		if of != c {
			t.Error("the keeper was asked for another call")
		}
		asked = append(asked, res)
		return answer
	}})
	out, err := s.Middleware()(func(context.Context, *call.Call) (*call.Result, error) { return res, nil })(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return out, asked
}

func people(n int) *call.Result {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":%d,"name":"person %d","note":"likes walks, and long lists of things"},`, i, i)
	}
	return &call.Result{Content: []call.Block{call.Text("[" + strings.TrimSuffix(b.String(), ",") + "]")}}
}

func TestWhatIsCutIsKeptAndSaidWithinTheBudget(t *testing.T) {
	res := people(500)
	for budget := 1; budget < 400; budget++ {
		out, asked := kept(t, &call.Call{Budget: budget}, res, handle)
		if len(asked) != 1 || asked[0] != res {
			t.Fatalf("at %d tokens the keeper was asked %d times; want once, for the whole result", budget, len(asked))
		}
		if n := read(t, out); n > budget {
			t.Fatalf("at %d tokens the result has %d", budget, n)
		}
		text := fmt.Sprint(out.Content)
		if told := strings.Contains(text, `bridge_read {"id":"`+handle+`"}`); !told && budget >= 90 {
			t.Errorf("at %d tokens the handle is not named: %s", budget, text)
		}
		var meta struct{ ID, URI string }
		if err := json.Unmarshal(out.Meta[shape.MetaKey], &meta); err != nil || meta.ID != handle || meta.URI != "bridge://result/"+handle {
			t.Fatalf("_meta has %s", out.Meta[shape.MetaKey])
		}
	}
}

func TestALinkGoesToWhoKnowsLinks(t *testing.T) {
	links := func(r *call.Result) (n int) {
		for _, b := range r.Content {
			if b.Type == "resource_link" {
				n++
			}
		}
		return n
	}
	out, _ := kept(t, &call.Call{Budget: 1000}, people(500), handle)
	old, _ := kept(t, &call.Call{Budget: 1000, TextOnly: true}, people(500), handle)
	if links(out) != 1 || links(old) != 0 {
		t.Errorf("%d links, and %d for a protocol without; want 1 and 0", links(out), links(old))
	}
}

func TestWhatCanNotBeKeptIsNotPromised(t *testing.T) {
	out, asked := kept(t, &call.Call{Budget: 300}, people(100), "")
	if text := fmt.Sprint(out.Content, string(out.Meta[shape.MetaKey])); strings.Contains(text, "bridge") || len(asked) != 1 {
		t.Errorf("asked %d times; %s", len(asked), text)
	}
}

func TestWhatFitsIsNotKept(t *testing.T) {
	loose := &call.Result{Content: []call.Block{call.Text(`[ 1,          2,          3 ]`)}}
	for _, res := range []*call.Result{people(2), loose} {
		if _, asked := kept(t, &call.Call{Budget: 100}, res, handle); len(asked) != 0 {
			t.Errorf("kept, though nothing was cut: %v", res.Content)
		}
	}
	if _, asked := kept(t, &call.Call{Budget: 8}, loose, handle); len(asked) != 0 {
		t.Error("kept, though only white space went")
	}
}

func TestWhatIsProjectedAwayIsNotKept(t *testing.T) {
	c := &call.Call{Budget: 300, Tool: &tool.Tool{Shaping: &tool.Shaping{Drop: tool.Drop{Keys: []string{"note"}}}}}
	out, asked := kept(t, c, people(500), handle)
	if len(asked) != 1 || strings.Contains(asked[0].Content[0].Text, "likes walks") || !strings.Contains(asked[0].Content[0].Text, "person 499") {
		t.Errorf("kept %.300v", asked)
	}
	if n := read(t, out); n > 300 {
		t.Errorf("the result has %d tokens", n)
	}
}
