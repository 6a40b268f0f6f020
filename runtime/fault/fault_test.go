package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

func TestCauseStaysInside(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.7:5432: password=hunter2")
	err := fmt.Errorf("outer: %w", fault.Wrap("rest.do", fault.Unavailable, "the CRM can't be reached", cause))

	if got := fault.Message(err); got != "the CRM can't be reached" {
		t.Errorf("Message = %q", got)
	}
	if !strings.Contains(err.Error(), "hunter2") {
		t.Error("the log's text must keep the cause")
	}
	if !errors.Is(err, cause) {
		t.Error("the cause must stay in the chain")
	}
}

func TestMessageOfUnknownErrors(t *testing.T) {
	cases := map[string]error{
		"internal error":                           errors.New("map panicked at 0xdeadbeef"),
		"the call took too long and was stopped":   fmt.Errorf("get: %w", context.DeadlineExceeded),
		"the call was canceled":                    context.Canceled,
		"no tool \"x\"; see tools/list for others": fault.New("resolve", fault.NotFound, "no tool \"x\"; see tools/list for others"),
	}
	for want, err := range cases {
		if got := fault.Message(err); got != want {
			t.Errorf("Message(%v) = %q, want %q", err, got, want)
		}
	}
	if got := fault.Message(fault.New("x", fault.Internal, "secret path")); got != "internal error" {
		t.Errorf("an internal fault must not show its message, got %q", got)
	}
}

func TestEveryKindHasARow(t *testing.T) {
	seen := map[string]bool{}
	for k := fault.Internal; k <= fault.Unsupported; k++ {
		if k.String() == "" || k.HTTPStatus() < 400 || k.RPCCode() >= 0 {
			t.Errorf("kind %d has an incomplete row", k)
		}
		if seen[k.String()] {
			t.Errorf("kind name %q stands twice", k)
		}
		seen[k.String()] = true
	}
	if fault.Kind(200).String() != "internal" {
		t.Error("an unknown kind must read as internal")
	}
}

func TestClip(t *testing.T) {
	for in, want := range map[string]string{"": "", "naïve": "naïve", "naïvety": "naïve…", "ööööö": "ööö…", "ab\xffcdefg": "abcde…"} {
		if got := fault.Clip(in, 6); got != want {
			t.Errorf("Clip(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"budget", "listen", "encoding", "list_contacts"}
	cases := map[string]string{"budjet": "budget", "Listen": "listen", "lsten": "listen",
		"listContacts": "list_contacts", "list-contact": "list_contacts", "port": "", "": ""}
	for in, want := range cases {
		if got := fault.Nearest(in, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}
