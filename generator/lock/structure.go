package lock

import (
	"maps"
	"slices"
	"strconv"
)

// properties compares the members of objects.
func (w *walk) properties(before, after object, where string, depth int) {
	was, is := members(before), members(after)
	needed, needs := required(before), required(after)
	for _, name := range names(was, is, needed, needs) {
		old, had := was[name]
		new, has := is[name]
		at := where + "." + name
		switch {
		case had && !has:
			w.removed(at, after)
		case !had && has:
			w.added(at, needs[name], before)
		case !had && !needed[name] && needs[name]:
			w.added(at, true, before)
		case had && has:
			w.compare(asObject(old), asObject(new), at, depth+1)
			w.required(at, needed[name], needs[name])
		}
	}
}

func members(o object) map[string]any {
	m, _ := o["properties"].(object)
	return m
}

// required returns the names that an object must have.
func required(o object) map[string]bool {
	list, _ := o["required"].([]any)
	out := make(map[string]bool, len(list))
	for _, v := range list {
		if name, ok := v.(string); ok {
			out[name] = true
		}
	}
	return out
}

// names returns the names of members, sorted.
func names(was, is map[string]any, needed, needs map[string]bool) []string {
	all := slices.Concat(slices.Collect(maps.Keys(was)), slices.Collect(maps.Keys(is)),
		slices.Collect(maps.Keys(needed)), slices.Collect(maps.Keys(needs)))
	slices.Sort(all)
	return slices.Compact(all)
}

func (w *walk) removed(at string, after object) {
	switch {
	case w.side == forOutput:
		w.add(Breaking, PropertyRemoved, at, "is gone: readers no longer find it")
	case after["additionalProperties"] == false:
		w.add(Breaking, PropertyRemoved, at, "is gone: calls that give it are refused now")
	default:
		w.add(Breaking, PropertyRemoved, at, "is gone: what calls give there has no effect now, or is refused")
	}
}

func (w *walk) added(at string, needed bool, before object) {
	switch {
	case w.side == forInput && needed:
		w.add(Breaking, RequiredAdded, at, "is new and required: calls without it are refused now")
	case w.side == forInput && openMap(before):
		w.add(Warning, PropertyAdded, at, "is new, in an object that was free to hold anything by that name")
	default:
		w.add(Compatible, PropertyAdded, at, "is new")
	}
}

// openMap reports whether an object is meant to be a map: of members that no
// name is declared for.
func openMap(o object) bool {
	return len(members(o)) == 0 && o["additionalProperties"] != nil && o["additionalProperties"] != false
}

func (w *walk) required(at string, needed, needs bool) {
	switch {
	case needed == needs:
	case w.side == forInput && needs:
		w.add(Breaking, RequiredAdded, at, "is now required: calls without it are refused")
	case w.side == forInput:
		w.add(Compatible, RequiredDropped, at, "is no longer required")
	case needs:
		w.add(Compatible, RequiredAdded, at, "is now always there")
	default:
		w.add(Breaking, RequiredDropped, at, "is no longer always there: readers can't count on it")
	}
}

// elements compares the items of arrays.
func (w *walk) elements(before, after object, where string, depth int) {
	if before["items"] != nil || after["items"] != nil {
		w.compare(asObject(before["items"]), asObject(after["items"]), where+"[]", depth+1)
	}
	was, _ := before["prefixItems"].([]any)
	is, _ := after["prefixItems"].([]any)
	for i := range max(len(was), len(is)) {
		var old, new any
		if i < len(was) {
			old = was[i]
		}
		if i < len(is) {
			new = is[i]
		}
		w.compare(asObject(old), asObject(new), where+"["+strconv.Itoa(i)+"]", depth+1)
	}
}

// openness compares what an object may hold beside its declared members.
func (w *walk) openness(before, after object, where string, depth int) {
	was, is := before["additionalProperties"], after["additionalProperties"]
	switch {
	case was == nil && is == nil, was == false && is == false:
	case is == false:
		w.add(w.narrowed(), OpennessChanged, where, "may hold nothing but what is declared now%s", w.why(true))
	case was == false:
		w.add(Compatible, OpennessChanged, where, "may hold more than what is declared now")
	default:
		w.compare(asObject(was), asObject(is), where+".*", depth+1)
	}
}
