package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The functions of this file are the forms that a key's value can take.

// scalarOf returns the text of a value as written; false if none is given.
func (d *decoder) scalarOf(v value) (string, bool) {
	n := d.follow(v.node)
	switch {
	case n == nil:
		return "", false
	case n.Kind != yaml.ScalarNode:
		d.fail(v, "must be %s, is %s", scalar, describe(n))
		return "", false
	case isNull(n):
		d.fail(v, "has no value; give one or leave the key out")
		return "", false
	}
	return n.Value, true
}

func (d *decoder) text(key string, into *string) field {
	return field{key, scalar, func(v value) {
		if s, ok := d.scalarOf(v); ok {
			*into = s
		}
	}}
}

func (d *decoder) reference(key string, into *Reference) field {
	return field{key, scalar, func(v value) {
		if s, ok := d.scalarOf(v); ok {
			*into = Reference(s)
		}
	}}
}

func (d *decoder) number(key string, into *int) field {
	return field{key, scalar, func(v value) {
		s, ok := d.scalarOf(v)
		if !ok {
			return
		}
		n, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
		if err != nil {
			d.fail(v, "must be a whole number, is %q", clip(s))
			return
		}
		*into = n
	}}
}

// boolean reads true or false; into stays nil where neither is given.
func (d *decoder) boolean(key string, into **bool) field {
	return field{key, scalar, func(v value) {
		s, ok := d.scalarOf(v)
		if !ok {
			return
		}
		b := s == "true"
		if !b && s != "false" {
			d.fail(v, "must be true or false, is %q", clip(s))
			return
		}
		*into = &b
	}}
}

// flag reads true or false; into stays as it is where neither is given.
func (d *decoder) flag(key string, into *bool) field {
	var given *bool
	f := d.boolean(key, &given)
	read := f.read
	f.read = func(v value) {
		if read(v); given != nil {
			*into = *given
		}
	}
	return f
}

func (d *decoder) duration(key string, into *Duration) field {
	return field{key, scalar, func(v value) {
		s, ok := d.scalarOf(v)
		if !ok {
			return
		}
		t, err := time.ParseDuration(s)
		if err != nil {
			d.fail(v, "must be a time with its unit, such as 30s or 2m, is %q", clip(s))
			return
		}
		*into = Duration(t)
	}}
}

func (d *decoder) texts(key string, into *[]string) field {
	return field{key, list, func(v value) {
		n := d.follow(v.node)
		if n == nil {
			return
		}
		if n.Kind != yaml.SequenceNode {
			d.fail(v, "must be %s, is %s", list, describe(n))
			return
		}
		for i, item := range n.Content {
			child := value{fmt.Sprintf("%s[%d]", v.path, i), item}
			s, ok := d.scalarOf(child)
			if !ok {
				continue
			}
			d.at[child.path] = d.where(item)
			*into = append(*into, s)
		}
	}}
}

// objects reads a list of mappings.
func (d *decoder) objects(key string, read func(v value)) field {
	return field{key, list, func(v value) {
		n := d.follow(v.node)
		if n == nil || isNull(n) {
			return
		}
		if n.Kind != yaml.SequenceNode {
			d.fail(v, "must be %s, is %s", list, describe(n))
			return
		}
		for i, item := range n.Content {
			child := value{fmt.Sprintf("%s[%d]", v.path, i), item}
			d.at[child.path] = d.where(item)
			read(child)
		}
	}}
}

// references reads a mapping of any keys to values that may be secret. Each can
// be given from outside.
func (d *decoder) references(key string, into *map[string]Reference) field {
	return d.mapOf(key, scalar, func(name string, v value) {
		if *into == nil {
			*into = map[string]Reference{}
		}
		var r Reference
		d.reference(name, &r).read(v)
		(*into)[name] = r
	})
}

// mapOf reads a mapping of any keys.
func (d *decoder) mapOf(key string, items form, read func(name string, v value)) field {
	return field{key, mapping, func(v value) {
		for _, e := range d.entries(v) {
			child := value{join(v.path, e.key), e.node}
			child.node = d.override(child, items)
			d.at[child.path] = d.where(e.at)
			if child.node != e.node { // from outside the file
				d.at[child.path] = d.where(child.node)
			}
			read(e.key, child)
		}
	}}
}
