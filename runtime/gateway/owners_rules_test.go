package gateway

import (
	"fmt"
	"testing"
)

// TestOwnersOfTasks holds to who may see which task of a server that callers
// share.
func TestOwnersOfTasks(t *testing.T) {
	var o owners
	o.remember(owned{ownedTask, "s", "his"}, owner{caller: "him"})
	o.remember(owned{ownedTask, "s", "anyone's"}, owner{})
	for _, c := range []struct {
		id, caller       string
		lists, ofAnother bool
	}{
		{"his", "him", true, false},
		{"his", "her", false, true},
		{"his", "", false, true},
		{"anyone's", "", true, false},
		{"anyone's", "her", false, true},
		{"unknown", "", true, false},
		{"unknown", "her", false, false},
	} {
		if lists, other := o.lists("s", c.id, c.caller), o.ofAnother("s", c.id, c.caller); lists != c.lists || other != c.ofAnother {
			t.Errorf("%q sees the task %q: listed %t, another's %t", c.caller, c.id, lists, other)
		}
	}
	if _, known := o.of(owned{ownedTask, "another source", "his"}); known {
		t.Error("ids are a source's own")
	}
}

func TestOwnersAreBounded(t *testing.T) {
	var o owners
	for i := range maxOwned + 10 {
		o.remember(owned{ownedTask, "s", fmt.Sprint(i)}, owner{session: "a"})
	}
	if len(o.at) != maxOwned || o.order.Len() != maxOwned {
		t.Errorf("%d are remembered", len(o.at))
	}
	if _, known := o.of(owned{ownedTask, "s", "9"}); known {
		t.Error("the oldest make room")
	}
	if _, known := o.of(owned{ownedTask, "s", fmt.Sprint(maxOwned + 9)}); !known {
		t.Error("the newest is remembered")
	}
}
