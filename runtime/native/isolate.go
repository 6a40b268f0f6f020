package native

import (
	"fmt"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// isolateCaller is the value of [Options.Isolate] that gives each caller a
// session of his own.
const isolateCaller = "caller"

// ownLinks are the callers' own links.
type ownLinks struct {
	mu     sync.Mutex
	closed bool
	all    map[string]*ownLink
	work   sync.WaitGroup // links that end
}

// ownLink is one caller's link.
type ownLink struct {
	*link
	calls int // under way
	since time.Time
	idle  *time.Timer // ends it; nil while calls are under way
}

// keyOf names a caller; "" for one who can't be told from others.
func keyOf(c call.Caller) string {
	switch {
	case c.ID != "":
		return "caller " + c.ID
	case c.Session != "":
		return "session " + c.Session
	}
	return ""
}

// linkFor returns the link that a caller's call goes over. release is called
// when the call is over.
func (s *Source) linkFor(c call.Caller) (l *link, release func(), err error) {
	if s.opts.Isolate != isolateCaller || keyOf(c) == "" {
		return s.shared, func() {}, nil
	}
	return s.ownLink(keyOf(c))
}

func (s *Source) ownLink(key string) (l *link, release func(), err error) {
	for {
		own, evicted, err := s.own.take(s, key)
		if evicted == nil {
			if err != nil {
				return nil, nil, err
			}
			return own.link, func() { s.release(key, own) }, nil
		}
		evicted.close() // so that there are never more than the bound
		s.own.work.Done()
	}
}

// connected returns the session of a caller's own link; nil where he has none. The
// caller ends his part in it by session.calls.
func (o *ownLinks) connected(c call.Caller) *session {
	o.mu.Lock()
	own := o.all[keyOf(c)]
	o.mu.Unlock()
	if own == nil {
		return nil
	}
	own.mu.Lock()
	defer own.mu.Unlock()
	if own.session != nil {
		own.session.calls.Add(1)
	}
	return own.session
}

// take returns a caller's link, new if need be. Where there is no room it takes
// out the longest idle one, which the caller closes before he tries again.
func (o *ownLinks) take(s *Source, key string) (own *ownLink, evicted *link, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil, nil, s.errClosed("native.connect")
	}
	own = o.all[key]
	if own == nil && len(o.all) >= s.opts.MaxSessions {
		evicted := o.longestIdle()
		if evicted == nil {
			return nil, nil, fault.New("native.connect", fault.Unavailable, s.says(fmt.Sprintf(
				"has no session left for another caller: all %d are busy; try again in a moment, or allow more sessions", s.opts.MaxSessions)))
		}
		o.work.Add(1)
		return nil, evicted, nil
	}
	if own == nil {
		own = &ownLink{link: newLink(s, false)}
		if o.all == nil {
			o.all = map[string]*ownLink{}
		}
		o.all[key] = own
	}
	if own.idle != nil {
		own.idle.Stop()
		own.idle = nil
	}
	own.calls++
	return own, nil, nil
}

// longestIdle takes out the link that has been idle for longest; nil if all are
// busy. The caller holds mu.
func (o *ownLinks) longestIdle() *link {
	var key string
	var found *ownLink
	for k, own := range o.all {
		if own.calls == 0 && (found == nil || own.since.Before(found.since)) {
			key, found = k, own
		}
	}
	if found == nil {
		return nil
	}
	delete(o.all, key)
	found.idle.Stop()
	return found.link
}

// release ends a call's part in a link, which ends if no other comes in time.
func (s *Source) release(key string, own *ownLink) {
	o := &s.own
	o.mu.Lock()
	defer o.mu.Unlock()
	if own.calls--; own.calls > 0 || o.closed {
		return
	}
	own.since = time.Now()
	own.idle = time.AfterFunc(s.opts.IdleTimeout, func() {
		o.mu.Lock()
		if o.closed || own.calls > 0 || o.all[key] != own {
			o.mu.Unlock()
			return
		}
		delete(o.all, key)
		o.work.Add(1)
		o.mu.Unlock()
		defer o.work.Done()
		s.log.Info("a caller's own session of the MCP server ends: no call came for it", "idle", s.opts.IdleTimeout)
		own.close()
	})
}

// takeAll takes out all links, for good.
func (o *ownLinks) takeAll() []*link {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	links := make([]*link, 0, len(o.all))
	for _, own := range o.all {
		if own.idle != nil {
			own.idle.Stop()
		}
		links = append(links, own.link)
	}
	clear(o.all)
	return links
}

func (o *ownLinks) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.all)
}
