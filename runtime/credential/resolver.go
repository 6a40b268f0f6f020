package credential

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// maxFile bounds a secret's file, in bytes.
const maxFile = 1 << 20

// settled is the age at which a file's time can be trusted to tell two of its
// versions apart: file systems keep times as coarse as two seconds.
const settled = 2 * time.Second

// Resolver turns expressions into secrets. It keeps what it read of files until
// they change. The zero Resolver is ready; it is safe for parallel use.
type Resolver struct {
	// Dir is what relative paths start from; "" is the working folder. Set it
	// before the first use.
	Dir string
	// Remote gets what commands and secrets managers are asked for, as
	// manager.Managers does; nil refuses such references. Set it before the first
	// use.
	Remote func(ctx context.Context, kind reference.Kind, target string) (string, error)

	mu    sync.Mutex
	files map[string]version
}

// version is what a file held when it was read.
type version struct {
	info fs.FileInfo
	read time.Time
	text Secret
}

// fresh reports whether the file is still as it was when it was read.
func (v version) fresh(now fs.FileInfo) bool {
	return os.SameFile(v.info, now) && v.info.Size() == now.Size() && v.info.ModTime().Equal(now.ModTime()) &&
		v.read.Sub(now.ModTime()) > settled
}

// Resolve expands every reference of an expression; runtime/credential/reference
// has their forms. Of a file, one line end at its end is left out. What is missing
// is an error that names it; no error holds any of the secret.
func (r *Resolver) Resolve(ctx context.Context, expression string) (Secret, error) {
	parts, err := reference.Parse(expression)
	if err != nil {
		return Secret{}, fault.New("credential.resolve", fault.Invalid, err.Error())
	}
	var b strings.Builder
	for _, p := range parts {
		if err := ctx.Err(); err != nil {
			return Secret{}, err
		}
		text := p.Text
		switch p.Kind {
		case reference.Env:
			text, err = variable(p.Text)
		case reference.File:
			text, err = r.file(p.Text)
		case reference.Exec, reference.Vault, reference.AWS:
			text, err = r.remote(ctx, p)
		}
		if err != nil {
			return Secret{}, err
		}
		b.WriteString(text)
	}
	return NewSecret(b.String()), nil
}

func (r *Resolver) remote(ctx context.Context, p reference.Part) (string, error) {
	if r.Remote == nil {
		return "", fault.New("credential.resolve", fault.Unsupported,
			fmt.Sprintf("${%s:…} can't be used here; ${env:NAME} and ${file:PATH} can", p.Kind))
	}
	return r.Remote(ctx, p.Kind, p.Text)
}

func variable(name string) (string, error) {
	if text, ok := os.LookupEnv(name); ok {
		return text, nil
	}
	return "", fault.New("credential.resolve", fault.Unavailable,
		fmt.Sprintf("the environment variable %s is not set; set it where the gateway is started", name))
}

// file returns what a file holds, from memory where it has not changed.
func (r *Resolver) file(name string) (string, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.Dir, path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", unreadable(name, err)
	}
	r.mu.Lock()
	known, ok := r.files[path]
	r.mu.Unlock()
	if ok && known.fresh(info) {
		return known.text.Reveal(), nil
	}
	v, err := readFile(path)
	if err != nil {
		return "", unreadable(name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files == nil {
		r.files = map[string]version{}
	}
	r.files[path] = v
	return v.text.Reveal(), nil
}

// readFile reads a file that must be a plain one: reading a pipe might never
// end. The file's state is taken before its content, so that a change between
// the two makes the version stale and not wrong.
func readFile(path string) (version, error) {
	if info, err := os.Stat(path); err != nil {
		return version{}, err
	} else if !info.Mode().IsRegular() {
		return version{}, fmt.Errorf("%s is not a plain file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return version{}, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return version{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return version{}, err
	case len(data) > maxFile:
		return version{}, fmt.Errorf("%s is over %d bytes long", path, maxFile)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	return version{info, time.Now(), NewSecret(text)}, nil
}

func unreadable(name string, cause error) error {
	return fault.Wrap("credential.resolve", fault.Unavailable,
		fmt.Sprintf("the file %s, which holds a secret, can't be read; check that it is there, is a plain file of at most %d bytes and that the gateway may read it", name, maxFile), cause)
}
