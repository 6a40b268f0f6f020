package cli

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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
	// Of files that nobody asked for, say a log in the same folder, the system
	// tells at each write. These are listened to for listenTime, and then not for
	// restTime, in which it makes one event of many.
	listenTime = 5 * time.Millisecond
	restTime   = 250 * time.Millisecond
	// settledTime is the age at which a file's time can be trusted to tell two of
	// its versions apart: file systems keep times as coarse as two seconds.
	settledTime = 2 * time.Second
)

// digest stands for a file's content; the zero digest for a file that can't be
// read, or is no regular one.
type digest [sha256.Size]byte

func digestOf(file string) digest {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return digest{} // a pipe can be read but once
	}
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
	names   map[string]bool // of the files as events have them: see key
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
	w.names = make(map[string]bool, 2*len(w.files))
	add := func(file string) {
		w.names[key(file)] = true
		needed[filepath.Dir(file)] = true
	}
	for file := range w.files {
		add(file)
		if real, err := filepath.EvalSymlinks(file); err == nil {
			add(real)
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

// key is a file's name without its case, which not every file system tells
// apart.
func key(file string) string { return strings.ToLower(file) }

// concerns reports whether an event can be a change of a watched file. What only
// writes to another file is none; what puts a name somewhere else, or takes it
// away, may be a link on the way to one.
func (w *watcher) concerns(e fsnotify.Event) bool {
	return e.Op&^(fsnotify.Write|fsnotify.Chmod) != 0 || w.names[key(e.Name)]
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
	var errs chan error
	if w.system != nil {
		errs = w.system.Errors
	}
	polls := time.NewTicker(pollTime)
	defer polls.Stop()
	e := w.listen()
	defer e.stop()
	for {
		select {
		case <-ctx.Done():
			return ended
		case <-further:
			return more
		case <-signals:
			w.changed() // which is taken care of with it
			return signalled
		case event := <-e.events:
			w.lost(event)
			e.heard(w.concerns(event))
			continue
		case <-e.turn.C:
			e.takeTurn()
			continue
		case err := <-errs: // events were lost: look
			w.logger.Debug("watching files", "error", err)
		case <-polls.C:
			if !w.polling {
				continue
			}
		case <-e.quiet.C:
		}
		e.looked()
		if w.changed() {
			w.follow() // a link may lead elsewhere
			return changed
		}
	}
}

// ear listens to the events of a watcher: it waits for quiet after those that
// concern it, and takes few of those that don't.
type ear struct {
	all    <-chan fsnotify.Event
	events <-chan fsnotify.Event // all, or nil while it rests
	first  time.Time             // of the events that concern it since the last look
	quiet  *time.Timer           // when to look
	turn   *time.Timer           // when to rest, and when to listen again
	turns  bool                  // turn is set
}

// listen returns an ear that wants a look at once.
func (w *watcher) listen() *ear {
	e := &ear{quiet: time.NewTimer(0), turn: time.NewTimer(restTime)}
	e.turn.Stop()
	if w.system != nil {
		e.all = w.system.Events
		e.events = e.all
	}
	return e
}

func (e *ear) stop() {
	e.quiet.Stop()
	e.turn.Stop()
}

// heard is told of each event, and whether it concerns a watched file.
func (e *ear) heard(concerns bool) {
	switch {
	case concerns:
		if e.first.IsZero() {
			e.first = time.Now()
		}
		e.quiet.Reset(min(quietTime, max(0, maxQuiet-time.Since(e.first))))
	case !e.turns:
		e.turn.Reset(listenTime)
		e.turns = true
	}
}

// takeTurn rests, or listens again. While a look is due it listens, since that
// waits for quiet.
func (e *ear) takeTurn() {
	if e.events == nil || !e.first.IsZero() {
		e.events, e.turns = e.all, false
		return
	}
	e.events = nil
	e.turn.Reset(restTime)
}

// looked is told of each look.
func (e *ear) looked() { e.first = time.Time{} }
