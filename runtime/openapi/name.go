package openapi

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// toolNames names every operation, by key. Names given earlier come first; then
// each operation asks for the name that it would have alone, and those that ask
// for the same one, or for one that is given, get a hash of method and path.
func (l *lowerer) toolNames(ops []operation) map[string]string {
	limit := tool.MaxName
	if l.opts.Prefix != "" {
		limit -= len(l.opts.Prefix) + 1
	}
	names := make(map[string]string, len(ops))
	taken := map[string]bool{}
	for i := range ops {
		given := l.opts.Names[ops[i].key]
		if given != "" && tool.ValidName(given) && len(given) <= limit && !taken[given] {
			names[ops[i].key] = given
			taken[given] = true
		} else if given != "" {
			l.warn(&ops[i], "name-not-kept", nil, "the name %q was given before and can't stay: it is taken, or longer than %d", given, limit)
		}
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
			name = tool.FitName(name, op.key, max(limit-7, 1))
			if len(name) == len(was) {
				name += "_" + tool.NameHash(op.key)
			}
			name = name[:min(len(name), limit)]
			l.warn(op, "tool-name-collision", l.idNode(op), "several operations would be named %q, so this one is %q: give each its own operationId", was, name)
		}
		for n := 2; taken[name]; n++ {
			name = tool.FitName(name+"_", op.key+strings.Repeat("#", n), min(limit, len(name)))
		}
		taken[name] = true
		names[op.key] = name
	}
	return names
}

func (l *lowerer) idNode(op *operation) *node {
	if id := op.node.get("operationId"); id != nil {
		return id
	}
	return op.at
}

// wantedName is the name that an operation would have were it alone.
func (l *lowerer) wantedName(op *operation) string {
	n := op.node
	if resolved, err := l.resolve(n); err == nil {
		n = resolved
	}
	if given := n.get("x-mcp").get("name").str(); given != "" {
		if tool.ValidName(given) {
			return given
		}
		if name := tool.SnakeName(given); name != "" {
			return name
		}
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
