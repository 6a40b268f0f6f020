package remainder

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/shape"
)

// ReadRequest says what of a result is to be read.
type ReadRequest struct {
	// Handle is what the trimmed result named.
	Handle string `json:"id"`
	// Block is the part's number: that of a content block from 1, or 0 for
	// structured content that no block shows; nil for the first there is.
	Block *int `json:"block,omitempty"`
	// Path is a JSON pointer (RFC 6901) to a value in the part; "" for all of it.
	Path string `json:"path,omitempty"`
	// From is the first item, member, character or match that is read, from 0, and
	// Count how many are at most; 0 for as many as fit.
	From  int `json:"from,omitempty"`
	Count int `json:"count,omitempty"`
	// Lines are the lines of a text that are read, from 1: "20-40", "20-" or "20".
	Lines string `json:"lines,omitempty"`
	// Search is a text whose occurrences are listed, letter case aside.
	Search string `json:"search,omitempty"`
	// Budget is the most tokens that the answer may cost; 0 takes the keeper's.
	Budget int `json:"-"`
}

// Bounds of a request.
const (
	maxPath   = 4096
	maxSearch = 256
	minBudget = 100
)

func invalid(format string, args ...any) error {
	return fault.New("remainder.read", fault.Invalid, fmt.Sprintf(format, args...))
}

// check refuses what can't be read.
func (r *ReadRequest) check() (err error) {
	if r.Handle, err = ParseHandle(r.Handle); err != nil {
		return err
	}
	switch {
	case len(r.Path) > maxPath:
		return invalid("the path has %d bytes, and at most %d are read", len(r.Path), maxPath)
	case r.Path != "" && strings.Contains(strings.ReplaceAll(strings.ReplaceAll(r.Path, "~0", ""), "~1", ""), "~"):
		return invalid("the path %q is no JSON pointer: \"~\" is written \"~0\", and \"/\" in a key \"~1\"", clip(r.Path))
	case len(r.Search) > maxSearch:
		return invalid("the search text has %d bytes, and at most %d are searched for", len(r.Search), maxSearch)
	case r.From < 0, r.Count < 0, r.Block != nil && *r.Block < 0:
		return invalid("from, count and block must not be negative")
	case r.Lines != "" && (r.From != 0 || r.Search != ""):
		return invalid("give lines, or from and count, or search: not several of them")
	case r.Budget != 0 && r.Budget < minBudget:
		return invalid("the budget of %d tokens is too small to read in: at least %d are needed", r.Budget, minBudget)
	}
	return nil
}

// lineRange reads Lines: the first and last line, from 1; a last of 0 is the end.
func lineRange(text string) (first, last int, err error) {
	from, to, ranged := strings.Cut(strings.TrimSpace(text), "-")
	first, err = line(from)
	switch to = strings.TrimSpace(to); {
	case err != nil:
	case !ranged:
		last = first
	case to != "":
		if last, err = line(to); err == nil && last < first {
			err = strconv.ErrRange
		}
	}
	if err != nil || first < 1 {
		return 0, 0, invalid("the lines %q are no range: write \"20-40\", \"20-\" or \"20\", counted from 1", fault.Clip(text, 40))
	}
	return first, last, nil
}

// line reads the number of a line, which a next one fits behind.
func line(text string) (int, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	return int(n), err
}

// parseArguments reads the arguments of bridge_read. Numbers may be written as
// strings, as some models do.
func parseArguments(raw json.RawMessage) (ReadRequest, error) {
	var r ReadRequest
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = json.RawMessage("{}")
	}
	var args struct {
		ID     string `json:"id"`
		Path   string `json:"path"`
		Block  *whole64
		From   whole64
		Count  whole64
		Lines  whole64Text
		Search string `json:"search"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&args); err != nil {
		return r, invalid("the arguments can't be read: id, path, lines and search are strings, and from, count and block whole numbers")
	}
	r = ReadRequest{Handle: args.ID, Path: args.Path, From: int(args.From), Count: int(args.Count), Lines: string(args.Lines), Search: args.Search}
	if args.Block != nil {
		n := int(*args.Block)
		r.Block = &n
	}
	return r, nil
}

// whole64 is a whole number, also as a string.
type whole64 int32

func (n *whole64) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" || text == "" {
		return nil
	}
	v, err := strconv.ParseInt(text, 10, 32)
	*n = whole64(v)
	return err
}

// whole64Text is a string, also as a number.
type whole64Text string

func (t *whole64Text) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	if raw[0] != '"' {
		*t = whole64Text(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(t))
}

// ParseURI reads a resource's URI, bridge://result/ID?path=…&from=….
func ParseURI(uri string) (ReadRequest, error) {
	u, err := url.Parse(uri)
	if err != nil || !strings.HasPrefix(strings.ToLower(uri), shape.ResultURI) {
		return ReadRequest{}, fault.New("remainder.read", fault.NotFound, "there is no such resource: a trimmed result is "+shape.ResultURI+"ID, with the id that it named")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return ReadRequest{}, invalid("the query of the URI can't be read: escape what is no letter or digit with %%")
	}
	r := ReadRequest{Handle: strings.TrimPrefix(u.Path, "/"), Path: query.Get("path"), Lines: query.Get("lines"), Search: query.Get("search")}
	for name, into := range map[string]func(int){
		"from": func(n int) { r.From = n }, "count": func(n int) { r.Count = n }, "block": func(n int) { r.Block = &n },
	} {
		if text := query.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil {
				return ReadRequest{}, invalid("%s must be a whole number", name)
			}
			into(int(n))
		}
	}
	return r, nil
}

// arguments are those of bridge_read that ask for a request.
func (r ReadRequest) arguments() string {
	text, err := marshal(r)
	if err != nil {
		return "{}" // never: it is plain text and numbers
	}
	return text
}

// marshal writes JSON without escapes that only HTML needs.
func marshal(v any) (string, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(out.String(), "\n"), err
}

// uri is the resource that asks for a request.
func (r ReadRequest) uri() string {
	q := url.Values{}
	set := func(name, value string, is bool) {
		if is {
			q.Set(name, value)
		}
	}
	if r.Block != nil {
		q.Set("block", strconv.Itoa(*r.Block))
	}
	set("path", r.Path, r.Path != "")
	set("from", strconv.Itoa(r.From), r.From != 0)
	set("count", strconv.Itoa(r.Count), r.Count != 0)
	set("lines", r.Lines, r.Lines != "")
	set("search", r.Search, r.Search != "")
	uri := shape.ResultURI + r.Handle
	if len(q) > 0 {
		uri += "?" + q.Encode()
	}
	return uri
}
