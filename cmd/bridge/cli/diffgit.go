package cli

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Bounds of what is taken out of git: how long that may take, how much is read,
// and how much of it is kept.
const (
	gitTimeout = time.Minute
	maxGitRead = 4 << 30
	maxGitKept = 512 << 20
)

// atRevision reads a lock, a folder or a document as it was at a git revision. A
// document may refer to others, so all that may be one is taken, into a temporary
// folder.
func (r *lockReader) atRevision(ctx context.Context, revision, place string) (_ *lock.Lock, err error) {
	place = filepath.ToSlash(place)
	if revision == "" || strings.HasPrefix(revision, "-") || place == "" || path.IsAbs(place) {
		return nil, fault.New("diff.git", fault.Invalid, fmt.Sprintf(
			"there is no file %s:%s, nor can it be a git revision with a path from here, such as main:specs/crm.yaml", revision, place))
	}
	ctx, cancel := context.WithTimeout(ctx, gitTimeout)
	defer cancel()
	top, here, err := workTree(ctx)
	if err != nil {
		return nil, err
	}
	inside := path.Join(here, place)
	dir, err := os.MkdirTemp("", "bridge-diff-")
	if err != nil {
		return nil, err
	}
	defer func() { err = firstOf(err, os.RemoveAll(dir)) }()
	if err := extract(ctx, top, revision, inside, dir); err != nil {
		return nil, err
	}
	there := filepath.Join(dir, filepath.FromSlash(inside))
	if _, err := os.Stat(there); err != nil {
		return nil, fault.New("diff.git", fault.Invalid, fmt.Sprintf("git has no %s at %s", place, revision))
	}
	then := *r
	then.root = dir
	l, err := then.read(ctx, there)
	if err != nil {
		message := strings.ReplaceAll(fault.Message(err), dir+string(filepath.Separator), revision+":")
		return nil, fault.Wrap("diff.git", fault.Invalid, message, errors.Unwrap(err))
	}
	return l, nil
}

// workTree returns the top of the git working tree, and where in it we are.
func workTree(ctx context.Context) (top, here string, err error) {
	cmd := exec.CommandContext(ctx, "git", "rev-parse", "--show-toplevel", "--show-prefix")
	out, err := cmd.Output()
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) < 2 {
		return "", "", fault.Wrap("diff.git", fault.Invalid, "a revision needs git, and a working tree of it around the current folder", err)
	}
	return lines[0], lines[1], nil
}

// extract writes what a lock or a document may consist of, as it was at a
// revision, to dir.
func extract(ctx context.Context, top, revision, place, dir string) error {
	args := []string{"-C", top, "archive", "--format=tar", revision}
	if ext := path.Ext(place); ext == "" || ext == path.Ext(lock.FileName) {
		args = append(args, "--", place) // an adapter refers to nothing else
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fault.Wrap("diff.git", fault.Invalid, "git can't be run, which is needed for a revision", err)
	}
	writeErr := untar(io.LimitReader(stdout, maxGitRead), dir, place)
	if writeErr != nil {
		cancel() // nobody reads on
	}
	waitErr := cmd.Wait()
	if text := strings.TrimSpace(stderr.String()); text != "" && waitErr != nil {
		return fault.Wrap("diff.git", fault.Invalid, fmt.Sprintf("git has no %s at %s: %s", place, revision, plain(text)), waitErr)
	}
	return firstOf(writeErr, waitErr)
}

// untar writes the files of an archive that are wanted, or may be documents,
// below dir. It leaves out links, so that none leads out of it.
func untar(archive io.Reader, dir, wanted string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	kept := int64(0)
	for files := tar.NewReader(archive); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.Wrap("diff.git", fault.Invalid, "what git has there can't be read, or is too much", err)
		}
		if header.Typeflag != tar.TypeReg || header.Name != wanted && !mayBeDocument(header.Name) {
			continue
		}
		if kept += header.Size; kept > maxGitKept {
			return fault.New("diff.git", fault.TooLarge, fmt.Sprintf("the documents there are over %d bytes together; take the adapter's bridge.lock instead", maxGitKept))
		}
		if err := writeBelow(root, header.Name, files); err != nil {
			return err
		}
	}
}

func mayBeDocument(name string) bool {
	switch path.Ext(name) {
	case ".json", ".yaml", ".yml", path.Ext(lock.FileName):
		return true
	}
	return false
}

func writeBelow(root *os.Root, name string, content io.Reader) error {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return firstOf(err, f.Close())
}
