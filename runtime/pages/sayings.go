package pages

import (
	"maps"
	"slices"
	"strings"
)

// sayingsOf are the members that say something about a page: those of the answer,
// and those of its members that are there for it, outer ones first.
type sayingsOf []map[string]any

// sayings returns the members of an answer by their names in plain letters.
func sayings(body any) sayingsOf {
	object, ok := body.(map[string]any)
	if !ok {
		return nil
	}
	var all sayingsOf
	level := []map[string]any{object}
	for range 3 { // as in paging.cursors.after
		var below []map[string]any
		for _, members := range level {
			plain := map[string]any{}
			for _, key := range slices.Sorted(maps.Keys(members)) {
				name := letters(key)
				plain[name] = members[key]
				if inner, ok := members[key].(map[string]any); ok && holders[name] {
					below = append(below, inner)
				}
			}
			all = append(all, plain)
		}
		level = below
	}
	return all
}

// each hands on the members of these names, until yield returns false.
func (s sayingsOf) each(names map[string]bool, yield func(any) bool) {
	for _, members := range s {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if names[name] && !yield(members[name]) {
				return
			}
		}
	}
}

// flag returns what the answer says by true or false.
func (s sayingsOf) flag(names map[string]bool) (value, told bool) {
	s.each(names, func(v any) bool {
		value, told = v.(bool)
		return !told
	})
	return value, told
}

// over reports whether the answer says that nothing follows: by a flag, or by
// naming no next page where it names one otherwise.
func (s sayingsOf) over() bool {
	if more, told := s.flag(mores); told && !more {
		return true
	}
	if last, told := s.flag(lasts); told && last {
		return true
	}
	named, empty := false, false
	for _, members := range s {
		for name, value := range members {
			if strings.HasPrefix(name, "next") || name == "odatanextlink" {
				named = named || value != nil && value != "" && value != false
				empty = empty || value == nil || value == "" || value == false
			}
		}
	}
	return empty && !named
}

// number returns what the answer says by a whole number.
func (s sayingsOf) number(names map[string]bool) (value int, told bool) {
	s.each(names, func(v any) bool {
		if _, isText := v.(string); !isText {
			value, told = integer(v)
		}
		return !told
	})
	return value, told
}

// cursor returns where the next page begins, in the API's own words.
func (s sayingsOf) cursor() (value any, told bool) {
	s.each(cursors, func(v any) bool {
		if _, isFlag := v.(bool); !isFlag && text(v) != "" && !isURL(text(v)) {
			value, told = v, true
		}
		return !told
	})
	return value, told
}

// word returns a text by its name.
func (s sayingsOf) word(name string) (value string, told bool) {
	s.each(map[string]bool{name: true}, func(v any) bool {
		value, told = v.(string)
		told = told && value != ""
		return !told
	})
	return value, told
}

// url returns the next page's URL; "" for none. A link may be an object with the
// URL in "href".
func (s sayingsOf) url() (value string) {
	s.each(urls, func(v any) bool {
		if link, ok := v.(map[string]any); ok {
			for _, key := range []string{"href", "link", "url"} {
				if link[key] != nil {
					v = link[key]
				}
			}
		}
		if is, ok := v.(string); ok && isURL(is) {
			value = is
		}
		return value == ""
	})
	return value
}

func isURL(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, "?") || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}
