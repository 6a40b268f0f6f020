package openapi

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Bounds of what "x-mcp" says of results.
const (
	maxBudget   = 1_000_000 // tokens
	maxFields   = 100       // pointers of fields, and names of drop.keys
	maxPointer  = 512       // bytes of one of them
	maxJQ       = 16 << 10  // bytes
	maxPages    = 100
	maxCacheFor = 24 * time.Hour
)

// layouts are the values of "encoding".
var layouts = []tool.Layout{tool.LayoutJSON, tool.LayoutAuto, tool.LayoutTOON, tool.LayoutCSV, tool.LayoutColumns}

// shaped is what an "x-mcp" says of results: of an operation's, or of those of
// all operations.
type shaped struct {
	budget *int
	change tool.Reshaping
}

// shapingKeys are the members that shaper reads.
var shapingKeys = []string{"budget", "fields", "jq", "drop", "encoding", "pages", "cache", "dedupe"}

// shaper reads members of an "x-mcp" that say something of results. What does not
// fit is reported and left out.
type shaper struct {
	shaped
	warn func(at *node, format string, args ...any)
}

// member reads one member; false where it is of another name.
func (s *shaper) member(key string, v, at *node) bool {
	var good bool
	switch key {
	case "budget":
		s.budget, good = whole(v, maxBudget)
	case "fields":
		good = s.fields(v, at)
	case "jq":
		good = s.jq(v, at)
	case "drop":
		good = s.drop(v)
	case "encoding":
		layout := tool.Layout(v.str())
		if good = v.is(kindString) && slices.Contains(layouts, layout); good {
			s.change.Encoding = &layout
		}
	case "pages":
		s.change.Pages, good = whole(v, maxPages)
	case "cache":
		good = s.cache(v)
	case "dedupe":
		s.change.Dedupe, good = flagOf(v)
	default:
		return false
	}
	if !good {
		s.warn(at, "x-mcp %s must be %s: it is ignored", key, wantedOf[key])
	}
	return true
}

// wantedOf says what the members are to be.
var wantedOf = map[string]string{
	"budget":   "a whole number of tokens, at most 1000000",
	"fields":   `a list of up to 100 JSON pointers such as "/items/*/id", in which * stands for every element or key`,
	"jq":       "a jq program of at most 16 KB",
	"drop":     `an object with nulls, empty (true or false) and keys (a list of up to 100 names)`,
	"encoding": "json, auto, toon, csv or columns",
	"pages":    "a whole number of pages, at most 100",
	"cache":    `a time in whole seconds, such as "30s", of at most 24 hours`,
	"dedupe":   "true or false",
}

func (s *shaper) fields(v, at *node) bool {
	if !v.is(kindArray) || len(v.list) > maxFields {
		return false
	}
	fields := []string{}
	for _, item := range v.list {
		if !item.is(kindString) || !isPointer(item.text) {
			s.warn(item, "%q is no JSON pointer (RFC 6901), such as \"/items/*/id\": the x-mcp fields are ignored", cutText(item.str(), 60))
			return true
		}
		fields = append(fields, item.text)
	}
	if s.change.JQ != nil {
		s.warn(at, "x-mcp takes one of fields and jq: the fields are ignored")
		return true
	}
	s.change.Fields = fields
	return true
}

func (s *shaper) jq(v, at *node) bool {
	if !v.is(kindString) || strings.TrimSpace(v.text) == "" || len(v.text) > maxJQ {
		return false
	}
	if s.change.Fields != nil {
		s.warn(at, "x-mcp takes one of fields and jq: the jq is ignored")
		return true
	}
	s.change.JQ = &v.text
	return true
}

func (s *shaper) drop(v *node) bool {
	if !v.is(kindObject) {
		return false
	}
	for _, m := range v.members {
		good := true
		switch m.key {
		case "nulls":
			s.change.Nulls, good = flagOf(m.value)
		case "empty":
			s.change.Empty, good = flagOf(m.value)
		case "keys":
			good = m.value.is(kindArray) && len(m.value.list) <= maxFields &&
				!slices.ContainsFunc(m.value.list, func(n *node) bool { return !n.is(kindString) || n.text == "" || len(n.text) > maxPointer })
			if good {
				s.change.Keys = m.value.strings()
			}
		default:
			good = false
		}
		if !good {
			s.warn(v.keyNode(m.key), "x-mcp drop has no member %q of that type: it is ignored; it must be %s", m.key, wantedOf["drop"])
		}
	}
	return true
}

func (s *shaper) cache(v *node) bool {
	d, err := time.ParseDuration(v.str())
	if err != nil || d < 0 || d > maxCacheFor || d%time.Second != 0 {
		return false
	}
	seconds := int(d / time.Second)
	s.change.Cache = &seconds
	return true
}

// whole reads a number from 0 to most.
func whole(v *node, most int) (*int, bool) {
	var n int
	if !v.is(kindNumber) || json.Unmarshal([]byte(v.text), &n) != nil || n < 0 || n > most {
		return nil, false
	}
	return &n, true
}

func flagOf(v *node) (*bool, bool) {
	flag, ok := v.truth()
	if !ok {
		return nil, false
	}
	return &flag, true
}

// isPointer reports whether a text is a JSON pointer (RFC 6901, section 3) to
// something within a result.
func isPointer(s string) bool {
	if !strings.HasPrefix(s, "/") || len(s) > maxPointer {
		return false
	}
	for i := range len(s) {
		if s[i] == '~' && (i+1 == len(s) || s[i+1] != '0' && s[i+1] != '1') {
			return false
		}
	}
	return true
}

// shape gives a tool what its operation says of results, over what the document
// says of all. Only what reads may be answered from memory: a default does not
// hold for other tools, and an operation that says so itself is told.
func (l *lowerer) shape(op *operation, t *tool.Tool, own shaped) {
	all := l.shaped
	switch {
	case own.budget != nil:
		t.Budget = *own.budget
	case all.budget != nil:
		t.Budget = *all.budget
	}
	t.Shaping = own.change.Over(all.change).Apply(nil)
	if t.Shaping == nil || t.Shaping.Cache == 0 || t.Annotations.ReadOnly {
		return
	}
	t.Shaping.Cache = 0
	t.Shaping = t.Shaping.Effective()
	if own.change.Cache != nil {
		l.warn(op, "bad-extension", op.node.get("x-mcp").keyNode("cache"),
			"x-mcp cache is for operations that only read: it is ignored; if this one does, say so with readOnlyHint: true")
	}
}
