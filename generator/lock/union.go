package lock

import (
	"slices"
	"strconv"
	"strings"
)

// variant is one form of a union.
type variant struct {
	name   string // its definition or title; else its type
	schema object
}

// unionOf returns the variants of oneOf or anyOf.
func unionOf(o object) []any {
	if list, ok := o["oneOf"].([]any); ok {
		return list
	}
	list, _ := o["anyOf"].([]any)
	return list
}

// pure reports whether a schema is a union and nothing but words beside.
func pure(o object) bool {
	if unionOf(o) == nil {
		return false
	}
	for key := range o {
		switch key {
		case "oneOf", "anyOf", "title", "description", "discriminator", "default", "deprecated", "examples", "type":
		default:
			return false
		}
	}
	return true
}

// unions compares unions; true means that nothing else is left to be compared.
// A schema that became a union, or was one, counts as a union of one.
func (w *walk) unions(before, after object, where string, depth int) (done bool) {
	was, is := unionOf(before), unionOf(after)
	if was == nil && is == nil {
		return false
	}
	alone := (was == nil || pure(before)) && (is == nil || pure(after))
	switch {
	case was != nil && is != nil:
	case alone && was == nil:
		was = []any{before}
	case alone:
		is = []any{after}
	case was == nil:
		w.add(w.narrowed(), ConditionChanged, where, "must also be one of %d forms now%s", len(is), w.why(true))
		return false
	default:
		w.add(w.widened(), ConditionChanged, where, "need no longer be one of %d forms", len(was))
		return false
	}
	w.variants(variants(w.c.old, was), variants(w.c.new, is), where, depth)
	return alone
}

func variants(s *schemas, list []any) []variant {
	out := make([]variant, len(list))
	for i, v := range list {
		o := asObject(v)
		out[i] = variant{name: variantName(s, o), schema: o}
	}
	return out
}

func variantName(s *schemas, o object) string {
	if ref := refOf(o); ref != "" {
		return ref
	}
	if title, ok := o["title"].(string); ok && title != "" {
		return title
	}
	if c, ok := o["const"]; ok {
		return show(c)
	}
	if types := typesOf(o); len(types) < len(jsonTypes) {
		return strings.Join(types, " or ")
	}
	return "anything"
}

// variants compares forms with those of the same name, then what is left by
// equal content, then by type.
func (w *walk) variants(was, is []variant, where string, depth int) {
	taken := make([]bool, len(is))
	partner := make([]int, len(was))
	for i := range partner {
		partner[i] = -1
	}
	for _, same := range []func(a, b variant) bool{
		func(a, b variant) bool { return a.name == b.name && equal(a.schema, b.schema) },
		func(a, b variant) bool { return a.name == b.name },
		func(a, b variant) bool { return equal(w.target(w.c.old, a), w.target(w.c.new, b)) },
		func(a, b variant) bool {
			return slices.Equal(typesOf(w.target(w.c.old, a)), typesOf(w.target(w.c.new, b)))
		},
	} {
		for i := range was {
			for j := range is {
				if partner[i] < 0 && !taken[j] && same(was[i], is[j]) {
					partner[i], taken[j] = j, true
				}
			}
		}
	}
	for i, j := range partner {
		if j < 0 {
			w.add(w.narrowed(), VariantRemoved, where, "may no longer be %s%s", was[i].name, w.why(true))
			continue
		}
		at := where
		if len(was) > 1 || len(is) > 1 {
			at += "<" + is[j].name + ">"
		}
		w.compare(was[i].schema, is[j].schema, at, depth+1)
	}
	var known []string
	for _, v := range was {
		known = append(known, typesOf(w.target(w.c.old, v))...)
	}
	for j, v := range is {
		if !taken[j] {
			level := w.widened()
			if w.side == forOutput && len(lacks(typesOf(w.target(w.c.new, v)), known)) > 0 {
				level = Breaking // not only another form, another type
			}
			w.add(level, VariantAdded, where, "may now be %s too%s", v.name, w.why(false))
		}
	}
}

// target returns a variant's schema, through one reference.
func (w *walk) target(s *schemas, v variant) object {
	if ref := refOf(v.schema); ref != "" {
		return s.def(ref)
	}
	return v.schema
}

// all compares conditions that hold together.
func (w *walk) all(before, after object, where string, depth int) {
	was, _ := before["allOf"].([]any)
	is, _ := after["allOf"].([]any)
	for i := range min(len(was), len(is)) {
		w.compare(asObject(was[i]), asObject(is[i]), where+"&"+strconv.Itoa(i), depth+1)
	}
	if more := len(is) - len(was); more > 0 {
		w.add(w.narrowed(), ConditionChanged, where, "must meet %d further conditions (allOf)%s", more, w.why(true))
	} else if more < 0 {
		w.add(w.widened(), ConditionChanged, where, "need no longer meet %d conditions (allOf)", -more)
	}
}
