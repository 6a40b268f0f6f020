package mock

import (
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// Bounds of the size of one generated value: from manyNodes on only what is
// required is made, and at maxNodes nothing more.
const (
	manyNodes = 150
	maxNodes  = 2_000
)

// generator makes believable values from schemas, the same for the same rng.
type generator struct {
	*schemas
	rng *rand.Rand
	now time.Time
	// index picks among a union's branches, so that all of them occur.
	index int
	// exemplary takes examples as they are instead of varying them.
	exemplary bool
	// refer returns the id of a record that a property's name refers to.
	refer func(property string, s *jsonschema.Schema) (any, bool)
	// vars are the values in the path of what is made.
	vars map[string]string
	// noun says what kind of thing is made, in the singular: "contact".
	noun  string
	nodes int
}

// scope holds the members of the object that is being made, so that an e-mail
// address can fit the name beside it.
type scope map[string]any

// value makes a value of the schema for a property of that name.
func (g *generator) value(s *jsonschema.Schema, name string, sc scope, depth int) any {
	g.nodes++
	if s == nil || g.nodes > maxNodes {
		return nil
	}
	target := g.deref(s)
	if g.refer != nil && s.Const == nil && target.Const == nil {
		if v, ok := g.refer(name, target); ok {
			return v
		}
	}
	if v, ok := g.given(s, target); ok {
		return v
	}
	if sub := g.plainBranch(target); sub != nil {
		return g.value(sub, name, sc, depth+1)
	}
	types := g.types(target)
	if !g.exemplary && slices.Contains(types, "null") && g.rng.IntN(10) == 0 {
		return nil
	}
	types = slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == "null" })
	switch {
	case slices.Contains(types, "object") || len(types) == 0 && isObjectLike(target):
		return g.object(target, name, depth)
	case slices.Contains(types, "array"):
		return g.array(target, name, sc, depth)
	}
	return g.scalar(target, types, name, sc)
}

func isObjectLike(s *jsonschema.Schema) bool {
	return len(s.Properties)+len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0
}

// given returns a value that the schema gives itself, s being what refers to
// target: constants and examples go before defaults, and those before enums.
func (g *generator) given(s, target *jsonschema.Schema) (any, bool) {
	for _, from := range []*jsonschema.Schema{s, target} {
		if from.Const != nil {
			return clone(*from.Const), true
		}
		if g.exemplary && len(from.Examples) > 0 {
			if v := clone(from.Examples[0]); g.fits(target, v) {
				return v, true
			}
		}
	}
	if g.exemplary {
		if v, ok := g.defaultOf(s); ok && v != nil && g.fits(target, v) {
			return v, true
		}
	}
	for _, from := range []*jsonschema.Schema{s, target} {
		if len(from.Enum) == 0 {
			continue
		}
		values := slices.DeleteFunc(slices.Clone(from.Enum), func(v any) bool { return v == nil })
		if len(values) == 0 {
			return nil, true
		}
		return clone(pick(g.rng, values)), true
	}
	return nil, false
}

// fits reports whether a value is of a type that the schema takes: documents
// have examples and defaults that are not.
func (g *generator) fits(s *jsonschema.Schema, v any) bool {
	return takes(g.types(s), typeOf(v))
}

// plainBranch returns the branch that is made of a union that is nothing but
// one, where that branch is no object: nil for any other schema.
func (g *generator) plainBranch(s *jsonschema.Schema) *jsonschema.Schema {
	switch {
	case len(s.Properties) > 0:
		return nil
	case len(s.AllOf) > 0:
		if t := g.types(s); len(t) > 0 && !slices.Contains(t, "object") && !slices.Contains(t, "array") {
			return s.AllOf[0] // a reference with something said beside it
		}
		return nil
	}
	for _, union := range [][]*jsonschema.Schema{s.OneOf, s.AnyOf} {
		candidates := g.notNull(union)
		if len(candidates) == 0 {
			continue
		}
		chosen := candidates[g.index%len(candidates)]
		if !g.allows(chosen, "object") && len(g.properties(chosen)) == 0 {
			return chosen
		}
		return nil
	}
	return nil
}

// notNull returns the branches of a union that are more than null.
func (g *generator) notNull(union []*jsonschema.Schema) []*jsonschema.Schema {
	return slices.DeleteFunc(slices.Clone(union), func(b *jsonschema.Schema) bool { return g.deref(b).Type == "null" })
}

