package native

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAsksForInput(t *testing.T) {
	for text, want := range map[string]bool{
		`{"resultType":"input_required"}`:                                      true,
		`{"a":"qq input_reqinput_required","resultType":"input_required"}`:     true,
		`{"resultType":"complete","content":"input_required"}`:                 false,
		`{"resultType":"input_require"}`:                                       false,
		`{"resultType":"put_required"}`:                                        false,
		`{"a":"` + strings.Repeat("q", 30) + `","resultType":"inputrequired"}`: false,
		`{}`: false,
		`q`:  false,
		``:   false,
	} {
		if got := asksForInput(json.RawMessage(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
