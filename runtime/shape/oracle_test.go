package shape_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"

	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// What comes out is counted again, by tiktoken-go, which is not what shaping
// counts with.
func TestCountsAreTiktokens(t *testing.T) {
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	oracle, err := tiktoken.GetEncoding("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	count := func(text string) int { return len(oracle.EncodeOrdinary(text)) }
	s := newShaper(t)
	bodies := payloads(15)
	r := rand.New(rand.NewPCG(51, 52))
	for i := range 60 {
		bodies[fmt.Sprint("random ", i)] = random(r, 10+r.IntN(200))
	}
	bodies["HTML"], bodies["log"] = webPage(20), lines(300, "2026-11-23T04:00:00Z level=info request %d done")
	checked := 0
	for name, body := range bodies {
		full := count(body)
		for _, budget := range []int{50, full / 3, full - 1, full} {
			for _, layout := range []tool.Layout{"", tool.LayoutAuto} {
				res := text(body)
				if json.Valid([]byte(body)) {
					res = both(body)
				}
				if budget <= 0 {
					continue
				}
				out, report := s.ShapeBy(t.Context(), res, shape.Settings{Budget: budget, Shaping: &tool.Shaping{Encoding: layout}})
				n := 0
				for _, b := range out.Content {
					n += count(b.Text)
				}
				if out.Structured != nil {
					n += count(string(out.Structured))
				}
				if n > budget || n != report.After {
					t.Errorf("%s, %q: %d of %d, reports %d", name, layout, n, budget, report.After)
				}
				checked++
			}
		}
	}
	t.Logf("%d results", checked)
}