// variant folds one branch of each union, and all of allOf, into the properties
// and required names of one object.
func (g *generator) variant(s *jsonschema.Schema, props map[string]*jsonschema.Schema, need map[string]bool, depth int) {
	if depth > maxDepth {
		return
	}
	s = g.deref(s)
	for name, p := range s.Properties {
		if old, ok := props[name]; !ok || old.Const == nil && p.Const != nil {
			props[name] = p
		}
	}
	for _, name := range s.Required {
		need[name] = true
	}
	for _, sub := range s.AllOf {
		g.variant(sub, props, need, depth+1)
	}
	for _, union := range [][]*jsonschema.Schema{s.OneOf, s.AnyOf} {
		candidates := g.notNull(union)
		if len(candidates) == 0 {
			continue
		}
		chosen := candidates[g.index%len(candidates)]
		g.variant(chosen, props, need, depth+1)
		if name, value, ok := discriminator(s, chosen); ok && !g.names(props[name]) {
			props[name] = &jsonschema.Schema{Const: &value}
		}
	}
}

// names reports whether a schema itself says which words it takes.
func (g *generator) names(s *jsonschema.Schema) bool {
	target := g.deref(s)
	return target.Const != nil || len(target.Enum) > 0
}

// discriminator returns the property and value that name the chosen branch,
// where the schema kept OpenAPI's keyword.
func discriminator(s, chosen *jsonschema.Schema) (string, any, bool) {
	d, ok := s.Extra["discriminator"].(map[string]any)
	if !ok {
		return "", nil, false
	}
	name, _ := d["propertyName"].(string)
	def := refName(chosen.Ref)
	if name == "" || def == "" {
		return "", nil, false
	}
	mapping, _ := d["mapping"].(map[string]any)
	for _, key := range sortedKeys(mapping) {
		ref, _ := mapping[key].(string)
		if ref == chosen.Ref || ref[strings.LastIndex(ref, "/")+1:] == def {
			return name, key, true
		}
	}
	return name, def, true
}

// first are the properties that others are derived from.
var first = []string{"firstname", "lastname", "givenname", "familyname", "mediatype", "mimetype", "contenttype", "name", "domain", "city", "type", "createdat", "created", "startsat", "start"}

func (g *generator) object(s *jsonschema.Schema, name string, depth int) any {
	props, need := map[string]*jsonschema.Schema{}, map[string]bool{}
	g.variant(s, props, need, depth)
	out := scope{}
	names := sortedKeys(props)
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	if len(names) == 0 && len(s.Examples) > 0 {
		return clone(pick(g.rng, s.Examples))
	}
	noun := g.noun
	if depth > 0 && name != "" {
		g.noun = singular(name)
	}
	for _, key := range names {
		p := props[key]
		if p == nil || p.WriteOnly || g.deref(p).WriteOnly || isFalse(p) {
			continue
		}
		if !need[key] && !g.wanted(p, key, depth) {
			continue
		}
		out[key] = g.value(p, key, out, depth+1)
	}
	g.noun = noun
	return map[string]any(out)
}

// wanted decides whether an optional property is made.
func (g *generator) wanted(p *jsonschema.Schema, name string, depth int) bool {
	if rank(name) < len(first) || len(p.Default) > 0 || len(g.deref(p).Default) > 0 {
		return true
	}
	types := g.types(p)
	nested := slices.Contains(types, "object") || slices.Contains(types, "array")
	switch {
	case depth >= 5 || g.nodes > manyNodes:
		return false
	case depth >= 3 && nested:
		return g.rng.IntN(4) == 0
	case g.exemplary:
		return true
	}
	return g.rng.IntN(10) > 0
}

func rank(name string) int {
	if i := slices.Index(first, fold(name)); i >= 0 {
		return i
	}
	return len(first)
}

func (g *generator) array(s *jsonschema.Schema, name string, sc scope, depth int) any {
	items := g.items(s)
	low, high := 1, 3
	if depth >= 4 || g.nodes > manyNodes {
		low, high = 0, 1
	}
	if depth >= 7 {
		high = 0
	}
	if s.MinItems != nil {
		low, high = max(low, *s.MinItems), max(high, *s.MinItems)
	}
	if s.MaxItems != nil {
		low, high = min(low, *s.MaxItems), min(high, *s.MaxItems)
	}
	out := []any{}
	if items == nil {
		return out
	}
	n := min(low+g.rng.IntN(high-low+1), 50)
	for range n {
		v := g.value(items, singular(name), sc, depth+1)
		if !slices.ContainsFunc(out, func(o any) bool { return jsonschema.Equal(o, v) }) {
			out = append(out, v)
		}
	}
	return out
}

