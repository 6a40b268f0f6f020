package lint

import (
	"slices"
	"strings"
)

// destroying are verbs of acts that take something away.
var destroying = setOf("delete", "remove", "destroy", "purge", "wipe", "erase", "drop", "truncate", "revoke", "cancel", "terminate", "kill", "uninstall", "unregister", "void", "kick", "ban")

// changing are verbs that no reading has, beside those that destroy. Words that
// are nouns as often ("set", "start", "archive") are left out.
var changing = setOf("create", "update", "enable", "disable", "send", "restart", "approve", "reject", "activate", "deactivate", "assign", "unassign", "subscribe", "unsubscribe", "rename", "rotate")

// asking are verbs of reading.
var asking = setOf("search", "query", "find", "count", "lookup", "list", "get", "fetch", "read", "retrieve", "scroll", "suggest", "autocomplete", "describe")

// fetching are the verbs of reading by which an operationId may also mean
// making, as in getToken.
var fetching = setOf("get", "fetch", "read", "retrieve", "describe")

// telling are words by which a description owns up to what is lost.
var telling = []string{"delet", "remov", "destroy", "purg", "wip", "eras", "drop", "truncat", "revok", "cancel", "terminat", "kill", "uninstall", "unregister",
	"void", "kick", "ban", "archiv", "trash", "detach", "unlink", "unassign", "disconnect", "disable", "deactivat", "unsubscrib", "leave", "leaving", "close", "stop",
	"clear", "reset", "abort", "expire", "discard", "undo", "unset", "unfollow", "unstar", "unlock", "unblock", "un", "end", "reject", "dismiss", "withdraw", "log out", "logout", "invalidat"}

// behaviour looks at whether a tool's hints, by which clients decide to ask a
// person first, fit what its words say.
func (c *checker) behaviour(s *subject) {
	verb, inPath := s.spokenVerb()
	hint := s.written.Node.Get("x-mcp")
	a := s.tool.Annotations
	switch {
	case s.op.Method == "GET" && (destroying[verb] || changing[verb]) && a.ReadOnly && !hint.Get("readOnlyHint").Exists() && !s.saysReading():
		c.report(s, warning, "get-changes-state", s.written.Place(),
			s.hints(map[string]any{"readOnlyHint": false, "destructiveHint": destroying[verb], "idempotentHint": false}),
			"GET stands for reading, and %q says that something is changed: clients call a read-only tool without asking", verb)
	case s.op.Method != "GET" && destroying[verb] && !a.Destructive && !hint.Get("destructiveHint").Exists() && !a.ReadOnly:
		c.report(s, warning, "destructive-unmarked", s.written.Place(),
			s.hints(map[string]any{"destructiveHint": true}),
			"%q takes something away, and the tool is not marked as destructive: clients may call it without asking", verb)
	case s.op.Method == "POST" && asking[verb] && (inPath || !fetching[verb]) && !a.ReadOnly && !hint.Get("readOnlyHint").Exists():
		c.report(s, info, "post-reads", s.written.Place(),
			s.hints(map[string]any{"readOnlyHint": true, "destructiveHint": false, "idempotentHint": true}),
			"%q sounds like reading, and as a POST the tool is taken to change something, so clients ask first: if it only reads, say so", verb)
	}
	c.unclear(s)
}

// unclear reports an operation that destroys and does not say so.
func (c *checker) unclear(s *subject) {
	if s.op.Method != "DELETE" || s.title == "" && s.text == "" { // no text at all is said already
		return
	}
	all := strings.ToLower(s.said() + " " + s.tool.Name)
	if !slices.ContainsFunc(telling, func(word string) bool { return strings.Contains(all, word) }) {
		c.report(s, warning, "destructive-unclear", s.written.Place(), nil,
			"the operation deletes, and neither its name nor its description says so: name what is lost, and whether it can be undone")
	}
}

// spokenVerb is the verb that an operation's path ends in, "delete" for POST
// /chat.delete, or else the one that its operationId begins with.
func (s *subject) spokenVerb() (verb string, inPath bool) {
	path := strings.TrimSuffix(s.op.Path, "/")
	last := path[strings.LastIndexByte(path, '/')+1:]
	if !strings.Contains(last, "{") {
		dot := strings.LastIndexAny(last, ".:") // as in /chat.delete and /jobs:cancel
		words := wordsOf(last[dot+1:])
		alone := len(words) == 1 || len(words) > 1 && dot >= 0
		if alone && (destroying[words[0]] || changing[words[0]] || asking[words[0]]) {
			return words[0], true
		}
	}
	if words := wordsOf(s.op.ID); len(words) > 0 {
		return words[0], false
	}
	return "", false
}

var readingWords = setOf("get", "gets", "list", "lists", "return", "returns", "retrieve", "retrieves", "show", "shows", "fetch", "fetches", "check", "checks",
	"read", "reads", "find", "finds", "view", "search", "searches", "provides", "displays", "describe", "describes", "status", "preview", "validate", "obtain")

// saysReading reports whether an operation's text begins with a word of reading.
func (s *subject) saysReading() bool {
	for _, t := range []string{s.title, s.text} {
		if words := wordsOf(t); len(words) > 0 && readingWords[words[0]] {
			return true
		}
	}
	return false
}
