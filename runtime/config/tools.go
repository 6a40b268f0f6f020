package config

import (
	"fmt"
	"regexp"
)

// maxPattern bounds a pattern, in bytes: names are no longer.
const maxPattern = 128

// pattern is what include and exclude take.
var pattern = regexp.MustCompile(`^[a-zA-Z0-9_./*?-]+$`)

func (k *checker) tools(path string, t Tools) {
	k.patterns(path+".include", t.Include)
	k.patterns(path+".exclude", t.Exclude)
	renamed := map[string]string{}
	for _, name := range sorted(t.Override) {
		o, path := t.Override[name], join(path+".override", name)
		if !givenName.MatchString(name) {
			k.fail(path, "is no tool's name")
		}
		if o.Name != "" {
			if !servedName.MatchString(o.Name) {
				k.fail(path+".name", "must be 1 to 64 letters, digits, _ and -, is %q", clip(o.Name))
			}
			if other, ok := renamed[o.Name]; ok {
				k.fail(path+".name", "is also the new name of %s", other)
			}
			renamed[o.Name] = name
		}
		k.budget(path+".budget", o.Budget)
		k.shape(path+".shape", o.Shape)
	}
}

func (k *checker) patterns(path string, patterns []string) {
	for i, p := range patterns {
		if len(p) > maxPattern || !pattern.MatchString(p) {
			k.fail(fmt.Sprintf("%s[%d]", path, i), "must be a tool's name in which * stands for any text and ? for one character, is %q", clip(p))
		}
	}
}
