package mock

import (
	"net/url"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxPairs bounds the number of pairs in a query string or form.
const maxPairs = 2000

// pair is one name=value of a query string or form. The value stays encoded
// until its parameter's style has split it.
type pair struct {
	name string
	raw  string
	used bool
}

// splitPairs splits a query string or form. Text that is not percent-encoded
// properly is taken as it stands.
func splitPairs(raw string) []pair {
	var out []pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		if len(out) == maxPairs {
			break
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, pair{name: unescape(name), raw: value})
	}
	return out
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// style is how the value of one name is written.
type style struct {
	style   tool.Style
	explode bool
}

// textual decodes name's value out of pairs, in the style given, as strings,
// lists and maps of strings. It reports false where there is none.
func (d *schemas) textual(pairs []pair, name string, st style, s *jsonschema.Schema) (any, bool) {
	types := d.types(s)
	isArray, isObject := slices.Contains(types, "array"), slices.Contains(types, "object")
	if v, ok := bracketed(pairs, name); ok {
		return v, true
	}
	values := takeRaw(pairs, name)
	if len(values) == 0 {
		if isObject && st.explode && st.style != tool.DeepObject {
			return d.explodedObject(pairs, s)
		}
		return nil, false
	}
	scalar := slices.ContainsFunc(types, func(t string) bool { return t != "array" && t != "object" && t != "null" })
	switch {
	case len(values) > 1:
		return unescapeAll(values), true
	case isArray && !st.explode:
		items := splitStyled(values[0], st.style)
		if scalar && len(items) == 1 {
			return items[0], true
		}
		return items, true
	case isArray && !scalar && !isJSONOf(unescape(values[0]), "array"):
		return unescapeAll(values), true
	case isObject && !scalar && !st.explode && !isJSONOf(unescape(values[0]), "object"):
		return pairwise(splitStyled(values[0], st.style)), true
	}
	return unescape(values[0]), true
}

// isJSONOf reports whether text is JSON of that type: a value that a client
// wrote as JSON where the document says otherwise.
func isJSONOf(text, typ string) bool {
	v, err := decodeJSON([]byte(text))
	return err == nil && typeOf(v) == typ
}

func takeRaw(pairs []pair, name string) []string {
	var out []string
	for i := range pairs {
		if pairs[i].name == name {
			pairs[i].used = true
			out = append(out, pairs[i].raw)
		}
	}
	return out
}

func unescapeAll(raw []string) []any {
	out := make([]any, len(raw))
	for i, r := range raw {
		out[i] = unescape(r)
	}
	return out
}

// splitStyled splits one value at its style's delimiter, in the encoded text, so
// that an encoded comma inside an element stays. Blank and bar can't stand bare
// in a URL: their encoded forms delimit too (OpenAPI 3.2, section 4.12.4).
func splitStyled(raw string, st tool.Style) []any {
	if raw == "" {
		return []any{}
	}
	switch st {
	case tool.SpaceDelimited:
		raw = strings.NewReplacer("%20", " ", "+", " ").Replace(raw)
		return unescapeAll(strings.Split(raw, " "))
	case tool.PipeDelimited:
		raw = strings.NewReplacer("%7C", "|", "%7c", "|").Replace(raw)
		return unescapeAll(strings.Split(raw, "|"))
	}
	return unescapeAll(strings.Split(raw, ","))
}

// pairwise turns [k, v, k, v] into an object.
func pairwise(items []any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(items); i += 2 {
		key, _ := items[i].(string)
		out[key] = items[i+1]
	}
	return out
}

// explodedObject gathers an object whose properties are parameters each.
func (d *schemas) explodedObject(pairs []pair, s *jsonschema.Schema) (any, bool) {
	props := d.properties(s)
	out := map[string]any{}
	for i := range pairs {
		p, ok := props[pairs[i].name]
		if !ok || pairs[i].used {
			continue
		}
		pairs[i].used = true
		value := any(unescape(pairs[i].raw))
		if old, ok := out[pairs[i].name]; ok {
			list, isList := old.([]any)
			if !isList {
				list = []any{old}
			}
			value = append(list, value)
		} else {
			value = wrapScalar(d, p, value)
		}
		out[pairs[i].name] = value
	}
	return out, len(out) > 0
}

// bracketed gathers name[a], name[a][b], name[] and name[0] into one value.
func bracketed(pairs []pair, name string) (any, bool) {
	root := map[string]any{}
	for i := range pairs {
		rest, ok := strings.CutPrefix(pairs[i].name, name)
		if !ok {
			continue
		}
		keys, ok := bracketKeys(rest)
		if !ok {
			continue
		}
		pairs[i].used = true
		put(root, keys, unescape(pairs[i].raw))
	}
	if len(root) == 0 {
		return nil, false
	}
	return normalise(root), true
}

// bracketKeys splits "[a][b]" into its keys.
func bracketKeys(s string) ([]string, bool) {
	var keys []string
	for s != "" {
		end := strings.IndexByte(s, ']')
		if s[0] != '[' || end < 0 || len(keys) == maxDepth {
			return nil, false
		}
		keys = append(keys, s[1:end])
		s = s[end+1:]
	}
	return keys, len(keys) > 0
}

// put sets a value at a path of keys; a second value makes a list.
func put(m map[string]any, keys []string, value string) {
	key := keys[0]
	if len(keys) > 1 {
		next, ok := m[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			m[key] = next
		}
		put(next, keys[1:], value)
		return
	}
	switch old := m[key].(type) {
	case nil:
		m[key] = value
	case []any:
		m[key] = append(old, value)
	default:
		m[key] = []any{old, value}
	}
}

// normalise turns maps with indexes for keys, and the empty key, into lists.
func normalise(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for key, member := range m {
		m[key] = normalise(member)
	}
	if list, ok := indexed(m); ok {
		return list
	}
	return m
}
