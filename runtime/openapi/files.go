package openapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Bounds on what a document may make us read.
const (
	maxBytes     = 64 << 20 // of one file
	maxAllBytes  = 256 << 20
	maxFiles     = 2000
	readTimeout  = 30 * time.Second // for one URL
	maxRedirects = 5
)

const opLoad = "openapi.load"

// file is one file of a document, parsed.
type file struct {
	name string // as it stands in diagnostics
	base string // what its relative references are resolved against
	root *node
	ids  map[string]*node // "$id", "$anchor" and "$self"; made when first needed
	err  error
	// overlays is, of an overlay, the file that it is applied to: references in
	// what it adds are that file's.
	overlays *file
}

// files is the set of files of one document: it reads each once, under the
// options' allow-list.
type files struct {
	opts     Options
	location string
	isURL    bool
	final    string   // where redirects led to, for URLs: the base of references
	dir      *os.Root // the folder that file references may reach; nil for URLs
	below    string   // the document's folder as seen from there, with slashes
	client   *http.Client
	guarded  *http.Client // for references of a URL's document to other hosts
	byBase   map[string]*file
	root     *file
	bytes    int
}

func newFiles(opts Options, location string) *files {
	f := &files{opts: opts, location: location, isURL: IsURL(location), byBase: map[string]*file{}}
	if !f.isURL {
		f.below = below(opts.Root, filepath.Dir(location))
	}
	f.client = newClient(nil)
	f.guarded = newClient(publicOnly)
	return f
}

// below returns a folder as seen from one above it; "" if it is none, or is that
// folder itself.
func below(above, folder string) string {
	if above == "" {
		return ""
	}
	absolute, err := filepath.Abs(above)
	if err != nil {
		return ""
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return ""
	}
	rel, err := filepath.Rel(absolute, folder)
	if err != nil || rel == "." || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}

func (f *files) close() {
	if f.dir != nil {
		f.dir.Close() //nolint:errcheck // it was only read
	}
	f.client.CloseIdleConnections()
	f.guarded.CloseIdleConnections()
}

// IsURL reports whether a document's location is an http or https URL; any other
// is a file's path.
func IsURL(location string) bool {
	lower := strings.ToLower(location)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// readRoot reads the document's first file.
func (f *files) readRoot(ctx context.Context) ([]byte, error) {
	if f.isURL {
		data, final, err := f.fetch(ctx, f.client, f.location)
		f.final = final
		return data, err
	}
	return readFile(f.location, "document")
}

// readFile reads a file that the user named.
func readFile(location, what string) ([]byte, error) {
	info, err := os.Stat(location)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.Wrap(opLoad, fault.NotFound, fmt.Sprintf("no file %s: check the path", location), err)
	case err != nil:
		return nil, fault.Wrap(opLoad, fault.Invalid, fmt.Sprintf("%s can't be read: check its permissions", location), err)
	case info.IsDir():
		return nil, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s is a directory: name the %s's file in it", location, what))
	}
	in, err := os.Open(location)
	if err != nil {
		return nil, fault.Wrap(opLoad, fault.Invalid, fmt.Sprintf("%s can't be read: check its permissions", location), err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	return readBounded(in, location)
}

func readBounded(in io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err != nil {
		return nil, fault.Wrap(opLoad, fault.Unavailable, fmt.Sprintf("%s could not be read to its end: try again", name), err)
	}
	if len(data) > maxBytes {
		return nil, fault.New(opLoad, fault.TooLarge, fmt.Sprintf("%s is larger than %d MB: split the document", name, maxBytes>>20))
	}
	return data, nil
}

// fetch gets a URL, and tells where redirects led to.
func (f *files) fetch(ctx context.Context, client *http.Client, location string) (data []byte, final string, err error) {
	shown := redact(location)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return nil, "", fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s is no valid URL", shown))
	}
	req.Header.Set("Accept", "application/vnd.oai.openapi+json, application/json, application/yaml, */*;q=0.5")
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", fault.Wrap(opLoad, fault.Unavailable, fmt.Sprintf("%s can't be reached: check the URL and the network", shown), err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	if resp.StatusCode != http.StatusOK {
		return nil, "", fault.New(opLoad, fault.Unavailable, fmt.Sprintf("%s answered %s: check the URL, and that it needs no login", shown, resp.Status))
	}
	data, err = readBounded(resp.Body, shown)
	return data, resp.Request.URL.String(), err
}

