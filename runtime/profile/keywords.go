package profile

import (
	"bytes"
	"encoding/json"
	"slices"
)

// keywords adapts the keywords of one schema that is no reference.
type keywords struct {
	*writer
	from object
	at   place
	out  object
	// words say what was dropped, a sentence each.
	words []string
	// types are the schema's types, where they are several.
	types []string
	// union are the alternatives of "anyOf" or "oneOf".
	union []json.RawMessage
}

// add adapts one keyword.
func (k *keywords) add(m member) error {
	switch m.key {
	case "type":
		k.addType(m.value)
	case "enum":
		k.addEnum(readList(m.value))
	case "const":
		if k.consts {
			k.out.set("const", m.value)
		} else {
			k.addEnum([]json.RawMessage{m.value})
		}
	case "title", "description", "required":
		k.out.set(m.key, m.value)
	case "properties":
		return k.addProperties(m.value)
	case "items":
		return k.addItems(m.value)
	case "additionalProperties":
		return k.addExtra(m.value)
	case "anyOf", "oneOf":
		return k.addUnion(m)
	case "format":
		if slices.Contains(k.formats, textOf(m.value)) {
			k.out.set(m.key, m.value)
		} else {
			k.say(m)
		}
	case "if", "then", "else", "discriminator", "$schema", "$id", "$comment", "$defs":
	default:
		if slices.Contains(k.allowed, m.key) {
			k.out.set(m.key, m.value)
		} else {
			k.say(m)
		}
	}
	return nil
}

// say puts a keyword that is dropped into words. Outputs are described without:
// nobody must obey them.
func (k *keywords) say(m member) {
	if text := inWords(m.key, m.value); text != "" && !k.output {
		k.words = append(k.words, text)
	}
}

func (k *keywords) addType(value json.RawMessage) {
	names := []string{textOf(value)}
	if list := readList(value); list != nil {
		names = names[:0]
		for _, item := range list {
			names = append(names, textOf(item))
		}
	}
	switch {
	case len(names) == 1 && names[0] != "":
		k.out.set("type", quote(names[0]))
	case len(names) < 2:
	case k.several == listTypes:
		k.out.set("type", value)
	default:
		k.out.set("type", nil) // keeps the place
		k.types = names
	}
}

// addEnum adapts a list of allowed values. Where only texts may be listed, the
// values are said in words.
func (k *keywords) addEnum(values []json.RawMessage) {
	if !k.texts {
		k.out.set("enum", listOf(values))
		return
	}
	kept := make([]json.RawMessage, 0, len(values))
	plain := true
	for _, v := range values {
		switch text := textOf(v); {
		case string(v) == "null":
		case text != "":
			kept = append(kept, v)
		case string(v) == `""`:
			k.words = append(k.words, "May be empty.")
			plain = false
		default:
			plain = false
		}
	}
	if plain && len(kept) > 0 {
		k.out.set("enum", listOf(kept))
		return
	}
	k.say(member{"enum", listOf(values)})
}

func (k *keywords) addProperties(value json.RawMessage) error {
	properties, err := readObject(value)
	if err != nil {
		return err
	}
	for i := range properties {
		if properties[i].value, err = k.schema(properties[i].value, k.at.within()); err != nil {
			return err
		}
	}
	k.out.set("properties", properties.json())
	return nil
}

// addItems adapts the schema of an array's items. Where those at its beginning
// have schemas of their own that are dropped, it stands for them too, so it may
// not refuse them.
func (k *keywords) addItems(value json.RawMessage) error {
	if k.from.get("prefixItems") != nil {
		value = nil
	}
	items, err := k.schema(value, k.at.within())
	k.out.set("items", items)
	return err
}

// addExtra adapts "additionalProperties". Where "patternProperties" is dropped,
// what it allowed must not be refused.
func (k *keywords) addExtra(value json.RawMessage) error {
	switch {
	case k.from.get("patternProperties") != nil:
	case string(value) == "true":
	case string(value) == "false":
		if k.extra {
			k.out.set("additionalProperties", value)
		}
	case k.extra:
		extra, err := k.schema(value, k.at.within())
		k.out.set("additionalProperties", extra)
		return err
	default:
		k.say(member{"additionalProperties", value})
	}
	return nil
}

// addUnion adapts alternatives. Of two lists that both bind, the first is kept.
func (k *keywords) addUnion(m member) error {
	if k.union != nil {
		k.say(m)
		return nil
	}
	single := k.several == oneType
	for _, raw := range readList(m.value) {
		if single && string(raw) == `{"type":"null"}` {
			k.nullable()
			continue
		}
		alternative, err := k.schema(raw, k.at.within())
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(k.union, func(have json.RawMessage) bool { return bytes.Equal(have, alternative) }) {
			k.union = append(k.union, alternative)
		}
	}
	k.out.set("anyOf", nil) // keeps the place
	return nil
}

