package pages

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// Page is one part of a list, as it came.
type Page struct {
	// Body is the answer's JSON.
	Body json.RawMessage
	// Link is the answer's Link header; URL is what was asked, without its query.
	// Both may be empty.
	Link, URL string
	// Full is the most elements that a page before had; 0 for the first.
	Full int
}

// schema is what has to be known of an argument to write one.
type schema struct {
	Type    any `json:"type"`
	Default any `json:"default"`
	Minimum any `json:"minimum"`
}

func (s schema) is(name string) bool {
	switch t := s.Type.(type) {
	case string:
		return t == name
	case []any:
		for _, one := range t {
			if one == name {
				return true
			}
		}
	}
	return false
}

func propertiesOf(input json.RawMessage) map[string]schema {
	var of struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	_ = json.Unmarshal(input, &of) // a schema that is none was refused before
	out := make(map[string]schema, len(of.Properties))
	for key, raw := range of.Properties {
		var s schema
		_ = json.Unmarshal(raw, &s) // true and false say nothing
		out[key] = s
	}
	return out
}

// Next returns the arguments of the page that follows one; nil if there is none,
// or none that can be told.
func (p *Plan) Next(arguments map[string]any, page Page) map[string]any {
	body, ok := parse(page.Body)
	if !ok {
		return nil
	}
	found := findList(body)
	if found == nil {
		return nil
	}
	said := sayings(body)
	if next := p.byURL(arguments, page, said); next != nil {
		return next
	}
	if len(found.elements) == 0 || page.Link != "" || said.over() {
		return nil
	}
	found.full = max(page.Full, len(found.elements))
	for _, way := range []func(map[string]any, sayingsOf, *list) map[string]any{p.byCursor, p.byNumber, p.byOffset} {
		if next := way(arguments, said, found); next != nil {
			return next
		}
	}
	return nil
}

// with returns arguments with one changed; nil where it is what it was.
func with(arguments map[string]any, a argument, value any) map[string]any {
	if text(arguments[a.key]) == text(value) && arguments[a.key] != nil {
		return nil
	}
	next := maps.Clone(arguments)
	if next == nil {
		next = map[string]any{}
	}
	next[a.key] = a.typed(value)
	return next
}

// typed returns a value as the argument's schema wants it.
func (a argument) typed(value any) any {
	s := text(value)
	switch {
	case a.schema.is("string"):
		return s
	case a.schema.is("integer"), a.schema.is("number"):
		if _, err := strconv.ParseFloat(s, 64); err == nil {
			return json.Number(s)
		}
	case a.schema.is("boolean"):
		if b, err := strconv.ParseBool(s); err == nil {
			return b
		}
	case a.schema.is("array"):
		return []any{s}
	}
	return value
}

// text writes a scalar; "" for what is none.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	}
	return ""
}

// byCursor takes the cursor that the answer gives, or the last element's id where
// the API wants that.
func (p *Plan) byCursor(arguments map[string]any, said sayingsOf, found *list) map[string]any {
	a, ok := p.args[cursor]
	if !ok {
		if a, ok = p.args[offset]; ok && a.schema.is("string") { // as Airtable's
			if next, is := said.word("offset"); is {
				return with(arguments, a, next)
			}
		}
		return nil
	}
	if next, ok := said.cursor(); ok {
		return with(arguments, a, next)
	}
	more, told := said.flag(mores)
	if letters(a.name) != "startingafter" && letters(a.name) != "after" || !told || !more {
		return nil
	}
	last, _ := found.elements[len(found.elements)-1].(map[string]any)
	if id := text(last["id"]); id != "" {
		return with(arguments, a, last["id"])
	}
	return nil
}

// byNumber takes the page after this one.
func (p *Plan) byNumber(arguments map[string]any, said sayingsOf, found *list) map[string]any {
	a, ok := p.args[number]
	if !ok {
		return nil
	}
	if next, ok := said.number(nexts); ok {
		return with(arguments, a, strconv.Itoa(next))
	}
	now, known := integer(arguments[a.key])
	if own, told := said.number(currents); told && !known {
		now, known = own, true
	}
	if !known {
		if now, known = integer(a.schema.Default); !known {
			now = 1
		}
	}
	first := 1
	if least, ok := integer(a.schema.Minimum); ok && least == 0 {
		first = 0
	}
	pages, counted := said.number(counts)
	if counted && now-first+1 >= pages || !counted && !p.goesOn(arguments, said, found, (now-first)*found.full) {
		return nil
	}
	return with(arguments, a, strconv.Itoa(now+1))
}

