package cli

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quietTime is how long nothing must happen beside a file before it is looked
	// at: editors and tools write in several steps. No file waits for longer than
	// maxQuiet.
	quietTime = 100 * time.Millisecond
	maxQuiet  = time.Second
	// pollTime is the pause between looks where the system tells of no changes.
	pollTime = 2 * time.Second
	// settledTime is the age at which a file's time can be trusted to tell two of
	// its versions apart: file systems keep times as coarse as two seconds.
	settledTime = 2 * time.Second
)

// digest stands for a file's content; the zero digest for a file that can't be
// read.
type digest [sha256.Size]byte

func digestOf(file string) digest {
	data, err := os.ReadFile(file)
	if err != nil {
		return digest{}
	}
	return sha256.Sum256(data)
}

// watcher tells when the content of files changes. It watches their folders and
// not the files: editors put a new file in an old one's place, and Kubernetes
// swaps a symbolic link to a whole folder. Where a folder can't be watched, the
// files are looked at every now and then.
type watcher struct {
	logger  *slog.Logger
	system  *fsnotify.Watcher // nil where the system offers none
	files   map[string]seen
	folders map[string]bool
	polling bool
}

// seen is a file as it was when it was last looked at.
type seen struct {
	info    fs.FileInfo // nil if it wasn't there
	at      time.Time
	content digest
}

func newWatcher(logger *slog.Logger) *watcher {
	w := &watcher{logger: logger, files: map[string]seen{}, folders: map[string]bool{}}
	var err error
	if w.system, err = fsnotify.NewWatcher(); err != nil {
		w.poll("", err)
	}
	return w
}

func (w *watcher) close() {
	if w.system != nil {
		_ = w.system.Close() // nothing was written to it
	}
}

// poll falls back on looking at the files every now and then.
func (w *watcher) poll(folder string, err error) {
	if !w.polling {
		w.logger.Info("files are looked at every 2 s, as their folder can't be watched", "folder", folder, "error", err)
	}
	w.polling = true
}

// set says which files are watched from now on. Those that are new count as
// changed unless they hold what is said of them.
func (w *watcher) set(files map[string]digest) {
	before := w.files
	w.files = make(map[string]seen, len(files))
	for file, content := range files {
		if known, ok := before[file]; ok {
			w.files[file] = known
		} else {
			w.files[file] = seen{content: content}
		}
	}
	w.follow()
}

// follow watches the folders that the files are in now, seen through symbolic
// links and not.
func (w *watcher) follow() {
	if w.system == nil {
		return
	}
	needed := map[string]bool{}
	for file := range w.files {
		needed[filepath.Dir(file)] = true
		if real, err := filepath.EvalSymlinks(file); err == nil {
			needed[filepath.Dir(real)] = true
		}
	}
	for folder := range w.folders {
		if !needed[folder] {
			_ = w.system.Remove(folder) // it may be gone
			delete(w.folders, folder)
		}
	}
	var failed error
	var where string
	for folder := range needed {
		if w.folders[folder] {
			continue
		}
		if err := w.system.Add(folder); err != nil {
			failed, where = err, folder
			continue
		}
		w.folders[folder] = true
	}
	if failed != nil {
		w.poll(where, failed)
	} else {
		w.polling = false
	}
}

// lost follows anew where a folder itself is gone: whatever comes in its place
// is another.
func (w *watcher) lost(e fsnotify.Event) {
	if (e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)) && w.folders[e.Name] {
		delete(w.folders, e.Name)
		w.follow()
	}
}

// look returns a file as it is now; what is known of it saves the reading.
func look(file string, known seen) seen {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return seen{at: time.Now()}
	}
	if known.info != nil && os.SameFile(known.info, info) && known.info.Size() == info.Size() &&
		known.info.ModTime().Equal(info.ModTime()) && known.at.Sub(info.ModTime()) > settledTime {
		return known
	}
	return seen{info: info, at: time.Now(), content: digestOf(file)}
}

// changed looks at the files and reports whether any has other content.
func (w *watcher) changed() bool {
	other := false
	for file, known := range w.files {
		now := look(file, known)
		other = other || now.content != known.content
		w.files[file] = now
	}
	return other
}

// reason is why a wait for the next change is over.
type reason int

const (
	ended     reason = iota // the context has
	changed                 // a file has other content
	signalled               // a signal came
	more                    // there are further files to watch
)

// next waits for the next reason to do something.
func (w *watcher) next(ctx context.Context, signals <-chan os.Signal, further <-chan struct{}) reason {
	var events chan fsnotify.Event
	var errs chan error
	if w.system != nil {
		events, errs = w.system.Events, w.system.Errors
	}
	polls := time.NewTicker(pollTime)
	defer polls.Stop()
	var first time.Time // of the events since the last look
	quiet := time.NewTimer(0)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return ended
		case <-further:
			return more
		case <-signals:
			w.changed() // which is taken care of with it
			return signalled
		case e := <-events:
			w.lost(e)
			if first.IsZero() {
				first = time.Now()
			}
			quiet.Reset(min(quietTime, max(0, maxQuiet-time.Since(first))))
			continue
		case err := <-errs: // events were lost: look
			w.logger.Debug("watching files", "error", err)
		case <-polls.C:
			if !w.polling {
				continue
			}
		case <-quiet.C:
		}
		first = time.Time{}
		if w.changed() {
			w.follow() // a link may lead elsewhere
			return changed
		}
	}
}