// redact returns a URL without credentials and query.
func redact(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return "the URL"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// parseRoot parses the root document's text.
func (f *files) parseRoot(data []byte, rep *reporter) (*node, error) {
	name := f.location
	if f.isURL {
		name = redact(name)
	}
	if trimmed := strings.TrimSpace(string(data[:min(len(data), 512)])); trimmed == "" && len(data) < 512 {
		return nil, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s is empty: it should be an OpenAPI document", name))
	} else if strings.HasPrefix(trimmed, "<") {
		return nil, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s is HTML or XML, not an OpenAPI document: use the address of the JSON or YAML itself", name))
	}
	f.root = &file{name: name, base: cmp.Or(f.final, f.location)}
	if !f.isURL {
		f.root.base = filepath.ToSlash(filepath.Base(f.location))
	}
	f.byBase[f.root.base] = f.root
	if err := f.root.parse(data, rep); err != nil {
		var syntax *syntaxError
		if errors.As(err, &syntax) {
			return nil, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s:%d:%d: %s", name, syntax.line, syntax.col, syntax.message))
		}
		return nil, fault.Wrap(opLoad, fault.Invalid, fmt.Sprintf("%s can't be parsed as JSON or YAML", name), err)
	}
	return f.root.root, nil
}

// parse reads the file's text: JSON where it begins as JSON, else YAML. Flow
// YAML also begins with "{", so what is no JSON gets a second chance.
func (f *file) parse(data []byte, rep *reporter) error {
	text := strings.TrimPrefix(string(data), "\uFEFF")
	trimmed := strings.TrimLeft(text, " \t\r\n")
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		root, err := readJSON(text, f, rep)
		if err == nil {
			f.root = root
			return nil
		}
		if len(text) > 1<<20 || strings.HasPrefix(trimmed, `{"`) || strings.HasSuffix(f.name, ".json") {
			return err
		}
	}
	root, err := readYAML([]byte(text), f, rep)
	if err != nil {
		return err
	}
	f.root = root
	return nil
}

// open returns the file that a reference from another one names. The error says
// what is wrong and what to do.
func (f *files) open(ctx context.Context, from *file, ref string, rep *reporter) (*file, error) {
	target, err := f.target(from, ref)
	if err != nil {
		return nil, err
	}
	if got, ok := f.byBase[target]; ok {
		return got, got.err
	}
	got := &file{base: target, name: f.nameOf(target)}
	f.byBase[target] = got
	got.err = f.read(ctx, got, rep)
	return got, got.err
}

// target resolves a reference's file part to a URL or a path seen from the
// document's folder.
func (f *files) target(from *file, ref string) (string, error) {
	if IsURL(from.base) {
		base, err := url.Parse(from.base)
		if err != nil {
			return "", err
		}
		u, err := base.Parse(ref)
		if err != nil {
			return "", fmt.Errorf("%q is no valid reference", ref)
		}
		u.Fragment = ""
		ref = u.String()
	}
	if IsURL(ref) {
		return ref, nil
	}
	if i := strings.Index(ref, ":"); i > 1 && !strings.Contains(ref[:i], "/") {
		return "", fmt.Errorf("%q has a scheme that is not read: use a relative file", ref)
	}
	if unescaped, err := url.PathUnescape(ref); err == nil {
		ref = unescaped
	}
	ref = filepath.ToSlash(ref)
	if path.IsAbs(ref) || filepath.IsAbs(ref) {
		return "", fmt.Errorf("%q is an absolute path: use a file beside or below the document", ref)
	}
	clean := path.Join(path.Dir(from.base), ref)
	if seen := path.Join(f.below, clean); seen == ".." || strings.HasPrefix(seen, "../") {
		return "", fmt.Errorf("%q is outside the folder that references may reach: move the document up, or the file below it", ref)
	}
	return clean, nil
}

// local returns the files of this machine that were read or asked for, sorted.
func (f *files) local() []string {
	var names []string
	for base := range f.byBase {
		if !IsURL(base) {
			names = append(names, f.nameOf(base))
		}
	}
	slices.Sort(names)
	return names
}

func (f *files) nameOf(target string) string {
	if IsURL(target) {
		return redact(target)
	}
	return filepath.Join(filepath.Dir(f.location), filepath.FromSlash(target))
}

// read reads and parses a file other than the root.
func (f *files) read(ctx context.Context, got *file, rep *reporter) error {
	if len(f.byBase) > maxFiles {
		return fmt.Errorf("the document refers to more than %d files", maxFiles)
	}
	data, err := f.bytesOf(ctx, got)
	if err != nil {
		return err
	}
	f.bytes += len(data)
	if f.bytes > maxAllBytes {
		return fmt.Errorf("the document's files are larger than %d MB together", maxAllBytes>>20)
	}
	if err := got.parse(data, rep); err != nil {
		return fmt.Errorf("%s: %w", got.name, err)
	}
	return nil
}

func (f *files) bytesOf(ctx context.Context, got *file) ([]byte, error) {
	if IsURL(got.base) {
		if !f.opts.AllowRemoteRefs {
			return nil, fmt.Errorf("%s is another place, and references to other places are off: bundle the document into one file", got.name)
		}
		data, final, err := f.fetch(ctx, f.clientFor(got.base), got.base)
		if err != nil {
			return nil, errors.New(fault.Message(err))
		}
		got.base = final
		return data, nil
	}
	if f.dir == nil {
		folder := filepath.Dir(f.location)
		if f.below != "" {
			folder = f.opts.Root
		}
		dir, err := os.OpenRoot(folder)
		if err != nil {
			return nil, fmt.Errorf("%s can't be read", folder)
		}
		f.dir = dir
	}
	in, err := f.dir.Open(filepath.FromSlash(path.Join(f.below, got.base)))
	if err != nil {
		return nil, fmt.Errorf("%s can't be read: check that the file is there", got.name)
	}
	defer in.Close() //nolint:errcheck // it was only read
	data, err := readBounded(in, got.name)
	if err != nil {
		return nil, errors.New(fault.Message(err))
	}
	return data, nil
}
