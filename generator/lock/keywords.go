package lock

import (
	"slices"
	"strings"
)

// widened returns the level of a change that allows more than before.
func (w *walk) widened() Level {
	if w.side == forOutput {
		return Warning
	}
	return Compatible
}

// narrowed returns the level of a change that allows less than before.
func (w *walk) narrowed() Level {
	if w.side == forInput {
		return Breaking
	}
	return Compatible
}

// why ends the message of a change that breaks.
func (w *walk) why(narrower bool) string {
	switch {
	case w.side == forInput && narrower:
		return ": calls that were right are refused now"
	case w.side == forOutput && !narrower:
		return ": readers may meet what they do not expect"
	}
	return ""
}

// jsonTypes are the types of JSON Schema, without integer, which is within number.
var jsonTypes = []string{"array", "boolean", "null", "number", "object", "string"}

// typesOf returns the types that a schema allows; all, where it names none.
func typesOf(o object) []string {
	var out []string
	switch t := o["type"].(type) {
	case string:
		out = []string{t}
	case []any:
		for _, v := range t {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
	}
	if len(out) == 0 {
		out = valueTypes(o)
	}
	if len(out) == 0 {
		return jsonTypes
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// valueTypes returns the types of the values that a schema lists.
func valueTypes(o object) []string {
	values, given := valuesOf(o)
	if !given {
		return nil
	}
	var out []string
	for _, v := range values {
		switch v.(type) {
		case nil:
			out = append(out, "null")
		case bool:
			out = append(out, "boolean")
		case float64:
			out = append(out, "number")
		case string:
			out = append(out, "string")
		case []any:
			out = append(out, "array")
		case object:
			out = append(out, "object")
		}
	}
	return out
}

// lacks returns the types of these that those do not allow.
func lacks(these, those []string) []string {
	var out []string
	for _, t := range these {
		if !slices.Contains(those, t) && (t != "integer" || !slices.Contains(those, "number")) {
			out = append(out, t)
		}
	}
	return out
}

// types compares the types; false means that they have nothing in common, so
// that nothing else is worth comparing.
func (w *walk) types(before, after object, where string) bool {
	was, is := typesOf(before), typesOf(after)
	gone, new := lacks(was, is), lacks(is, was)
	if len(gone) == 0 && len(new) == 0 {
		return true
	}
	level, why := Compatible, ""
	switch {
	case w.side == forInput && len(gone) > 0:
		level, why = Breaking, w.why(true)
	case w.side == forOutput && len(new) > 0:
		level, why = Breaking, w.why(false)
	}
	w.add(level, TypeChanged, where, "was %s and is now %s%s", typeNames(was), typeNames(is), why)
	return len(gone) < len(was)
}

func typeNames(types []string) string {
	if len(types) == len(jsonTypes) {
		return "anything"
	}
	return strings.Join(types, " or ")
}

// valuesOf returns the values that a schema lists by enum or const.
func valuesOf(o object) (values []any, given bool) {
	if v, ok := o["const"]; ok {
		return []any{v}, true
	}
	values, given = o["enum"].([]any)
	return values, given
}

// enum compares the values that are allowed.
func (w *walk) enum(before, after object, where string) {
	was, had := valuesOf(before)
	is, has := valuesOf(after)
	switch {
	case !had && !has:
	case !had:
		w.add(w.narrowed(), EnumChanged, where, "is now one of %s%s", list(is), w.why(true))
	case !has:
		w.add(w.widened(), EnumChanged, where, "may now be any value, not only %s%s", list(was), w.why(false))
	default:
		if gone := without(was, is); len(gone) > 0 {
			w.add(w.narrowed(), EnumChanged, where, "may no longer be %s%s", list(gone), w.why(true))
		}
		if more := without(is, was); len(more) > 0 {
			w.add(w.widened(), EnumChanged, where, "may now be %s too%s", list(more), w.why(false))
		}
	}
}

func without(these, those []any) []any {
	return slices.DeleteFunc(slices.Clone(these), func(v any) bool {
		return slices.ContainsFunc(those, func(o any) bool { return equal(v, o) })
	})
}

func list(values []any) string {
	const most = 8
	var out []string
	for i, v := range values {
		if i == most {
			out = append(out, "…")
			break
		}
		out = append(out, show(v))
	}
	return strings.Join(out, ", ")
}

// limits are the keywords that bound a value: with sign 1 a greater one is
// narrower, with -1 a smaller one.
var limits = []struct {
	key  string
	sign float64
}{
	{"minimum", 1}, {"exclusiveMinimum", 1}, {"maximum", -1}, {"exclusiveMaximum", -1},
	{"minLength", 1}, {"maxLength", -1}, {"minItems", 1}, {"maxItems", -1},
	{"minProperties", 1}, {"maxProperties", -1}, {"minContains", 1}, {"maxContains", -1},
}

// bounds compares limits in numbers.
func (w *walk) bounds(before, after object, where string) {
	for _, l := range limits {
		was, had := before[l.key].(float64)
		is, has := after[l.key].(float64)
		switch {
		case had == has && was == is:
		case !had || has && (is-was)*l.sign > 0:
			w.add(w.narrowed(), BoundChanged, where, "%s was %s and is now %s%s", l.key, show(before[l.key]), show(after[l.key]), w.why(true))
		default:
			w.add(w.widened(), BoundChanged, where, "%s was %s and is now %s", l.key, show(before[l.key]), show(after[l.key]))
		}
	}
	if before["uniqueItems"] != true && after["uniqueItems"] == true {
		w.add(w.narrowed(), BoundChanged, where, "its items must differ from each other now%s", w.why(true))
	}
}

// formats compares what can't be told to be wider or narrower: a change counts
// as both.
func (w *walk) formats(before, after object, where string) {
	for _, key := range []string{"pattern", "format", "multipleOf", "contentEncoding", "contentMediaType"} {
		was, had := before[key]
		is, has := after[key]
		switch {
		case equal(was, is):
		case !had:
			w.add(w.narrowed(), FormatChanged, where, "%s is now %s%s", key, show(is), w.why(true))
		case !has:
			w.add(w.widened(), FormatChanged, where, "%s was %s and is now free", key, show(was))
		case key == "pattern" || key == "multipleOf":
			level := w.narrowed()
			if w.side == forOutput {
				level = Warning
			}
			w.add(level, FormatChanged, where, "%s was %s and is now %s%s", key, show(was), show(is), w.why(true))
		default:
			w.add(Breaking, FormatChanged, where, "%s was %s and is now %s", key, show(was), show(is))
		}
	}
}

// conditions compares the keywords that this package does not look into.
func (w *walk) conditions(before, after object, where string) {
	for _, key := range []string{
		"not", "if", "then", "else", "contains", "propertyNames", "patternProperties",
		"dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems",
	} {
		was, had := before[key]
		is, has := after[key]
		switch {
		case equal(was, is):
		case had && !has:
			w.add(w.widened(), ConditionChanged, where, "%q no longer holds", key)
		case !had && w.side == forOutput:
			w.add(Compatible, ConditionChanged, where, "%q holds now", key)
		default:
			level := Warning
			if w.side == forInput {
				level = Breaking
			}
			w.add(level, ConditionChanged, where, "%q changed, and whether it allows less can't be told", key)
		}
	}
}
