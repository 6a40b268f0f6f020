package remainder

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/scan"
	"github.com/bridge-gateway/bridge/runtime/shape"
)

// MetaKey is the key of a page's "_meta" that says what it shows, for programs:
// id, block, path, unit, from, to, total, left (pointers to what is too large for
// a page) and next (the arguments of the next call, absent at the end).
const MetaKey = "bridge/read"

// reading is a request on its way.
type reading struct {
	counter shape.Counter
	req     ReadRequest
	parts   []part
	part    *part
	at      string          // the pointer to the value
	value   json.RawMessage // in a JSON document
	media   string
	show    func(limit int) page
}

// Read returns a part of a kept result, within the request's budget, and says
// what else there is. Its last block is the notice; its "_meta" has the same for
// programs. Errors say what to do: NotFound for what is not kept or not the
// caller's, and for a path to nothing; Invalid for a request that can't be read.
func (k *Keeper) Read(ctx context.Context, caller call.Caller, req ReadRequest) (*call.Result, error) {
	r, err := k.open(ctx, caller, req)
	if err != nil {
		return nil, err
	}
	p, note, err := r.fit()
	if err != nil {
		return nil, err
	}
	out := &call.Result{Meta: map[string]json.RawMessage{MetaKey: r.meta(p)}}
	for _, text := range []string{p.text, note} {
		if text != "" {
			out.Content = append(out.Content, call.Text(text))
		}
	}
	return out, nil
}

// open finds what a request is about.
func (k *Keeper) open(ctx context.Context, caller call.Caller, req ReadRequest) (*reading, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	if req.Budget == 0 {
		req.Budget = max(minBudget, k.opts.Budget)
	}
	parts, err := k.find(ctx, caller, req.Handle)
	if err != nil {
		return nil, err
	}
	r := &reading{counter: k.opts.Counter, req: req, parts: parts}
	if err := r.choose(); err != nil {
		return nil, err
	}
	return r, r.view()
}

// choose finds the part that is read.
func (r *reading) choose() error {
	if len(r.parts) == 0 {
		return fault.New("remainder.read", fault.NotFound, "the result is empty: there is nothing to read")
	}
	if r.req.Block == nil {
		r.part = &r.parts[0]
		return nil
	}
	var there []string
	for i := range r.parts {
		p := &r.parts[i]
		if p.number == *r.req.Block {
			r.part = p
			return nil
		}
		there = append(there, fmt.Sprintf("%d (%s)", p.number, p.about()))
	}
	const most = 10
	if n := len(there); n > most {
		there = append(there[:most], fmt.Sprintf("and %d more", n-most))
	}
	return fault.New("remainder.read", fault.NotFound, fmt.Sprintf("the result has no block %d: it has %s", *r.req.Block, strings.Join(there, ", ")))
}

// view finds the value that is read, and how it is shown.
func (r *reading) view() error {
	p := r.part
	r.media = p.media
	if p.raw == nil && len(segments(r.req.Path)) > 0 {
		return invalid("there is no path into block %d, which is %s: leave the path out", p.number, p.about())
	}
	if p.raw != nil {
		value, at, err := resolve(p.raw, r.req.Path)
		if err != nil {
			return err
		}
		r.value, r.at, r.req.Path = value, at, at
	}
	switch {
	case p.isBinary():
		text := fmt.Sprintf("[block %d is %s; a client can read it as the resource %s]", p.number, p.about(), ReadRequest{Handle: r.req.Handle, Block: &p.number}.uri())
		r.show = func(int) page { return page{text: text, media: textType} }
		return nil
	case r.req.Search != "":
		return r.search()
	case p.raw == nil:
		return r.showText(p.text)
	}
	if children, ok := childrenOf(r.value); ok {
		if r.req.Lines != "" {
			return invalid("%s is %s, which has no lines: give from and count", whole(r.at), describe(r.value))
		}
		r.show = func(limit int) page { return r.list(children, limit) }
		return r.within(len(children), describe(r.value))
	}
	text, isString := scalar(r.value)
	if r.media = jsonType; isString {
		r.media = textType
	}
	return r.showText(text)
}

// showText shows a text by lines or by characters.
func (r *reading) showText(text string) error {
	if r.req.Lines != "" {
		first, _, err := lineRange(r.req.Lines)
		if n := countLines(text); err == nil && first > max(n, 1) {
			err = invalid("line %d is past the end: there are %d lines", first, n)
		}
		r.show = func(limit int) page { return r.lines(text, limit) }
		return err
	}
	r.show = func(limit int) page { return r.characters(text, limit) }
	n := utf8.RuneCountInString(text)
	return r.within(n, fmt.Sprintf("text of %d characters", n))
}