// scalar makes a string, number or boolean.
func (g *generator) scalar(s *jsonschema.Schema, types []string, name string, sc scope) any {
	switch {
	case slices.Contains(types, "string"):
		return g.text(s, name, sc)
	case slices.Contains(types, "integer"):
		return int64(g.number(s, name, true))
	case slices.Contains(types, "number"):
		return g.number(s, name, false)
	case slices.Contains(types, "boolean"):
		return g.rng.IntN(4) == 0
	case len(types) == 0 && len(s.Examples) > 0:
		return clone(s.Examples[g.rng.IntN(len(s.Examples))])
	}
	return nil
}

// number makes a number around the example, within the bounds.
func (g *generator) number(s *jsonschema.Schema, name string, whole bool) float64 {
	low, high := 0.0, 1000.0
	if whole && (strings.HasSuffix(fold(name), "at") || strings.Contains(fold(name), "timestamp") || fold(name) == "created") && s.Minimum == nil && s.Maximum == nil {
		return float64(g.now.Unix() - int64(g.rng.IntN(400*24*3600)))
	}
	example, hasExample := g.exampleNumber(s)
	if hasExample && example != 0 {
		low, high = min(example*0.3, example*2.5), max(example*0.3, example*2.5)
	}
	low, high = bounds(s, low, high, whole)
	if s.Format == "int32" {
		high = min(high, math.MaxInt32)
	}
	v := low + g.rng.Float64()*(high-low)
	if s.MultipleOf != nil && *s.MultipleOf > 0 {
		v = math.Ceil(low / *s.MultipleOf)**s.MultipleOf + math.Floor((v-low) / *s.MultipleOf)**s.MultipleOf
	}
	if !whole {
		return min(max(math.Round(v*100)/100, low), high)
	}
	if hasExample {
		v = rounded(v, example)
	}
	return min(max(math.Floor(v), math.Ceil(low)), math.Floor(high))
}

func (g *generator) exampleNumber(s *jsonschema.Schema) (float64, bool) {
	if len(s.Examples) == 0 {
		return 0, false
	}
	switch v := clone(s.Examples[g.rng.IntN(len(s.Examples))]).(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// bounds narrows a range to what the schema allows; where they do not meet, the
// schema wins.
func bounds(s *jsonschema.Schema, low, high float64, whole bool) (float64, float64) {
	step := 0.01
	if whole {
		step = 1
	}
	floor, ceil := math.Inf(-1), math.Inf(1)
	if s.Minimum != nil {
		floor = *s.Minimum
	}
	if s.ExclusiveMinimum != nil {
		floor = max(floor, *s.ExclusiveMinimum+step)
	}
	if s.Maximum != nil {
		ceil = *s.Maximum
	}
	if s.ExclusiveMaximum != nil {
		ceil = min(ceil, *s.ExclusiveMaximum-step)
	}
	low, high = max(low, floor), min(high, ceil)
	if low > high {
		switch {
		case !math.IsInf(floor, 0) && !math.IsInf(ceil, 0):
			return floor, max(floor, ceil)
		case !math.IsInf(floor, 0):
			return floor, floor + 1000
		default:
			return ceil - 1000, ceil
		}
	}
	return low, high
}

// rounded gives v as many trailing zeros as the example has, less one.
func rounded(v, example float64) float64 {
	step := 1.0
	for step*100 <= math.Abs(example) && math.Mod(example, step*10) == 0 {
		step *= 10
	}
	return math.Floor(v/step) * step
}

// text makes a string that fits the schema's pattern and lengths.
func (g *generator) text(s *jsonschema.Schema, name string, sc scope) string {
	v := g.words(s, name, sc)
	if s.Pattern != "" {
		v = g.matching(s, v)
	}
	runes := []rune(v)
	if s.MaxLength != nil && len(runes) > *s.MaxLength && s.Pattern == "" {
		v = strings.TrimRight(string(runes[:*s.MaxLength]), " ")
	}
	for s.MinLength != nil && len([]rune(v)) < *s.MinLength && len(v) < 10_000 && s.Pattern == "" {
		v += string(rune('a' + g.rng.IntN(26)))
	}
	return v
}

// matching returns v if it matches the schema's pattern, else an example or
// something that was made from the pattern.
func (g *generator) matching(s *jsonschema.Schema, v string) string {
	re, err := regexp.Compile(s.Pattern)
	if err != nil {
		return v
	}
	if re.MatchString(v) {
		return v
	}
	for _, e := range s.Examples {
		text, _ := e.(string)
		if varied := vary(g.rng, text); text != "" && re.MatchString(varied) {
			return varied
		}
		if re.MatchString(text) {
			return text
		}
	}
	if made := fromPattern(g.rng, s.Pattern); re.MatchString(made) {
		return made
	}
	return v
}
