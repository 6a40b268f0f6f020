package face

import (
	"context"
	"sync"
)

// maxWatched bounds the resources that one session or stream watches.
const maxWatched = 1000

// watches counts who watches each resource, and tells the handler of the first
// and of the last.
type watches struct {
	handler Handler

	mu    sync.Mutex
	byURI map[string]*watch
}

type watch struct {
	count int // guarded by watches.mu

	mu sync.Mutex // held while the handler is told
	on bool
}

// acquire counts one more who watches a resource.
func (w *watches) acquire(ctx context.Context, r *Request, uri string) error {
	w.mu.Lock()
	if w.byURI == nil {
		w.byURI = map[string]*watch{}
	}
	entry := w.byURI[uri]
	if entry == nil {
		entry = &watch{}
		w.byURI[uri] = entry
	}
	entry.count++
	w.mu.Unlock()

	entry.mu.Lock()
	defer entry.mu.Unlock()
	if entry.on {
		return nil
	}
	if err := w.handler.Watch(ctx, r, uri); err != nil {
		w.forget(uri, entry, w.drop(entry))
		return err
	}
	entry.on = true
	return nil
}

// release counts one less.
func (w *watches) release(uri string) {
	w.mu.Lock()
	entry := w.byURI[uri]
	w.mu.Unlock()
	if entry == nil {
		return
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	left := w.drop(entry)
	if left == 0 && entry.on {
		w.handler.Unwatch(uri)
		entry.on = false
	}
	w.forget(uri, entry, left)
}

func (w *watches) drop(entry *watch) (left int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	entry.count--
	return entry.count
}

// forget drops an entry that nobody is left for; who came meanwhile waits for
// its lock, and finds that it is off.
func (w *watches) forget(uri string, entry *watch, left int) {
	if left > 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if entry.count == 0 && w.byURI[uri] == entry {
		delete(w.byURI, uri)
	}
}
