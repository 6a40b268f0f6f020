package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lead returns text as a sentence about what the function name does, in the form
// of Go's doc comments: "List contacts" and "Lists contacts" give "ListContacts
// lists contacts.", and what does not begin with a verb reads as [About] has it.
func Lead(name, text string) string {
	first, rest, _ := strings.Cut(text, " ")
	low := strings.ToLower(first)
	switch {
	case strings.HasPrefix(rest, "of "): // "List of contacts"
		return About(name, text)
	case thirdPerson[low]:
		return stop(name + " " + low + " " + rest)
	case imperative[low]:
		return stop(name + " " + third(low) + " " + secondVerb(rest))
	default:
		return About(name, text)
	}
}

// About returns text as a sentence about the thing name: "A person" gives
// "Contact is a person.", and what is no such sentence follows the name after a
// colon.
func About(name, text string) string {
	first, rest, _ := strings.Cut(text, " ")
	low := strings.ToLower(first)
	switch {
	case text == "":
		return name + "."
	case first == "-":
		return name + ":\n" + text
	case first == name:
		return stop(text)
	case articles[low]:
		return stop(name + " is " + low + " " + rest)
	case questions[low]:
		return stop(name + " says " + low + " " + rest)
	case descriptive[low]:
		return stop(name + " " + low + " " + rest)
	default:
		return stop(name + ": " + text)
	}
}

// Acts reports whether text begins with a verb, as the summary of an operation
// does.
func Acts(text string) bool {
	first, _, _ := strings.Cut(text, " ")
	low := strings.ToLower(first)
	return imperative[low] || thirdPerson[low]
}

// secondVerb brings the second verb of "create or update" to the third person.
func secondVerb(rest string) string {
	words := strings.SplitN(rest, " ", 3)
	if len(words) < 2 || (words[0] != "and" && words[0] != "or") || !imperative[strings.ToLower(words[1])] {
		return rest
	}
	words[1] = third(strings.ToLower(words[1]))
	return strings.Join(words, " ")
}

// third returns the third person of an English verb: "create" gives "creates".
func third(verb string) string {
	switch {
	case strings.HasSuffix(verb, "y") && len(verb) > 1 && !strings.ContainsRune("aeiou", rune(verb[len(verb)-2])):
		return verb[:len(verb)-1] + "ies"
	case strings.HasSuffix(verb, "s"), strings.HasSuffix(verb, "sh"), strings.HasSuffix(verb, "ch"),
		strings.HasSuffix(verb, "x"), strings.HasSuffix(verb, "z"), verb == "do", verb == "undo", verb == "go":
		return verb + "es"
	default:
		return verb + "s"
	}
}

// stop closes a sentence that has no end yet.
func stop(text string) string {
	text = strings.TrimRight(text, " ")
	last, _ := utf8.DecodeLastRuneInString(text)
	if strings.ContainsRune(".!?:;…", last) || (unicode.IsPunct(last) && strings.HasSuffix(strings.TrimRight(text, `)"'`), ".")) {
		return text
	}
	return text + "."
}

// articles begin texts that say what a thing is, questions those that say what
// it tells.
var (
	articles  = wordSet([]string{"a", "an", "the", "one", "any", "something", "all", "each"})
	questions = wordSet([]string{"which", "whether", "how", "what", "where", "when", "who"})
)

// imperative are the verbs that summaries of operations begin with.
var imperative = wordSet(strings.Fields(`abort accept acknowledge activate add adjust analyze append apply
	approve archive assign associate attach authenticate authorize ban batch begin block book bulk calculate
	cancel capture change check clear clone close commit compare complete compute configure confirm connect consume
	convert copy count create deactivate deauthorize decline decode decrypt define delete delegate deliver deploy
	deprecate describe destroy detach detect determine disable disassociate disconnect dismiss dispatch do download
	draft drop duplicate edit embed emit enable encode encrypt end enqueue enroll estimate evaluate exchange execute
	expand expire export extend extract fetch filter finalize find finish flag flush follow force fork generate get
	give go grant handle hide identify ignore import index ingest initialize initiate insert inspect install invite
	invoke issue join kill launch leave link list load lock log login logout look mark match merge migrate modify
	monitor move mute obtain open override pause perform ping pin play post predict preview process provide provision
	publish purge push put query queue react read rebuild receive reconnect record recover redeem redirect refresh
	refund regenerate register reject release reload remove rename render renew reopen reorder repeat replace reply
	report request rerun rescan resend reset resize resolve restart restore resume retrieve retry return reverse
	review revert revoke rotate run save scan schedule search select send set share show shut sign skip snooze sort
	split start stop store stream submit subscribe suggest summarize suspend swap switch sync synchronize tag
	terminate test toggle track transcribe transfer transform translate transition trigger truncate turn unarchive unassign
	unban unblock undelete undo unfollow unlink unlock unmark unmute unpin unpublish unsubscribe update upgrade upload
	upsert validate verify view void vote wait watch write`))

// thirdPerson are the same verbs as a sentence has them.
var thirdPerson = func() map[string]bool {
	set := make(map[string]bool, len(imperative))
	for verb := range imperative {
		set[third(verb)] = true
	}
	return set
}()

// descriptive are the verbs that descriptions of things begin with.
var descriptive = wordSet(strings.Fields(`is has holds contains represents describes defines specifies indicates
	tells says means denotes identifies models wraps lists provides controls determines configures`))

func wordSet(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}
