package tool

import "slices"

// Reshaping changes a [Shaping] key by key: what is nil in it stays as it was.
// Its zero value changes nothing. Who serves a tool has one for all tools, for a
// source and for a tool, and a document has one for all operations.
type Reshaping struct {
	// Fields take the place of Fields and JQ; empty, and not nil, they keep all.
	Fields []string
	// JQ takes the place of JQ and Fields. At most one of both is given.
	JQ *string
	// Nulls, Empty and Keys change Drop: Keys are added to those that are there.
	Nulls, Empty *bool
	Keys         []string
	Encoding     *Layout
	Pages        *int
	Cache        *int // in seconds
	Dedupe       *bool
}

// Over returns the change that does what base does and then what r does.
func (r Reshaping) Over(base Reshaping) Reshaping {
	out := base
	if r.Fields != nil || r.JQ != nil {
		out.Fields, out.JQ = r.Fields, r.JQ
	}
	out.Nulls, out.Empty = firstGiven(r.Nulls, base.Nulls), firstGiven(r.Empty, base.Empty)
	out.Keys = union(base.Keys, r.Keys)
	out.Encoding, out.Pages = firstGiven(r.Encoding, base.Encoding), firstGiven(r.Pages, base.Pages)
	out.Cache, out.Dedupe = firstGiven(r.Cache, base.Cache), firstGiven(r.Dedupe, base.Dedupe)
	return out
}

// Apply returns s, which may be nil, with the changes: a new one, or s itself
// where there are none; nil where nothing is left to be done to a result.
func (r Reshaping) Apply(s *Shaping) *Shaping {
	if r.IsZero() {
		return s
	}
	out := Shaping{}
	if s != nil {
		out = *s
	}
	if r.Fields != nil || r.JQ != nil {
		out.Fields, out.JQ = nil, ""
		if len(r.Fields) > 0 {
			out.Fields = r.Fields
		}
		set(&out.JQ, r.JQ)
	}
	set(&out.Drop.Nulls, r.Nulls)
	set(&out.Drop.Empty, r.Empty)
	out.Drop.Keys = union(out.Drop.Keys, r.Keys)
	set(&out.Encoding, r.Encoding)
	set(&out.Pages, r.Pages)
	set(&out.Cache, r.Cache)
	set(&out.Dedupe, r.Dedupe)
	return out.Effective()
}

// IsZero reports whether nothing is changed.
func (r Reshaping) IsZero() bool {
	return r.Fields == nil && r.JQ == nil && r.Nulls == nil && r.Empty == nil && len(r.Keys) == 0 &&
		r.Encoding == nil && r.Pages == nil && r.Cache == nil && r.Dedupe == nil
}

// Effective returns s with what is a default left out, so that shapings that do
// the same are equal; nil where nothing is done to a result.
func (s Shaping) Effective() *Shaping {
	if s.Encoding == LayoutJSON {
		s.Encoding = ""
	}
	if s.Pages == 1 {
		s.Pages = 0
	}
	if len(s.Fields) == 0 && s.JQ == "" && s.Drop.IsZero() && s.Encoding == "" && s.Pages == 0 && s.Cache == 0 && !s.Dedupe {
		return nil
	}
	return &s
}

func firstGiven[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// union returns the words of both, each once, in their order. Neither changes.
func union(a, b []string) []string {
	out := a
	for _, word := range b {
		if !slices.Contains(out, word) {
			out = append(slices.Clip(out), word)
		}
	}
	return out
}
