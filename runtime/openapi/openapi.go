package openapi

import (
	"context"
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Options says how a document is lowered. Its zero value is a good default.
type Options struct {
	// Prefix is the source's name that will stand, with "_", before each tool's
	// name: names are cut to leave room for it. Empty leaves the full length.
	Prefix string
	// Names are names given earlier, by operation: "GET /contacts". They stay.
	// Those of operations that the document no longer has are given to no other.
	Names map[string]string
	// Rename gives every operation the name that the document says now; Names
	// only reserves those of operations that are gone.
	Rename bool
	// AllowRemoteRefs lets "$ref" reach other http and https places. Files
	// beside or below a file document are always allowed.
	AllowRemoteRefs bool
	// Root is a folder above the document's whose files references may reach
	// too. Where the document is not below it, it says nothing.
	Root string
	// Overlays are files or URLs of Overlay documents (OpenAPI Overlay 1.0 and
	// 1.1), which are applied to the document in this order before it is lowered.
	// Paths are relative to the working folder.
	Overlays []string
	// Responses asks for Document.Responses too.
	Responses bool

	inspect func(*lowerer) // is shown the lowerer, for Inspect
}

// Document is a document, lowered.
type Document struct {
	API         tool.API
	Tools       []tool.Tool           // in document order
	Diagnostics []Diagnostic          // sorted by file, line, column and code
	Responses   map[string][]Response // by tool name; only with Options.Responses
	// Names are the names of the operations, tools or not, by "GET /contacts": the
	// next run's Options.Names, together with those of operations that are gone.
	Names map[string]string
	// Operations is the number of operations in the document, counted by a walk
	// that shares nothing with the lowering.
	Operations int
	// Files are the local files that were read, or asked for in vain: the document
	// and what it refers to, but no overlay that was named. A change to one may
	// change the tools.
	Files []string
}

// Response is one described response in one media type.
type Response struct {
	Status    string // "200", "2XX" or "default"
	MediaType string // "" where the response has no content
	// Schema is JSON Schema 2020-12 with its "$defs"; nil where none is given.
	Schema json.RawMessage
	// Examples are the document's own, the named ones first.
	Examples []json.RawMessage
	Headers  map[string]json.RawMessage // schemas by header name
}

// Lower lowers a document that was read from location, a file's path or a URL,
// against which its relative references are resolved. The error is a
// [github.com/bridge-gateway/bridge/runtime/fault.Error] and means that nothing
// could be made of the document; all lesser trouble is in the diagnostics.
func Lower(ctx context.Context, data []byte, location string, opts Options) (*Document, error) {
	f := newFiles(opts, location)
	defer f.close()
	return f.lower(ctx, data)
}

// Load reads a document from a file or an http or https URL, at most 64 MB, and
// lowers it as [Lower] does.
func Load(ctx context.Context, location string, opts Options) (*Document, error) {
	f := newFiles(opts, location)
	defer f.close()
	data, err := f.readRoot(ctx)
	if err != nil {
		return nil, err
	}
	return f.lower(ctx, data)
}

// lower parses the root document, applies the overlays and lowers the result.
func (f *files) lower(ctx context.Context, data []byte) (*Document, error) {
	rep := newReporter()
	root, err := f.parseRoot(data, rep)
	if err != nil {
		return nil, err
	}
	if root, err = f.overlaid(ctx, root, rep); err != nil {
		return nil, err
	}
	v, err := versionOf(root, f.location, rep)
	if err != nil {
		return nil, err
	}
	l := newLowerer(ctx, f, root, v, rep, f.opts)
	doc, err := l.document()
	if err != nil {
		return nil, err
	}
	doc.Diagnostics = rep.sorted()
	doc.Files = f.local()
	return doc, nil
}
