package gateway

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// list is a written list of definitions, of which parts can be handed out
// without being written again.
type list struct {
	text []byte         // the definitions, each followed by ","
	ends []int          // where in text each one's comma is
	keys []string       // what tells them apart
	at   map[string]int // their places, by their keys
}

// builder writes a list.
type builder struct{ l list }

func (b *builder) add(key string, definition []byte) {
	b.l.text = append(append(b.l.text, definition...), ',')
	b.l.ends = append(b.l.ends, len(b.l.text)-1)
	b.l.keys = append(b.l.keys, key)
}

func (b *builder) list() list {
	b.l.at = make(map[string]int, len(b.l.keys))
	for i, key := range b.l.keys {
		b.l.at[key] = i
	}
	return b.l
}

// page is one page of a list, as the result of a request for it. It is copied
// once, into the answer.
type page struct {
	member string // the name of the member that the definitions are in
	text   []byte // the definitions, with commas between
	next   string // the cursor of what follows; "" at the end
	cache  *caching
}

// caching says how long, and by whom, an answer may be kept (2026-07-28,
// server/utilities/caching).
type caching struct {
	ttl     time.Duration
	private bool
}

func (c caching) appendMembers(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `"ttlMs":`...), c.ttl.Milliseconds(), 10)
	if c.private {
		return append(dst, `,"cacheScope":"private"`...)
	}
	return append(dst, `,"cacheScope":"public"`...)
}

// AppendJSON appends the result.
func (p page) AppendJSON(dst []byte) ([]byte, error) {
	dst = append(dst, '{')
	if p.cache != nil {
		dst = append(p.cache.appendMembers(dst), ',')
	}
	dst = append(protocol.AppendString(dst, p.member), ":["...)
	dst = append(append(dst, p.text...), ']')
	if p.next != "" {
		dst = protocol.AppendString(append(dst, `,"nextCursor":`...), p.next)
	}
	return append(dst, '}'), nil
}

// page returns the page at a cursor, of at most size definitions. The cursor
// names the definition that the page follows: a list may change between two
// pages, and nothing is left out or told twice unless that one is gone.
func (l *list) page(member, cursor string, size int) (page, error) {
	first := 0
	if cursor != "" {
		last, err := l.find(member, cursor)
		if err != nil {
			return page{}, err
		}
		first = last + 1
	}
	p := page{member: member}
	if first >= len(l.ends) {
		return p, nil
	}
	end, from := min(first+size, len(l.ends)), 0
	if first > 0 {
		from = l.ends[first-1] + 1
	}
	p.text = l.text[from:l.ends[end-1]]
	if end < len(l.ends) {
		p.next = base64.RawURLEncoding.EncodeToString([]byte(member + " " + l.keys[end-1]))
	}
	return p, nil
}

// maxCursor bounds a cursor, in bytes.
const maxCursor = 16 << 10

// find returns the place of the definition that a cursor names.
func (l *list) find(member, cursor string) (int, error) {
	if len(cursor) <= maxCursor {
		if raw, err := base64.RawURLEncoding.DecodeString(cursor); err == nil {
			if key, ok := strings.CutPrefix(string(raw), member+" "); ok {
				if i, ok := l.at[key]; ok {
					return i, nil
				}
			}
		}
	}
	return 0, fault.New("gateway.list", fault.Invalid, "this cursor leads nowhere: the list has changed, or the cursor is not of this list; list again without a cursor")
}

// defaultPage is the page size where none is given: so large that a client which
// reads one page only still sees what there is in almost every gateway.
const defaultPage = 1000

func (o *Options) pageSize() int {
	if o.PageSize > 0 {
		return o.PageSize
	}
	return defaultPage
}
