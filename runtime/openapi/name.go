package openapi

import (
	"maps"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// toolNames names every operation, by key. Names given earlier stay, unless
// "x-mcp" asks for another or Options.Rename for new ones; those of operations
// that are gone stay reserved.
func (l *lowerer) toolNames(ops []operation) map[string]string {
	given := l.givenNames(ops)
	names := l.assignNames(ops, given, l.warn)
	if len(given) == 0 {
		return names
	}
	fresh := l.assignNames(ops, l.reserved(ops), func(*operation, string, *node, string, ...any) {})
	for i := range ops {
		op := &ops[i]
		name, now := names[op.key], fresh[op.key]
		if given[op.key] == name && name != now && name != tool.FitName(l.wantedName(op), op.key, l.nameLimit()) {
			l.info(op, "name-kept", l.idNode(op), "the tool was named %q before and stays so for its callers; the document now says %q, which `bridge gen --rename` takes", name, now)
		}
	}
	return names
}

// nameLimit is how long a tool's name may be, so that it is served as it is to
// every client.
func (l *lowerer) nameLimit() int {
	if l.opts.Prefix == "" {
		return tool.FitsAll
	}
	return tool.FitsAll - len(l.opts.Prefix) - 1
}

// givenNames returns the names given earlier that count for these operations, and
// those of operations that are gone.
func (l *lowerer) givenNames(ops []operation) map[string]string {
	if l.opts.Rename {
		return l.reserved(ops)
	}
	given := maps.Clone(l.opts.Names)
	for i := range ops {
		if asked := l.askedName(&ops[i]); asked != "" {
			delete(given, ops[i].key) // who names a tool by hand means it
		}
	}
	return given
}

// reserved returns the names given earlier to operations that are gone.
func (l *lowerer) reserved(ops []operation) map[string]string {
	gone := maps.Clone(l.opts.Names)
	for i := range ops {
		delete(gone, ops[i].key)
	}
	return gone
}

// warner reports what is notable about an operation; see lowerer.warn.
type warner func(op *operation, code string, at *node, format string, args ...any)

// assignNames names every operation. Names given earlier come first; then each
// operation asks for the name that it would have alone, and those that ask for
// the same one, or for one that is given, get a hash of method and path.
func (l *lowerer) assignNames(ops []operation, given map[string]string, warn warner) map[string]string {
	limit := l.nameLimit()
	names := make(map[string]string, len(ops))
	taken := map[string]bool{}
	for i := range ops {
		name := given[ops[i].key]
		if name != "" && tool.ValidName(name) && len(name) <= limit && !taken[name] {
			names[ops[i].key] = name
			taken[name] = true
		} else if name != "" {
			warn(&ops[i], "name-not-kept", nil, "the name %q was given before and can't stay: it is taken, or longer than %d", name, limit)
		}
	}
	for _, name := range l.reserved(ops) {
		taken[name] = true
	}
	wanted := map[string]string{}
	askers := map[string]int{}
	for i := range ops {
		if names[ops[i].key] == "" {
			name := tool.FitName(l.wantedName(&ops[i]), ops[i].key, limit)
			wanted[ops[i].key] = name
			askers[name]++
		}
	}
	for i := range ops {
		op := &ops[i]
		name, ok := wanted[op.key]
		if !ok {
			continue
		}
		if askers[name] > 1 || taken[name] {
			was := name
			name = hashedName(name, op.key, limit)
			warn(op, "tool-name-collision", l.idNode(op), "several operations would be named %q, so this one is %q: give each its own operationId", was, name)
		}
		for n := 2; taken[name]; n++ {
			name = tool.FitName(name+"_", op.key+strings.Repeat("#", n), min(limit, len(name)))
		}
		taken[name] = true
		names[op.key] = name
	}
	return names
}

// hashedName marks a name that several operations ask for with a hash of this
// one's key.
func hashedName(name, key string, limit int) string {
	hashed := tool.FitName(name, key, max(limit-7, 1))
	if len(hashed) == len(name) {
		hashed += "_" + tool.NameHash(key)
	}
	return hashed[:min(len(hashed), limit)]
}

func (l *lowerer) idNode(op *operation) *node {
	if id := op.node.get("operationId"); id != nil {
		return id
	}
	return op.at
}

// askedName is the name that "x-mcp" gives an operation; "" if it gives none.
func (l *lowerer) askedName(op *operation) string {
	n := op.node
	if resolved, err := l.resolve(n); err == nil {
		n = resolved
	}
	given := n.get("x-mcp").get("name").str()
	if tool.ValidName(given) {
		return given
	}
	return tool.SnakeName(given)
}

// wantedName is the name that an operation would have were it alone.
func (l *lowerer) wantedName(op *operation) string {
	if asked := l.askedName(op); asked != "" {
		return asked
	}
	n := op.node
	if resolved, err := l.resolve(n); err == nil {
		n = resolved
	}
	if name := tool.SnakeName(n.get("operationId").str()); name != "" {
		return name
	}
	return pathName(op.method, op.path)
}

// pathName makes a name from a method and a path: "get_contacts_by_id".
func pathName(method, path string) string {
	words := []string{strings.ToLower(tool.SnakeName(method))}
	path, _, _ = strings.Cut(path, "#")
	for segment := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '?' || r == '&' }) {
		for segment != "" {
			literal, rest, found := strings.Cut(segment, "{")
			if word := tool.SnakeName(literal); word != "" {
				words = append(words, word)
			}
			if !found {
				break
			}
			var name string
			name, segment, _ = strings.Cut(rest, "}")
			if word := tool.SnakeName(name); word != "" {
				words = append(words, "by", word)
			}
		}
	}
	if len(words) == 1 {
		words = append(words, "root")
	}
	return strings.Join(words, "_")
}

// argKey makes an argument's key of a name on the wire: the name itself where
// every client takes it, else its words: "filter[created_at][start]" becomes
// "filter_created_at_start".
func argKey(name string) string {
	if tool.ValidArg(name) {
		return name
	}
	var b strings.Builder
	gap := false
	for _, r := range comparisons.Replace(name) {
		ok := r == '_' || r == '-' || (r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'))
		if !ok {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(r)
	}
	key := b.String()
	if key == "" {
		key = "arg_" + tool.NameHash(name)
	}
	return tool.FitName(key, name, tool.MaxName)
}

// comparisons spells out the operators that APIs put into names.
var comparisons = strings.NewReplacer(">=", " gte ", "<=", " lte ", "!=", " ne ", ">", " gt ", "<", " lt ")

// argSpace gives out argument keys, each once.
type argSpace struct{ taken map[string]bool }

// claim returns a free key for a name: key itself, or with the suffix of its
// place, or with a hash.
func (s *argSpace) claim(key, suffix, seed string) string {
	for n, try := range []string{key, key + "_" + suffix, key + "_" + suffix + "_" + tool.NameHash(seed)} {
		try = tool.FitName(try, seed, tool.MaxName)
		if !s.taken[try] || n == 2 {
			key = try
			break
		}
	}
	for i := 2; s.taken[key]; i++ {
		seed += "#"
		key = tool.FitName(key+"_", seed, min(len(key)+1, tool.MaxName)-1)
	}
	s.taken[key] = true
	return key
}
