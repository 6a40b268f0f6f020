package pages

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// role is what a parameter says about a page.
type role int

const (
	none   role = iota
	cursor      // where it begins, in the API's own words
	number      // which one it is
	offset      // after how many elements it begins
	size        // how many elements it has
	most        // how many elements the caller wants, and in most APIs the same as size
)

// roles are the roles of parameters, by their names in plain letters.
var roles = map[string]role{
	"cursor": cursor, "pagecursor": cursor, "nextcursor": cursor, "startcursor": cursor, "aftercursor": cursor, "after": cursor,
	"pageafter": cursor, "pagetoken": cursor, "nextpagetoken": cursor, "nexttoken": cursor, "continuationtoken": cursor,
	"continuation": cursor, "continue": cursor, "startingafter": cursor, "marker": cursor, "bookmark": cursor,
	"exclusivestartkey": cursor, "scrollid": cursor, "skiptoken": cursor, "pagestate": cursor, "starttoken": cursor,

	"page": number, "pagenumber": number, "pageno": number, "pagenum": number, "pageindex": number, "currentpage": number, "p": number,

	"offset": offset, "skip": offset, "start": offset, "startat": offset, "startindex": offset, "pageoffset": offset, "firstresult": offset,

	"perpage": size, "pagesize": size, "size": size, "pagelimit": size, "itemsperpage": size, "resultsperpage": size, "pagelength": size,

	"limit": most, "count": most, "top": most, "take": most, "maxresults": most, "maxitems": most, "first": most, "rows": most, "num": most, "n": most,
}

// Members of an answer, by their names in plain letters.
var (
	// holders may hold what is said of the page.
	holders  = words("meta metadata pagination paging pageinfo page links _links cursors cursor responsemetadata paginginfo searchmetadata result resultinfo next data response")
	urls     = words("next nexturl nextlink nexthref nextpage nextpageurl nextpagelink nexturi odatanextlink")
	cursors  = words("nextcursor nextpagetoken nexttoken nextpagecursor continuationtoken nextcontinuationtoken continuation continue endcursor aftercursor after cursor nextmarker marker bookmark nextpage next offset nextkey lastevaluatedkey scrollid skiptoken pagestate")
	nexts    = words("nextpage nextpagenumber next nextoffset nextstart nextskip nextindex")
	mores    = words("hasmore hasnext hasnextpage more moreavailable hasmorepages hasmoreitems hasmoreresults istruncated truncated")
	lasts    = words("last islast lastpagereached isend complete done nomore")
	counts   = words("totalpages pagecount pages lastpage numpages totalpagecount pagestotal")
	totals   = words("total totalcount totalresults totalitems totalrecords totalelements totalsize totalhits odatacount")
	amounts  = words("count resultcount") // of all, or of these
	currents = words("page pagenumber currentpage number pageindex pageno")
	sizes    = words("perpage pagesize limit itemsperpage size")
	offsets  = words("offset skip start startat startindex")
	lists    = words("data items results records values entries list content rows nodes edges objects resources value elements members hits documents collection resource entry")
)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// letters returns a name in plain letters: "page[after]", "pageAfter" and
// "page_after" are one. An underscore in front stays, as in "_links".
func letters(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case 'A' <= c && c <= 'Z':
			b.WriteByte(c | 0x20)
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_' && i == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Plan says how the list that a tool answers with is asked for in parts.
type Plan struct {
	tool *tool.Tool
	args map[role]argument
	by   map[string]argument // by the name on the wire
}

// argument is a parameter that stands in the query.
type argument struct {
	key    string // in the tool's arguments
	name   string // on the wire
	schema schema
}

// Of returns how a tool's list is asked for; nil for a tool that has no list, or
// whose pages can't be told: one without an operation that reads, or without a
// parameter that says where a page begins.
func Of(t *tool.Tool) *Plan {
	if t.Operation == nil || !t.Annotations.ReadOnly {
		return nil
	}
	p := &Plan{tool: t, args: map[role]argument{}, by: map[string]argument{}}
	properties := propertiesOf(t.Input)
	add := func(key, name string) {
		a := argument{key, name, properties[key]}
		if r := roles[letters(name)]; r != none {
			if _, taken := p.args[r]; !taken {
				p.args[r] = a
			}
		}
		p.by[name] = a
	}
	for _, param := range t.Operation.Parameters {
		if param.In == tool.InQuery {
			add(param.Arg, param.Name)
		}
	}
	if body := t.Operation.Body; body != nil { // a search that is posted
		for _, f := range body.Fields {
			add(f.Arg, f.Name)
		}
	}
	if !p.has(cursor) && !p.has(number) && !p.has(offset) {
		return nil
	}
	return p
}

func (p *Plan) has(r role) bool { _, ok := p.args[r]; return ok }

// Bounds reports whether arguments say how many elements the caller wants in all,
// so that no second page is his to be given.
func (p *Plan) Bounds(arguments map[string]any) bool {
	a, ok := p.args[most]
	if !ok {
		return false
	}
	_, given := arguments[a.key]
	return given
}
