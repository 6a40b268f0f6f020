package shape_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// toonReader reads TOON by its specification, strictly, and nothing of the
// package's code.
type toonReader struct {
	lines []toonLine
	i     int
}

type toonLine struct {
	depth int
	text  string
}

var toonHead = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_.]*)?(?:\[\d+\](?:\{.*\})?)?:( |$)`)

// isTOON reports whether the first line is one that a document of TOON can have.
func isTOON(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	return !strings.HasPrefix(first, `"""`) && first != ":" && toonHead.MatchString(first)
}

func readTOON(text string) any {
	if text == "" {
		return map[string]any{}
	}
	d := &toonReader{}
	for _, line := range strings.Split(text, "\n") {
		rest := strings.TrimLeft(line, " ")
		if (len(line)-len(rest))%2 != 0 || rest == "" {
			panic(fmt.Sprintf("indentation of %q", line))
		}
		d.lines = append(d.lines, toonLine{(len(line) - len(rest)) / 2, rest})
	}
	var v any
	if strings.HasPrefix(text, "[") {
		d.i++
		v = d.array(d.lines[0].text, 0)
	} else {
		v = d.object(0)
	}
	if d.i != len(d.lines) {
		panic(fmt.Sprintf("more at %q", d.lines[d.i].text))
	}
	return v
}

func (d *toonReader) at(depth int) bool { return d.i < len(d.lines) && d.lines[d.i].depth == depth }

func (d *toonReader) object(depth int) map[string]any {
	out := map[string]any{}
	for d.at(depth) {
		key, rest := toonToken(d.lines[d.i].text, ":[")
		d.i++
		switch {
		case strings.HasPrefix(rest, "["):
			out[key] = d.array(rest, depth)
		case rest == ":":
			out[key] = d.object(depth + 1)
		case strings.HasPrefix(rest, ": "):
			out[key] = toonScalar(rest[2:])
		default:
			panic("a member: " + rest)
		}
	}
	return out
}

// toonToken takes a key or a cell; stops are what may follow it.
func toonToken(text, stops string) (token, rest string) {
	if strings.HasPrefix(text, `"`) {
		p := &laid{s: text}
		return p.json().(string), text[p.i:]
	}
	i := strings.IndexAny(text, stops)
	if i < 0 {
		i = len(text)
	}
	return text[:i], text[i:]
}

func toonScalar(text string) any {
	if strings.HasPrefix(text, `"`) {
		s, rest := toonToken(text, "")
		if rest != "" {
			panic("after a string: " + rest)
		}
		return s
	}
	return scalar(text)
}

// cells splits a line of scalars.
func (d *toonReader) cells(line string, n int) []any {
	var out []any
	for {
		from := line
		_, rest := toonToken(line, ",")
		out = append(out, toonScalar(from[:len(from)-len(rest)]))
		if rest == "" {
			break
		}
		line = rest[1:]
	}
	if len(out) != n {
		panic(fmt.Sprintf("%d cells of %d", len(out), n))
	}
	return out
}

// array reads what follows an array's key, whose line is at depth.
func (d *toonReader) array(head string, depth int) []any {
	count, rest, _ := strings.Cut(head[1:], "]")
	n, err := strconv.Atoi(count)
	if err != nil {
		panic(err)
	}
	out := []any{}
	if strings.HasPrefix(rest, "{") {
		var names []string
		for rest != "}:" {
			var name string
			name, rest = toonToken(rest[1:], ",}")
			names = append(names, name)
		}
		for range n {
			if !d.at(depth + 1) {
				panic("a row is missing")
			}
			row := map[string]any{}
			for i, v := range d.cells(d.lines[d.i].text, len(names)) {
				row[names[i]] = v
			}
			out = append(out, row)
			d.i++
		}
		return out
	}
	if inline, ok := strings.CutPrefix(rest, ": "); ok {
		return d.cells(inline, n)
	}
	for range n {
		out = append(out, d.item(depth+1))
	}
	return out
}

func (d *toonReader) item(depth int) any {
	line := d.lines[d.i]
	rest, ok := strings.CutPrefix(line.text, "-")
	if !ok || line.depth != depth {
		panic("an item is missing: " + line.text)
	}
	rest = strings.TrimPrefix(rest, " ")
	switch {
	case rest == "":
		d.i++
		return map[string]any{}
	case strings.HasPrefix(rest, "["):
		d.i++
		return d.array(rest, depth)
	case toonHead.MatchString(rest):
		d.lines[d.i] = toonLine{depth + 1, rest}
		return d.object(depth + 1)
	}
	d.i++
	return toonScalar(rest)
}

func TestTOONAsItLooks(t *testing.T) {
	body := `{"object":"list","total":3,"empty":[],"none":{},"tags":["a","b, c","3"],"page":{"next":null,"size":3.50},"mixed":[1,{"id":1,"list":[{"x":1,"y":"a"},{"x":2,"y":"b"}],"z":true},{},[1,2],{"deep":{"er":"x: y"}}],"items":[{"id":1,"name":"Anna","when":"2026-01-01T00:00:00Z"},{"id":2,"name":"Ben","when":"-"},{"id":3,"name":"","when":null},{"id":4,"name":"Cy","when":"2026-01-01T00:00:00Z"}],"some key":"last"}`
	want := `object: list
total: 3
empty[0]:
none:
tags[3]: a,"b, c","3"
page:
  next: null
  size: 3.50
mixed[5]:
  - 1
  - id: 1
    list[2]{x,y}:
      1,a
      2,b
    z: true
  -
  - [2]: 1,2
  - deep:
      er: "x: y"
items[4]{id,name,when}:
  1,Anna,"2026-01-01T00:00:00Z"
  2,Ben,"-"
  3,"",null
  4,Cy,"2026-01-01T00:00:00Z"
"some key": last`
	if got, ok := shape.TOON(body); got != want || !ok {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if v := readTOON(want); !reflect.DeepEqual(v, meaning(t, body)) {
		t.Errorf("it reads as %v", v)
	}
}

// Documents that are TOON as a whole come back as they were.
func TestTOONLosesNothing(t *testing.T) {
	s := newShaper(t)
	r := rand.New(rand.NewPCG(71, 72))
	whole, smallest := 0, 0
	for i := range 3000 {
		body := `{"total":12,"kind":"list","page":{"next":null},"list":` + rows(r) + `,"tags":["a","b","c","d"],"more":{"of":[1,[2],[],{}]}}`
		if i%3 == 0 {
			body = unrepeated(r)
		}
		got, ok := shape.TOON(body)
		if !ok {
			continue
		}
		whole++
		if v := readTOON(got); !reflect.DeepEqual(v, meaning(t, body)) {
			t.Fatalf("of %s\nin %s\nis %v", body, got, v)
		}
		if got, _ := lay(t, s, body, tool.LayoutTOON, 0); isTOON(got) {
			smallest++
		}
	}
	t.Logf("%d are TOON, for %d it is the smallest", whole, smallest)
	if whole < 500 || smallest < 20 {
		t.Errorf("only %d were TOON, and %d smallest so", whole, smallest)
	}
}
