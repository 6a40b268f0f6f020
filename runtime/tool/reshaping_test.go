package tool_test

import (
	"reflect"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

func TestReshaping(t *testing.T) {
	program, layout, pages, seconds, yes, no := ".items", tool.LayoutTOON, 3, 30, true, false
	json := tool.LayoutJSON
	one, none := 1, 0
	own := &tool.Shaping{Fields: []string{"/id"}, Drop: tool.Drop{Nulls: true, Keys: []string{"etag"}}, Cache: 60}
	cases := []struct {
		name   string
		change tool.Reshaping
		to     *tool.Shaping
		want   *tool.Shaping
	}{
		{"nothing changes nothing", tool.Reshaping{}, own, own},
		{"nothing of nothing", tool.Reshaping{}, nil, nil},
		{"all of nothing", tool.Reshaping{Fields: []string{"/a"}, Nulls: &yes, Empty: &yes, Keys: []string{"x"}, Encoding: &layout, Pages: &pages, Cache: &seconds, Dedupe: &yes}, nil,
			&tool.Shaping{Fields: []string{"/a"}, Drop: tool.Drop{Nulls: true, Empty: true, Keys: []string{"x"}}, Encoding: tool.LayoutTOON, Pages: 3, Cache: 30, Dedupe: true}},
		{"a program takes the place of fields", tool.Reshaping{JQ: &program}, own,
			&tool.Shaping{JQ: program, Drop: own.Drop, Cache: 60}},
		{"no fields keep all", tool.Reshaping{Fields: []string{}}, own, &tool.Shaping{Drop: own.Drop, Cache: 60}},
		{"drop is merged", tool.Reshaping{Nulls: &no, Keys: []string{"etag", "links"}}, own,
			&tool.Shaping{Fields: own.Fields, Drop: tool.Drop{Keys: []string{"etag", "links"}}, Cache: 60}},
		{"what is turned off is nothing", tool.Reshaping{Encoding: &json, Pages: &one, Cache: &none, Dedupe: &no}, &tool.Shaping{Encoding: layout, Pages: 5, Cache: 9, Dedupe: true}, nil},
	}
	before := *own
	for _, c := range cases {
		if got := c.change.Apply(c.to); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
	if !reflect.DeepEqual(*own, before) {
		t.Errorf("a shaping was changed in place: %+v", own)
	}
}

// One change over another is both, the second after the first.
func TestReshapingOver(t *testing.T) {
	program, yes, no, few, many := ".a", true, false, 2, 9
	changes := []tool.Reshaping{
		{},
		{Fields: []string{"/a"}, Keys: []string{"k"}, Dedupe: &yes, Pages: &many},
		{JQ: &program, Nulls: &yes, Keys: []string{"l"}, Pages: &few},
		{Fields: []string{}, Nulls: &no, Dedupe: &no, Cache: &few},
	}
	shapings := []*tool.Shaping{nil, {Fields: []string{"/b"}, Drop: tool.Drop{Nulls: true, Keys: []string{"l", "m"}}, Cache: 5}}
	for i, first := range changes {
		for j, second := range changes {
			for _, s := range shapings {
				got, want := second.Over(first).Apply(s), second.Apply(first.Apply(s))
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%d over %d: %+v, want %+v", j, i, got, want)
				}
			}
		}
	}
}