// within refuses a range that begins past the end.
func (r *reading) within(total int, about string) error {
	if r.req.From > 0 && r.req.From >= total {
		return invalid("from %d is past the end of %s, which is %s", r.req.From, whole(r.at), about)
	}
	return nil
}

func (r *reading) search() error {
	f := &found{what: strings.ToLower(r.req.Search), path: []byte(r.at)}
	if r.value != nil {
		s := scan.Of(r.value)
		f.json(&s)
	} else {
		f.text(r.part.text)
	}
	if len(f.lines) == 0 {
		text := fmt.Sprintf("[%q does not occur in %s of block %d, which is %s]", r.req.Search, whole(r.at), r.part.number, r.part.about())
		r.show = func(limit int) page { return page{text: r.counter.Cut(text, limit), media: textType} }
		return nil
	}
	r.show = func(limit int) page { return r.matches(f.lines, limit) }
	return r.within(len(f.lines), fmt.Sprintf("a search with %d matches", len(f.lines)))
}

// fit returns the page and the notice that together fit the budget.
func (r *reading) fit() (page, string, error) {
	const least = 8
	for room, tries := r.req.Budget-least, 0; room >= least; tries++ {
		p := r.show(room)
		note := r.notice(p)
		told := r.counter.Count(note)
		if r.counter.Count(p.text)+told <= r.req.Budget {
			return p, note, nil
		}
		// The notice says little else about a page that is a little smaller; where
		// it does, few tries are enough.
		room = min(room-1-max(0, tries-3)*room/8, r.req.Budget-told)
	}
	return page{}, "", invalid("the budget of %d tokens is too small for this part: give a larger one, or a path further down", r.req.Budget)
}

// notice says what a page shows and what else there is; empty if it is all.
func (r *reading) notice(p page) string {
	next, about := r.next(p)
	var says []string
	if p.unit != "" && (p.from > 0 || p.next != nil || p.unit == "matches") {
		says = append(says, r.extent(p))
	}
	if len(p.left) > 0 {
		names := make([]string, len(p.left))
		for i, l := range p.left {
			names[i] = l.String()
		}
		says = append(says, "Too large for a page, read by path: "+strings.Join(names, ", "))
	}
	if next != nil {
		says = append(says, about+shape.ReadTool+" "+next.arguments())
	}
	if len(says) == 0 {
		return ""
	}
	return "[" + strings.Join(says, ". ") + "]"
}

// extent says what of the whole a page shows.
func (r *reading) extent(p page) string {
	total := fmt.Sprint(p.total)
	if p.atLeast {
		total = "at least " + total
	}
	last := p.to - 1
	if p.unit == "characters" {
		last = p.to
	}
	text := fmt.Sprintf("%s %d to %d of %s", p.unit, p.from, last, total)
	if r.at != "" && p.unit != "matches" {
		text = shorten(r.at) + ": " + text
	}
	return text
}

// shorten leaves out the middle of a long pointer.
func shorten(path string) string {
	if len(path) <= 60 {
		return path
	}
	return strings.ToValidUTF8(path[:20]+"…"+path[len(path)-35:], "")
}

// next is the request that goes on after a page: with the rest of the value, or
// else, where all of a part was asked for, with the next part.
func (r *reading) next(p page) (next *ReadRequest, about string) {
	if p.next != nil {
		return p.next, "Next: "
	}
	if r.at != "" || r.req.Search != "" || r.req.Count > 0 {
		return nil, ""
	}
	for i := range r.parts {
		if other := &r.parts[i]; other.number > r.part.number && !other.repeated {
			return &ReadRequest{Handle: r.req.Handle, Block: &other.number}, "Next, " + other.about() + ": "
		}
	}
	return nil, ""
}

// meta is the value of MetaKey.
func (r *reading) meta(p page) json.RawMessage {
	left := make([]string, len(p.left))
	for i, l := range p.left {
		left[i] = l.path
	}
	next, _ := r.next(p)
	text, err := marshal(struct {
		ID    string       `json:"id"`
		Block int          `json:"block"`
		Path  string       `json:"path"`
		Unit  string       `json:"unit,omitempty"`
		From  int          `json:"from"`
		To    int          `json:"to"`
		Total int          `json:"total"`
		Left  []string     `json:"left,omitempty"`
		Next  *ReadRequest `json:"next,omitempty"`
	}{r.req.Handle, r.part.number, r.at, p.unit, p.from, p.to, p.total, left, next})
	if err != nil {
		return json.RawMessage("{}") // never: it is plain text and numbers
	}
	return json.RawMessage(text)
}
