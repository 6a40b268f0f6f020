package protocol_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

func readEvents(r io.Reader, limit int) (events []protocol.Event, err error) {
	s := protocol.NewEvents(r, limit)
	for {
		e, err := s.Next()
		if err != nil {
			return events, err
		}
		e.Data = bytes.Clone(e.Data)
		events = append(events, e)
	}
}

func TestEvents(t *testing.T) {
	const stream = "\xef\xbb\xbf: hello\n\nevent: endpoint\r\ndata:/x\r\n\r\n" +
		"id: 1\rretry: 1500\rdata: \r\rdata: a\ndata\ndata:  b\nunknown: 1\nretry: x\nid: a\x00b\n\nid: 2\n\nevent: dropped\n\ndata: cut"
	got, err := readEvents(strings.NewReader(stream), 64)
	want := []protocol.Event{
		{Name: "endpoint", Data: []byte("/x")},
		{ID: "1", Retry: 1500 * time.Millisecond, Data: []byte{}},
		{Data: []byte("a\n\n b")},
		{ID: "2"},
	}
	if !errors.Is(err, io.EOF) || len(got) != len(want) {
		t.Fatalf("%v %v", got, err)
	}
	for i := range want {
		if got[i].Name != want[i].Name || got[i].ID != want[i].ID || got[i].Retry != want[i].Retry || !bytes.Equal(got[i].Data, want[i].Data) {
			t.Errorf("%d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestEventsAreBounded(t *testing.T) {
	for _, stream := range []string{
		"data: " + strings.Repeat("x", 100) + "\n\n",
		strings.Repeat("data: x\n", 20) + "\n",
		strings.Repeat(":\n: a comment\n", 20) + "\n",
		strings.Repeat("x", 100),
	} {
		if got, err := readEvents(strings.NewReader(stream), 64); !errors.Is(err, protocol.ErrEventTooLarge) {
			t.Errorf("%.20q: %v %v", stream, got, err)
		}
	}
	if got, err := readEvents(strings.NewReader(strings.Repeat("data: 123456\n\n", 100)), 16); len(got) != 100 {
		t.Errorf("the bound is each event's: %d, %v", len(got), err)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte("id: 1\r\ndata: a\rdata: b\n\n"))
	f.Add([]byte(":\n\nretry:+1\ndata\n\n\n"))
	f.Add([]byte("event: x\nid: y\nretry: 10\ndata: {}\n\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		whole, err := readEvents(bytes.NewReader(stream), 256)
		bytewise, err2 := readEvents(iotest.OneByteReader(bytes.NewReader(stream)), 256)
		if !errors.Is(err, err2) || !reflect.DeepEqual(whole, bytewise) {
			t.Fatalf("in one: %v %v\nby bytes: %v %v", whole, err, bytewise, err2)
		}
		var out []byte
		for _, e := range whole {
			out = protocol.AppendEvent(out, e)
		}
		again, err := readEvents(bytes.NewReader(out), 1<<20)
		if !errors.Is(err, io.EOF) || len(again) != len(whole) {
			t.Fatalf("%q is read as %v: %v", out, again, err)
		}
		for i, e := range whole {
			if a := again[i]; a.Name != e.Name || a.ID != e.ID || a.Retry != e.Retry || !bytes.Equal(a.Data, e.Data) {
				t.Fatalf("%q: got %+v, want %+v", out, a, e)
			}
		}
	})
}
