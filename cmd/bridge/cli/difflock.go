package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/token"
)

// lockReader reads what a diff compares.
type lockReader struct {
	encoding *token.Encoding
	name     string // that documents are taken as
	overlays []string
	profile  profile.Profile
	root     string    // whose files documents may refer to
	warn     io.Writer // for what is wrong with documents
}

// read returns the lock that a place stands for: a bridge.lock, an adapter's
// folder, a document, or one of these at a git revision.
func (r *lockReader) read(ctx context.Context, place string) (*lock.Lock, error) {
	if openapi.IsURL(place) {
		return r.document(ctx, place)
	}
	info, err := os.Stat(place)
	if revision, path, ok := strings.Cut(place, ":"); ok && errors.Is(err, fs.ErrNotExist) {
		return r.atRevision(ctx, revision, path)
	}
	if err == nil && info.IsDir() {
		return r.folder(place)
	}
	if filepath.Ext(place) == filepath.Ext(lock.FileName) {
		return r.file(place)
	}
	return r.document(ctx, place)
}

func (r *lockReader) folder(dir string) (*lock.Lock, error) {
	file := filepath.Join(dir, lock.FileName)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New("diff.read", fault.Invalid, dir+" is no adapter's folder: it has no "+lock.FileName)
	}
	return r.file(file)
}

func (r *lockReader) file(file string) (*lock.Lock, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.Wrap("diff.read", fault.Invalid, file+" can't be read", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, lock.MaxBytes+1))
	if err != nil {
		return nil, fault.Wrap("diff.read", fault.Invalid, file+" can't be read", err)
	}
	l, err := lock.Parse(data)
	if err != nil {
		return nil, fault.Wrap("diff.read", fault.Invalid, file+": "+fault.Message(err), errors.Unwrap(err))
	}
	return l, nil
}

// document returns the lock that generating from a document would give, were
// there no adapter yet.
func (r *lockReader) document(ctx context.Context, location string) (*lock.Lock, error) {
	pkg, err := generator.PackageName(r.name)
	if err != nil {
		return nil, err
	}
	doc, err := openapi.Load(ctx, location, openapi.Options{Prefix: pkg, Overlays: r.overlays, Root: r.root})
	if err != nil {
		return nil, err
	}
	for _, d := range doc.Diagnostics {
		if d.Severity == openapi.SeverityError {
			fmt.Fprintln(r.warn, d.String())
		}
	}
	listed, err := listToolsFor(r.profile, pkg, doc.Tools, r.encoding)
	if err != nil {
		return nil, err
	}
	return lock.Build(doc.Tools, lock.Options{
		Document: doc.API.Document, Encoding: r.encoding.Name(), Tokens: tokensOf(listed), Names: doc.Names,
	})
}
