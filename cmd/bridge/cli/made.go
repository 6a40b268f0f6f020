package cli

import (
	"context"
	"maps"
	"path/filepath"
	"reflect"
	"time"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/credential/reference"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// input is a file that something was made of, as it was then.
type input struct {
	name    string // "" for none
	content digest
}

// made is a source with all that it was made of, by which a reload tells whether
// it has to be made anew.
type made struct {
	at     string        // where it is declared
	from   config.Source // without what is the mount's alone
	limit  time.Duration // of a call
	inputs map[string]digest
	mount  gateway.Mount
}

// make returns a mount for each source of the configuration. What is made
// already is taken again unless something that it was made of has changed; with
// anew, documents at URLs count as changed.
func (w *wiring) make(ctx context.Context, before map[string]*made, anew bool) ([]gateway.Mount, map[string]*made) {
	mounts := make([]gateway.Mount, 0, len(w.cfg.Sources))
	all := make(map[string]*made, len(w.cfg.Sources))
	for _, s := range w.cfg.Sources {
		next := &made{at: s.At, from: ofItself(s), limit: w.timeout(s), inputs: w.inputs(ctx, s)}
		if old := before[s.Name]; old != nil && old.stands(next) && !(anew && readsURL(s)) {
			next = old
		} else {
			next.mount = w.mount(ctx, s)
		}
		m := w.appearance(s)
		m.Source, m.Credentials = next.mount.Source, next.mount.Credentials
		mounts = append(mounts, m)
		all[s.Name] = next
	}
	return mounts, all
}

// ofItself returns a source without what is a matter of how it is mounted.
func ofItself(s config.Source) config.Source {
	s.At, s.Tools, s.Budget, s.Timeout, s.Shape = "", config.Tools{}, 0, 0, config.Shape{}
	if kind := s.Kind(); kind == config.Command || kind == config.MCP || kind == config.Server {
		s.Prefix = nil
	}
	return s
}

// readsURL reports whether a source is made of something at a URL.
func readsURL(s config.Source) bool {
	for _, location := range append([]string{s.OpenAPI}, s.Overlays...) {
		if openapi.IsURL(location) {
			return true
		}
	}
	return false
}

// stands reports whether the source would be the same if it was made now, of
// what next is to be made of.
func (m *made) stands(next *made) bool {
	if _, broken := m.mount.Source.(brokenSource); broken {
		return false
	}
	if !reflect.DeepEqual(m.from, next.from) || m.limit != next.limit || !reflect.DeepEqual(m.inputs, next.inputs) {
		return false
	}
	if s, ok := m.mount.Source.(*restSource); ok {
		for file, content := range s.read() {
			if _, named := m.inputs[file]; !named && digestOf(file) != content {
				return false
			}
		}
	}
	return true
}

// files returns the files that the source was made of, as they were then.
func (m *made) files() map[string]digest {
	files := maps.Clone(m.inputs)
	if s, ok := m.mount.Source.(*restSource); ok {
		for file, content := range s.read() {
			if _, named := files[file]; !named {
				files[file] = content
			}
		}
	}
	return files
}

// inputs returns the files that a source is made of, as far as its configuration
// names them, with their content. What is read again at each use is none.
func (w *wiring) inputs(ctx context.Context, s config.Source) map[string]digest {
	inputs := map[string]digest{}
	add := func(location string) {
		if location != "" && !openapi.IsURL(location) {
			file := w.locate(location)
			inputs[file] = digestOf(file)
		}
	}
	add(s.OpenAPI)
	for _, overlay := range s.Overlays {
		add(overlay)
	}
	if s.Kind() == config.Adapter && !w.compiled(s.Adapter) {
		if document, err := w.documentOf(s.Adapter); err == nil {
			add(document)
		}
		add(filepath.Join("generated", s.Adapter, "bridge.lock"))
	}
	for _, value := range s.Env {
		parts, err := reference.Parse(string(value))
		if err != nil {
			continue // the configuration was checked for it
		}
		for _, p := range parts {
			if p.Kind == reference.File {
				add(p.Text)
			}
		}
	}
	return inputs
}

func (w *wiring) compiled(adapter string) bool {
	for _, a := range w.Adapters {
		if a.Name == adapter {
			return true
		}
	}
	return false
}
