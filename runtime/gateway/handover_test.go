package gateway_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// gated is a source that loads when it is let.
type gated struct {
	*versioned
	asked chan struct{}
	let   chan error
}

func gate(name string, tools ...string) *gated {
	return &gated{versioned: version(name, "1", tools...), asked: make(chan struct{}, 8), let: make(chan error)}
}

func (s *gated) Tools(ctx context.Context) ([]tool.Tool, error) {
	s.asked <- struct{}{}
	select {
	case err := <-s.let:
		if err != nil {
			return nil, err
		}
		return s.versioned.Tools(ctx)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestSourcesLeaveWhenThoseThatCameAreThere(t *testing.T) {
	before := version("crm", "1", "say")
	g, url := serve(t, gateway.Mount{Source: before, Prefix: "crm"})
	settled(t, g)
	session, told := listening(t, url)
	one, two := gate("sales", "say"), gate("docs", "say")
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: one, Prefix: "sales"}, {Source: two, Prefix: "docs"}}})
	within(t, one.asked, "the source was not loaded")
	one.let <- nil
	within(t, two.asked, "the source was not loaded")
	if got := served(g); got != "crm_say" {
		t.Fatalf("while sources still load, the catalog has %q", got)
	}
	if got := say(t, session, "crm_say"); got != "say of 1" {
		t.Fatalf("a call of what is leaving: %s", got)
	}
	two.let <- nil
	until(t, session, told, "sales_say docs_say")
	within(t, before.closed, "what left was not closed")
}

func TestWhatCannotLoadKeepsNothing(t *testing.T) {
	before := version("crm", "1", "say")
	g, url := serve(t, gateway.Mount{Source: before, Prefix: "crm"})
	settled(t, g)
	session, told := listening(t, url)
	broken := gate("sales", "say")
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: broken, Prefix: "sales"}}})
	broken.let <- errors.New("down")
	until(t, session, told, "")
	within(t, before.closed, "what left was not closed")
}

func TestReloadsDuringAHandover(t *testing.T) {
	before := version("crm", "1", "say")
	g, url := serve(t, gateway.Mount{Source: before, Prefix: "crm"})
	settled(t, g)
	session, told := listening(t, url)
	passing, last := gate("passing", "say"), gate("last", "say")
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: passing, Prefix: "passing"}}})
	within(t, passing.asked, "the source was not loaded")
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: last, Prefix: "last"}}})
	within(t, passing.closed, "a source that never came was not closed")
	if got := served(g); got != "crm_say" {
		t.Fatalf("while sources still load, the catalog has %q", got)
	}
	last.let <- nil
	until(t, session, told, "last_say")
	within(t, before.closed, "what left was not closed")
	reload(t, g, gateway.Options{})
	until(t, session, told, "")
}

func TestAHandoverEndsWithTheGrace(t *testing.T) {
	before := version("crm", "1", "say")
	g, _ := serveWith(t, gateway.Options{Grace: 10 * time.Millisecond, Mounts: []gateway.Mount{{Source: before, Prefix: "crm"}}})
	settled(t, g)
	reload(t, g, gateway.Options{Mounts: []gateway.Mount{{Source: gate("slow", "say"), Prefix: "slow"}}})
	within(t, before.closed, "what left was not closed")
	if got := served(g); got != "" {
		t.Fatalf("the catalog has %q", got)
	}
}
