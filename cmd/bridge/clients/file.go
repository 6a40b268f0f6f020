package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// backupMark stands between a file's name and the time of its backup.
const backupMark = ".bridge-backup-"

// maxBackups bounds how many backups are looked at to undo an edit.
const maxBackups = 20

// File is a configuration file as it was read.
type File struct {
	Name   string // as it was asked for
	Data   []byte
	Exists bool

	target string // where links lead
	mode   fs.FileMode
}

// Read reads a file, which need not exist; mode is what a new one gets. The
// error, of kind Conflict, is that there is something that is no file of a
// sensible size.
func Read(name string, mode fs.FileMode) (*File, error) {
	f := &File{Name: name, target: name, mode: mode}
	_, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, unreadable(name, err)
	}
	if f.target, err = filepath.EvalSymlinks(name); err != nil {
		return nil, unreadable(name, err)
	}
	info, err := os.Stat(f.target)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fault.New("connect.read", fault.Conflict, fmt.Sprintf("%s is no file, or has more than %d MB; nothing was written", name, maxFile>>20))
	}
	f.Exists, f.mode = true, info.Mode().Perm()
	if f.Data, err = readBounded(f.target); err != nil {
		return nil, unreadable(name, err)
	}
	return f, nil
}

func unreadable(name string, err error) error {
	return fault.Wrap("connect.read", fault.Conflict, name+" can't be read; nothing was written", err)
}

func readBounded(name string) ([]byte, error) {
	r, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(data) > maxFile {
		return nil, errors.New("the file is too large")
	}
	return data, err
}

// Write replaces the file's text in one step and returns the name of the
// backup of what it was; "" if there was no file. Links stay links, and the mode
// stays. The error, of kind Conflict, is that somebody else changed the file
// since it was read, or that it can't be written.
func (f *File) Write(data []byte, now time.Time) (backup string, err error) {
	if err := f.unchanged(); err != nil {
		return "", err
	}
	dir := filepath.Dir(f.target)
	folderMode := fs.FileMode(0o755)
	if f.mode&0o077 == 0 {
		folderMode = 0o700
	}
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return "", unwritable(f.Name, err)
	}
	if f.Exists {
		if backup, err = f.backup(now); err != nil {
			return "", unwritable(f.Name, err)
		}
	}
	if err := replace(f.target, data, f.mode); err != nil {
		return backup, unwritable(f.Name, err)
	}
	f.Data, f.Exists = bytes.Clone(data), true
	return backup, nil
}

// Delete takes the file away and returns the name of its backup.
func (f *File) Delete(now time.Time) (backup string, err error) {
	if err := f.unchanged(); err != nil {
		return "", err
	}
	if backup, err = f.backup(now); err != nil {
		return "", unwritable(f.Name, err)
	}
	if err := os.Remove(f.target); err != nil {
		return backup, unwritable(f.Name, err)
	}
	f.Data, f.Exists = nil, false
	return backup, nil
}

func unwritable(name string, err error) error {
	return fault.Wrap("connect.write", fault.Conflict, name+" can't be written; check its permissions and the space there", err)
}

// unchanged sees that the file is still what was read.
func (f *File) unchanged() error {
	now, err := readBounded(f.target)
	if errors.Is(err, fs.ErrNotExist) && !f.Exists || err == nil && f.Exists && bytes.Equal(now, f.Data) {
		return nil
	}
	return fault.New("connect.write", fault.Conflict, f.Name+" was changed by another program in the meantime; nothing was written, try again")
}

// backup writes the file's text beside it, under a name of its own.
func (f *File) backup(now time.Time) (string, error) {
	base := f.Name + backupMark + now.UTC().Format("20060102T150405Z")
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		w, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode)
		if errors.Is(err, fs.ErrExist) && n < 100 {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = w.Write(f.Data)
		return name, errors.Join(err, w.Close())
	}
}

// Backups returns the texts of the file's backups, newest first.
func (f *File) Backups() [][]byte {
	dir, base := filepath.Split(f.Name)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), base+backupMark) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return compareBackups(b, a) })
	var texts [][]byte
	for _, n := range names[:min(len(names), maxBackups)] {
		if data, err := readBounded(filepath.Join(dir, n)); err == nil {
			texts = append(texts, data)
		}
	}
	return texts
}

// compareBackups orders backups by time, then by their number.
func compareBackups(a, b string) int {
	if len(a) != len(b) && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// replace writes a file beside the one it replaces, then renames it.
func replace(name string, data []byte, mode fs.FileMode) error {
	w, err := os.CreateTemp(filepath.Dir(name), ".bridge-*.tmp")
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	err = errors.Join(err, w.Sync(), w.Close())
	if err == nil {
		err = os.Chmod(w.Name(), mode)
	}
	if err == nil {
		err = os.Rename(w.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(w.Name()))
	}
	return nil
}