func (k *keywords) nullable() {
	const text = "May be null."
	if !slices.Contains(k.words, text) {
		k.words = append(k.words, text)
	}
}

// finish returns the schema, once all keywords were added.
func (k *keywords) finish() object {
	k.finishTypes()
	k.finishUnion()
	k.finishWords()
	switch {
	case k.typed && !k.output:
		k.finishTyped()
	case k.types != nil && k.out.get("anyOf") == nil && k.several == unionTypes:
		return k.nullableUnion()
	}
	return k.out
}

// finishTypes writes several types in the way of these clients. What may be null
// in a schema with alternatives is left to them.
func (k *keywords) finishTypes() {
	names := slices.DeleteFunc(slices.Clone(k.types), func(name string) bool { return name == "null" })
	switch {
	case len(k.types) == 0 || k.several == noType || k.union != nil:
		k.types = nil
	case k.several == oneType:
		if len(names) < len(k.types) {
			k.nullable()
		}
		if len(names) == 1 {
			k.out.set("type", quote(names[0]))
		} else {
			k.branches(names)
		}
		k.types = nil
	case len(names) == 1: // see nullableUnion
		k.out.set("type", quote(names[0]))
	default:
		k.branches(k.types)
		k.types = nil
	}
}

// branches makes an alternative of each type. What describes the items of arrays
// goes with that of arrays.
func (k *keywords) branches(names []string) {
	items := k.out.get("items")
	for _, name := range names {
		branch := object{{"type", quote(name)}}
		if name == "array" {
			if items == nil {
				items = k.anything(nil).json()
			}
			branch.set("items", items)
		}
		k.union = append(k.union, branch.json())
	}
	k.out = slices.DeleteFunc(k.out, func(m member) bool { return m.key == "items" })
	k.out.set("anyOf", nil)
}

// finishUnion writes the alternatives; a single one is the schema itself. Places
// that were kept for nothing go.
func (k *keywords) finishUnion() {
	if k.union != nil {
		k.out.set("anyOf", listOf(k.union))
	}
	k.out = slices.DeleteFunc(k.out, func(m member) bool { return m.value == nil })
	if len(k.union) != 1 {
		return
	}
	only, err := readObject(k.union[0])
	if err != nil {
		return
	}
	k.out = slices.DeleteFunc(k.out, func(m member) bool { return m.key == "anyOf" })
	for _, m := range only {
		if k.out.get(m.key) == nil {
			k.out = append(k.out, m)
		}
	}
}

// finishWords puts into the description what was dropped.
func (k *keywords) finishWords() {
	if len(k.words) > 0 {
		k.out.set("description", quote(sentence(k.out.text("description"), k.words...)))
	}
}

// nullableUnion writes a type that may be null as two alternatives.
func (k *keywords) nullableUnion() object {
	var inner, outer object
	for _, m := range k.out {
		switch {
		case annotations[m.key]:
			outer = append(outer, m)
		case m.key == "enum":
			values := slices.DeleteFunc(readList(m.value), func(v json.RawMessage) bool { return string(v) == "null" })
			inner = append(inner, member{"enum", listOf(values)})
		default:
			inner = append(inner, m)
		}
	}
	union := member{"anyOf", listOf([]json.RawMessage{inner.json(), json.RawMessage(`{"type":"null"}`)})}
	return append(object{union}, outer...)
}

// finishTyped gives a schema without a type the one that it plainly has, and
// leaves nothing beside alternatives, where these clients take nothing.
func (k *keywords) finishTyped() {
	union := k.out.get("anyOf")
	switch {
	case union != nil:
	case k.out.get("type") != nil:
	case k.out.get("properties") != nil:
		k.out.set("type", json.RawMessage(`"object"`))
	case k.out.get("items") != nil:
		k.out.set("type", json.RawMessage(`"array"`))
	case k.out.get("enum") != nil:
		k.out.set("type", json.RawMessage(`"string"`))
	default:
		k.out = k.anything(k.out)
		union = k.out.get("anyOf")
	}
	if kind := k.out.text("type"); kind == "array" && k.out.get("items") == nil {
		k.out.set("items", k.anything(nil).json())
	}
	if union != nil && k.alone && !k.at.root {
		k.out = describedUnion(union, k.out.text("description"))
	}
}

// describedUnion returns alternatives with nothing beside them: what describes
// them stands in the first.
func describedUnion(union json.RawMessage, text string) object {
	list := readList(union)
	if len(list) == 0 {
		return nil
	}
	if first, err := readObject(list[0]); err == nil && text != "" && first.get("anyOf") == nil {
		first.set("description", quote(sentence(text, first.text("description"))))
		list[0] = first.json()
	}
	return object{{"anyOf", listOf(list)}}
}
