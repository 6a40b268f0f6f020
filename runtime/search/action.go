package search

import (
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

// action is what is done to a thing.
type action uint8

const (
	reads action = iota // one thing
	lists               // several things
	creates
	updates
	deletes
	does // something else: cancel, merge, send
	actions
)

// intent is how likely each action is meant; the sum is 1, or 0 where nothing
// is known.
type intent [actions]float32

func (i *intent) likeliest() action {
	best := reads
	for a := range actions {
		if i[a] > i[best] {
			best = a
		}
	}
	return best
}

func (i *intent) normalise() {
	sum := float32(0)
	for _, x := range i {
		sum += x
	}
	if sum == 0 {
		return
	}
	for a := range i {
		i[a] /= sum
	}
}

// verbs says what verbs mean, by their stems.
var verbs = sync.OnceValue(func() map[string]intent {
	table := map[string]intent{}
	for a, text := range map[action]string{
		reads: `get read retrieve fetch show describe view look see tell inspect info detail return display lookup check verify know
			learn explain print open load obtain examine peek watch download follow stream monitor count compare preview`,
		lists: `list find search browse enumerate query lookup collect count scan scroll`,
		creates: `create add new make insert post register put start begin open append enter set setup build issue upload submit
			establish invite join give grant attach assign subscribe launch publish place log record store save allow comment reply
			sign write announce order book introduce initiate generate include provision upsert`,
		updates: `update change edit modify patch rename set replace alter correct fix adjust tweak overwrite rewrite move switch
			raise lower increase decrease configure mark turn enable disable amend extend swap revise upgrade refresh reassign upsert
			make hide put merge relabel toggle promote tune designate link connect map tie ensure keep renew restrict`,
		deletes: `delete remove erase drop destroy discard revoke clear wipe purge forget unset undo unassign detach uninstall
			eliminate unlink withdraw unsubscribe unregister kill clean disconnect trash kick take reset cancel terminate stop
			expire unfollow bin scrap unpublish deregister`,
		does: `cancel stop run send execute trigger start restart approve reject confirm transfer merge sync verify test validate invoke
			move capture refund void archive restore retry play pause resume call submit close reopen activate deactivate lock unlock
			follow unfollow export import backup simulate force evaluate push commit rotate link unlink publish unpublish share upload apply process perform enable disable`,
	} {
		for _, verb := range strings.Fields(text) {
			verb = words.Stem(verb)
			i := table[verb]
			i[a]++
			table[verb] = i
		}
	}
	for verb, i := range table {
		i.normalise()
		table[verb] = i
	}
	return table
})

// verbOf is what a word means as a verb, by its stem.
func verbOf(stem string) (intent, bool) {
	i, ok := verbs()[stem]
	return i, ok
}

// plainVerbs say what is done and hardly anything more, so that as words they
// count little: nearly every catalog has them all over.
var plainVerbs = sync.OnceValue(func() map[string]bool {
	plain := map[string]bool{}
	for _, verb := range strings.Fields(`get list show create add make delete remove update change set put give take find see tell
		read retrieve fetch return returns describe view modify edit erase drop new look replace`) {
		plain[words.Stem(verb)] = true
	}
	return plain
})

// mix lets what a title's verb means weigh next to what the method does, which
// alone is sure of reading and removing.
func (i *intent) mix(verb *intent, method string) {
	share := float32(0.5)
	switch method {
	case "GET", "DELETE":
		share = 0.25
	case "POST", "":
		share = 0.7
	}
	for a := range i {
		i[a] = (1-share)*i[a] + share*verb[a]
	}
}

// ofAnnotations is what a native tool's hints say that it does.
func ofAnnotations(d *Document) intent {
	switch {
	case d.Annotations.ReadOnly:
		return intent{reads: 0.5, lists: 0.5}
	case d.Annotations.Destructive:
		return intent{deletes: 0.4, updates: 0.4, does: 0.2}
	default:
		return intent{creates: 0.4, updates: 0.3, does: 0.3}
	}
}

// ofMethod is what an HTTP method does to a path that ends in a parameter
// (item) or in a word.
func ofMethod(method string, item bool) intent {
	var i intent
	switch method {
	case "GET", "HEAD", "QUERY", "OPTIONS", "TRACE":
		if item {
			i[reads] = 1
		} else {
			i[lists], i[reads] = 0.6, 0.4
		}
	case "PUT":
		i[updates] = 0.75
		i[creates] = 0.25
	case "PATCH":
		i[updates] = 1
	case "DELETE":
		i[deletes] = 1
	case "POST":
		if item {
			i[updates], i[does] = 0.8, 0.2
		} else {
			i[creates], i[does] = 0.65, 0.35
		}
	}
	return i
}

// alike is how well a tool of one action answers a request for another.
var alike = [actions][actions]float32{
	reads:   {reads: 1, lists: 0.75, creates: 0, updates: 0, deletes: 0, does: 0.1},
	lists:   {reads: 0.6, lists: 1, creates: 0, updates: 0, deletes: 0, does: 0.1},
	creates: {creates: 1, updates: 0.45, does: 0.5},
	updates: {creates: 0.35, updates: 1, does: 0.5, deletes: 0.1},
	deletes: {deletes: 1, does: 0.4, updates: 0.15},
	does:    {creates: 0.5, updates: 0.5, does: 1, deletes: 0.3, reads: 0.1, lists: 0.1},
}

// agree is how well a tool's action answers a request's, from 0 to 1.
func agree(request, answer *intent) float32 {
	sum := float32(0)
	for a := range actions {
		if request[a] == 0 {
			continue
		}
		for b := range actions {
			sum += request[a] * answer[b] * alike[a][b]
		}
	}
	return sum
}
