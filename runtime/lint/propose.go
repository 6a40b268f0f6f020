package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// reading is what an operation does, as its method and path tell it.
type reading struct {
	verb   string   // "list"
	object []string // what it is done to, the words of the last segment: ["audit", "logs"]
	parent []string // what that belongs to: ["project"]; nil where it is nothing's
	chain  []string // all words of the path, in the singular but for object's: for a unique name
	keys   []string // the parameters that pick the object
}

// step is a segment of a path.
type step struct {
	words  []string
	params []string
}

var (
	pathParam = regexp.MustCompile(`\{([^{}]*)\}`)
	versions  = regexp.MustCompile(`^(api|rest|v[0-9]+([._-]?[0-9a-z]+)*|[0-9.]+)$`)
)

// steps lists a path's segments without those that say a version.
func steps(path string) []step {
	var out []step
	for segment := range strings.SplitSeq(path, "/") {
		var s step
		for _, m := range pathParam.FindAllStringSubmatch(segment, -1) {
			s.params = append(s.params, m[1])
		}
		literal := pathParam.ReplaceAllString(segment, " ")
		if versions.MatchString(strings.ToLower(literal)) {
			continue
		}
		s.words = wordsOf(literal)
		if len(s.words) > 0 || len(s.params) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// methodVerbs are what methods do to one thing.
var methodVerbs = map[string]string{"GET": "get", "HEAD": "check", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete", "QUERY": "query"}

// read tells what an operation does; ok is false where the path does not say.
func (s *subject) read() (r reading, ok bool) {
	list := steps(s.op.Path)
	verb, known := methodVerbs[s.op.Method]
	if len(list) == 0 || !known {
		return r, false
	}
	r.verb = verb
	last := list[len(list)-1]
	item := len(last.params) > 0
	if item && len(last.words) == 0 {
		r.keys = last.params
		list = list[:len(list)-1]
	}
	for len(list) > 0 && len(list[len(list)-1].words) == 0 { // several parameters in a row
		r.keys = append(list[len(list)-1].params, r.keys...)
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		return r, false
	}
	r.object = slices.Clone(list[len(list)-1].words)
	before := list[:len(list)-1]
	before = before[:len(before)-r.refine(s, item, before)]
	for len(before) > 0 && len(before[len(before)-1].params) == 0 { // /billing/meters are billing meters
		r.object = unrepeated(append(slices.Clone(before[len(before)-1].words), r.object...))
		before = before[:len(before)-1]
	}
	for i := len(before) - 1; i > 0 && r.parent == nil; i-- {
		if len(before[i].params) > 0 && len(before[i-1].words) > 0 {
			r.parent = oneOf(before[i-1].words)
		}
	}
	for _, st := range before {
		if len(st.words) > 0 {
			r.chain = append(r.chain, oneOf(st.words)...)
		}
	}
	return r, true
}

// oneOf is the words of one thing of a collection.
func oneOf(words []string) []string {
	out := slices.Clone(words)
	out[len(out)-1] = singular(out[len(out)-1])
	return out
}

// refine finds the verb that the path's last segment and the answer tell, and
// returns how many of the segments before that took.
func (r *reading) refine(s *subject, item bool, before []step) int {
	last := &r.object[len(r.object)-1]
	switch {
	case item:
		*last = singular(*last)
		if s.op.Method == "POST" {
			r.verb = "update"
		}
	case s.op.Method == "GET" && (s.returnsList() || isPlural(*last)):
		r.verb = "list"
	case s.op.Method == "POST" && isPlural(*last):
		*last = singular(*last)
	case s.op.Method == "POST" && len(before) > 0 && actionVerbs[r.object[0]]: // /orders/{id}/cancel
		r.verb, r.object = r.object[0], r.object[1:]
		if len(r.object) > 0 {
			break
		}
		return r.actOn(before)
	}
	return 0
}

// actOn makes the object of an act that the path names alone: that of the
// segments before. It returns how many those are.
func (r *reading) actOn(before []step) int {
	n := 1
	last := before[len(before)-1]
	if len(last.params) > 0 && len(last.words) == 0 && len(before) > 1 {
		r.keys = last.params
		n, last = 2, before[len(before)-2]
	}
	if len(last.words) == 0 {
		r.object = []string{"it"}
		return n
	}
	r.object = slices.Clone(last.words)
	if n == 2 {
		r.object = oneOf(last.words)
	}
	return n
}

// actionVerbs are verbs that stand as the last segment of a POST.
var actionVerbs = setOf("cancel", "delete", "remove", "archive", "unarchive", "restore", "approve", "reject", "accept", "decline", "close", "reopen",
	"open", "start", "stop", "restart", "pause", "resume", "retry", "refund", "capture", "confirm", "verify", "send", "resend", "publish", "unpublish",
	"enable", "disable", "activate", "deactivate", "lock", "unlock", "merge", "move", "copy", "clone", "duplicate", "rename", "reset", "revoke",
	"rotate", "sync", "submit", "complete", "finalize", "void", "transfer", "assign", "unassign", "subscribe", "unsubscribe", "join", "leave",
	"invite", "kick", "ban", "unban", "mute", "unmute", "search", "query", "count", "validate", "preview", "test", "run", "execute", "trigger",
	"import", "export", "upload", "download", "attach", "detach", "follow", "unfollow", "like", "unlike", "register", "expire", "release", "renew", "suspend")

// summary proposes a line that says what an operation does; "" where nothing
// better than its method and path can be said.
func (s *subject) summary() string {
	r, ok := s.read()
	if !ok {
		return ""
	}
	object := strings.Join(r.object, " ")
	switch {
	case r.verb == "list" || isPlural(r.object[len(r.object)-1]):
	case len(r.keys) > 0 || r.verb == "create":
		object = article(object)
	default:
		object = "the " + object
	}
	text := strings.ToUpper(r.verb[:1]) + r.verb[1:] + " " + object
	if len(r.parent) > 0 && !slices.Equal(r.parent, r.object) {
		text += " of " + article(strings.Join(r.parent, " "))
	}
	if len(r.keys) > 0 {
		var keys []string
		for _, k := range r.keys {
			keys = append(keys, strings.Join(wordsOf(k), " "))
		}
		text += " by " + strings.Join(keys, " and ")
	}
	return text
}

// propose computes an operationId for every operation, so that each is unique
// among them and those that the document gives.
func (c *checker) propose() {
	taken := map[string]int{}
	for i := range c.subjects {
		taken[tool.SnakeName(c.subjects[i].op.ID)]++
	}
	snake := c.writesSnake()
	c.proposals = map[string]string{}
	wanted := make([][2]string, len(c.subjects))
	for i := range c.subjects {
		r, ok := c.subjects[i].read()
		if !ok {
			continue
		}
		short := append([]string{r.verb}, slices.Concat(r.parent, r.object)...)
		long := append([]string{r.verb}, slices.Concat(r.chain, r.object)...)
		for n, words := range [][]string{short, long} {
			wanted[i][n] = strings.Join(slices.Compact(words), "_")
			taken[wanted[i][n]]++
			if n == 1 && wanted[i][0] == wanted[i][1] {
				taken[wanted[i][n]]--
			}
		}
	}
	for i, names := range wanted {
		for _, name := range names {
			if name != "" && taken[name] == 1 && c.fits(name) {
				c.proposals[c.subjects[i].written.Key] = inStyle(name, snake)
				break
			}
		}
	}
}

// fits reports whether a name with the source's prefix is one that every client
// takes uncut.
func (c *checker) fits(name string) bool { return len(c.served(name)) <= longName }

// served is the name under which a tool is served.
func (c *checker) served(name string) string {
	if c.opts.Prefix == "" {
		return name
	}
	return c.opts.Prefix + "_" + name
}

// writesSnake reports whether the document's operationIds are in snake case.
func (c *checker) writesSnake() bool {
	snake, camel := 0, 0
	for i := range c.subjects {
		id := c.subjects[i].op.ID
		switch {
		case strings.Contains(id, "_"):
			snake++
		case id != strings.ToLower(id):
			camel++
		}
	}
	return snake > camel
}

func inStyle(name string, snake bool) string {
	if snake {
		return name
	}
	words := strings.Split(name, "_")
	for i, w := range words {
		if i > 0 {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// proposeID is the action that gives an operation its proposed operationId; nil
// where there is none.
func (c *checker) proposeID(s *subject) *Action {
	id := c.proposals[s.written.Key]
	if id == "" {
		return nil
	}
	return s.update(map[string]any{"operationId": id})
}
