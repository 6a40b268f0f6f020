package cli

import (
	"time"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// reshaping returns what a configuration says of results as a change of what
// tools say of theirs.
func reshaping(s config.Shape) tool.Reshaping {
	r := tool.Reshaping{Fields: s.Fields, Nulls: s.Drop.Nulls, Empty: s.Drop.Empty, Keys: s.Drop.Keys, Dedupe: s.Dedupe}
	if s.JQ != "" {
		r.JQ = &s.JQ
	}
	if s.Encoding != "" {
		layout := tool.Layout(s.Encoding)
		r.Encoding = &layout
	}
	if s.Pages != 0 {
		r.Pages = &s.Pages
	}
	if s.Cache != nil {
		seconds := int(time.Duration(*s.Cache) / time.Second)
		r.Cache = &seconds
	}
	return r
}
