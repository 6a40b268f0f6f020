package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// file is an open database. Writes have one connection, as SQLite has one writer:
// they wait in line for it rather than poll for its lock.
type file struct {
	reader, writer *sql.DB
	statements

	stop       context.CancelFunc
	stopped    context.Context
	background sync.WaitGroup
}

// statements are prepared once. The last parameter of reads is the time.
type statements struct {
	get, keys, counters                                      *sql.Stmt
	set, create, swap, take, deleteValue, deleteCounter, add *sql.Stmt
}

const alive = `(expires IS NULL OR expires > %s)`

func (f *file) queries() []struct {
	in   *sql.DB
	stmt **sql.Stmt
	text string
} {
	type query = struct {
		in   *sql.DB
		stmt **sql.Stmt
		text string
	}
	live := func(parameter string) string { return fmt.Sprintf(alive, parameter) }
	return []query{
		{f.reader, &f.get, `SELECT value FROM entries WHERE key = ?1 AND ` + live("?2")},
		{f.reader, &f.keys, `SELECT key FROM entries WHERE key >= ?1 AND key > ?2 AND ` + live("?3") + ` ORDER BY key LIMIT ?4`},
		{f.reader, &f.counters, `SELECT key, sum FROM counters WHERE key >= ?1 AND key > ?2 AND ` + live("?3") + ` ORDER BY key LIMIT ?4`},
		{f.writer, &f.set, `INSERT INTO entries (key, value, expires) VALUES (?1, ?2, ?3)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires`},
		{f.writer, &f.create, `INSERT INTO entries (key, value, expires) VALUES (?1, ?2, ?3)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires WHERE entries.expires <= ?4`},
		{f.writer, &f.swap, `UPDATE entries SET value = ?2, expires = ?3 WHERE key = ?1 AND value = ?5 AND ` + live("?4")},
		{f.writer, &f.take, `DELETE FROM entries WHERE key = ?1 AND ` + live("?2") + ` RETURNING value`},
		{f.writer, &f.deleteValue, `DELETE FROM entries WHERE key = ?1`},
		{f.writer, &f.deleteCounter, `DELETE FROM counters WHERE key = ?1`},
		// No row comes back where the sum would not fit.
		{f.writer, &f.add, `INSERT INTO counters (key, sum, expires) VALUES (?1, ?2, ?3)
			ON CONFLICT (key) DO UPDATE SET
				sum = CASE WHEN counters.expires <= ?4 THEN excluded.sum ELSE counters.sum + excluded.sum END,
				expires = CASE WHEN counters.expires <= ?4 THEN excluded.expires ELSE counters.expires END
			WHERE counters.expires <= ?4
				OR (excluded.sum >= 0 AND counters.sum <= 9223372036854775807 - excluded.sum)
				OR (excluded.sum < 0 AND counters.sum >= (-9223372036854775807 - 1) - excluded.sum)
			RETURNING sum`},
	}
}

// openFile opens a database, makes it if there is none, and brings its schema up
// to date.
func openFile(ctx context.Context, path string) (*file, error) {
	if err := prepare(path); err != nil {
		return nil, err
	}
	f := &file{}
	f.stopped, f.stop = context.WithCancel(context.Background())
	var err error
	if f.writer, err = sql.Open("sqlite", source(path, "_txlock=immediate")); err == nil {
		f.reader, err = sql.Open("sqlite", source(path, "_pragma=query_only(1)"))
	}
	if err != nil {
		return nil, errors.Join(explain("store.open", path, err), f.close())
	}
	f.writer.SetMaxOpenConns(1)
	f.reader.SetMaxOpenConns(readers)
	for _, db := range []*sql.DB{f.writer, f.reader} {
		db.SetMaxIdleConns(readers)
	}
	if err := migrate(ctx, f.writer, path); err != nil {
		return nil, errors.Join(err, f.close())
	}
	for _, q := range f.queries() {
		if *q.stmt, err = q.in.PrepareContext(ctx, q.text); err != nil {
			return nil, errors.Join(explain("store.open", path, err), f.close())
		}
	}
	return f, nil
}

// readers is how many may read at once.
const readers = 4

// prepare makes the file, for its owner's eyes alone, before SQLite would with
// the process's mask; SQLite gives the files beside it the same mode.
func prepare(path string) error {
	const op = "store.open"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Wrap(op, fault.Unavailable, "the folder of the store's file "+path+" can't be made: make it, or choose another", err)
	}
	made, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case err == nil:
		return made.Close()
	case !errors.Is(err, fs.ErrExist):
		return fault.Wrap(op, fault.Unavailable, "the store's file "+path+" can't be made: give the gateway's user the right to its folder", err)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		return fault.New(op, fault.Invalid, "the store's file "+path+" is no file: name a file, which the gateway makes")
	case info.Mode().Perm()&0o077 != 0:
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return fault.Wrap(op, fault.Unavailable, "the store's file "+path+" can't be made readable by its owner alone: own it, or remove it", err)
	}
	return nil
}

// source is what database/sql opens: a URI, in which a path may have any sign.
func source(path, more string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive's letter
	}
	// auto_vacuum comes first: it must be set before the first write.
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + more +
		"&_pragma=auto_vacuum(incremental)&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)" +
		"&_pragma=synchronous(normal)&_pragma=journal_size_limit(67108864)"
}

// sweep deletes what has expired, a little at a time so that writers get between.
func (f *file) sweep(every time.Duration, logger *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-f.stopped.Done():
			return
		case <-tick.C:
		}
		if err := f.sweepOnce(); err != nil && f.stopped.Err() == nil {
			logger.Warn("the store could not delete what has expired", "error", err)
		}
	}
}

func (f *file) sweepOnce() error {
	const batch = 500
	for _, table := range []string{"entries", "counters"} {
		for n := int64(batch); n == batch; {
			res, err := f.writer.ExecContext(f.stopped, `DELETE FROM `+table+` WHERE key IN
				(SELECT key FROM `+table+` WHERE expires <= ? LIMIT ?)`, now(), batch)
			if err == nil {
				n, err = res.RowsAffected()
			}
			if err != nil {
				return err
			}
		}
	}
	_, err := f.writer.ExecContext(f.stopped, `PRAGMA incremental_vacuum(2000)`)
	return err
}

// close ends the sweeping, waits for it, and closes the connections.
func (f *file) close() error {
	f.stop()
	f.background.Wait()
	var errs []error
	for _, db := range []*sql.DB{f.reader, f.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