// byOffset goes on behind the last element.
func (p *Plan) byOffset(arguments map[string]any, said sayingsOf, found *list) map[string]any {
	a, ok := p.args[offset]
	if !ok {
		return nil
	}
	if next, ok := said.number(nexts); ok {
		return with(arguments, a, strconv.Itoa(next))
	}
	now, known := integer(arguments[a.key])
	if own, told := said.number(offsets); told && !known {
		now = own
	}
	if !p.goesOn(arguments, said, found, now) {
		return nil
	}
	return with(arguments, a, strconv.Itoa(now+len(found.elements)))
}

// goesOn reports whether elements follow those of a page, of which before come
// ahead: as is told by a flag, by a count of all elements, or by the page being
// full.
func (p *Plan) goesOn(arguments map[string]any, said sayingsOf, found *list, before int) bool {
	if _, told := said.flag(mores); told {
		return true // said.over has looked
	}
	if _, told := said.flag(lasts); told {
		return true
	}
	if total, told := said.number(totals); told {
		return before+len(found.elements) < total
	}
	if amount, told := said.number(amounts); told && amount > len(found.elements) {
		return before+len(found.elements) < amount
	}
	asked, known := p.asked(arguments, said)
	return known && len(found.elements) >= asked
}

// asked returns how many elements a page has at most.
func (p *Plan) asked(arguments map[string]any, said sayingsOf) (int, bool) {
	for _, r := range []role{size, most} {
		if a, ok := p.args[r]; ok {
			if n, ok := integer(arguments[a.key]); ok && n > 0 {
				return n, true
			}
		}
	}
	if n, ok := said.number(sizes); ok && n > 0 {
		return n, true
	}
	for _, r := range []role{size, most} {
		if n, ok := integer(p.args[r].schema.Default); ok && n > 0 {
			return n, true
		}
	}
	return 0, false
}

// integer returns a whole number.
func integer(value any) (int, bool) {
	switch v := value.(type) {
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil
	case float64:
		return int(v), v == float64(int(v))
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

// maxURL bounds, in bytes, a URL that is followed.
const maxURL = 8 << 10

// byURL reads the next page's URL back into arguments.
func (p *Plan) byURL(arguments map[string]any, page Page, said sayingsOf) map[string]any {
	target := nextLink(page.Link)
	if target == "" {
		target = said.url()
	}
	if target == "" || len(target) > maxURL {
		return nil
	}
	base, err := url.Parse(page.URL)
	if err != nil {
		return nil
	}
	u, err := base.Parse(target)
	if err != nil || base.Host == "" && u.Host != "" || base.Host != "" && !samePlace(base, u) {
		return nil
	}
	next, changed := maps.Clone(arguments), false
	if next == nil {
		next = map[string]any{}
	}
	for name, values := range u.Query() {
		a, ok := p.by[name]
		if !ok || len(values) != 1 || text(arguments[a.key]) == values[0] && arguments[a.key] != nil {
			continue
		}
		if _, given := arguments[a.key]; given && roles[letters(name)] == none {
			continue // a filter of the caller's own, written otherwise
		}
		next[a.key], changed = a.typed(values[0]), true
	}
	if !changed {
		return nil
	}
	return next
}

// samePlace reports whether a URL is of the same origin (RFC 6454, section 5) and
// path.
func samePlace(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) && strings.TrimRight(a.Path, "/") == strings.TrimRight(b.Path, "/")
}

// nextLink returns the target of a Link header (RFC 8288, section 3) whose
// relation is "next"; "" for none.
func nextLink(header string) string {
	for rest := header; rest != ""; {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			return ""
		}
		target, params, ok := strings.Cut(after, ">")
		if !ok {
			return ""
		}
		end := strings.Index(params, "<")
		if end < 0 {
			end = len(params)
		}
		for param := range strings.SplitSeq(params[:end], ";") {
			key, value, _ := strings.Cut(strings.Trim(param, " ,\t"), "=")
			if !strings.EqualFold(strings.TrimSpace(key), "rel") {
				continue
			}
			for relation := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
				if strings.EqualFold(relation, "next") {
					return strings.TrimSpace(target)
				}
			}
		}
		rest = params[end:]
	}
	return ""
}

func parse(raw json.RawMessage) (any, bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, false
	}
	return value, true
}
