package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"

	sqlite "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// SQLite returns a store in a file, which several processes of one machine can
// share. The file and its folder are made where they are missing, readable by
// their owner alone, and opened when they are first needed: until then the store
// costs nothing, and an operation that can't open it says why. Two files with the
// suffixes "-wal" and "-shm" stand beside it.
func SQLite(path string, o Options) Store {
	if o.Sweep <= 0 {
		o.Sweep = time.Minute
	}
	return &sqliteStore{path: path, every: o.Sweep, logger: o.logger()}
}

type sqliteStore struct {
	path   string
	every  time.Duration
	logger *slog.Logger

	mu     sync.Mutex // held while it opens and closes
	file   *file
	closed bool
}

// opened returns the file, which it opens if need be. A failure is told and not
// remembered: the next operation tries again.
func (s *sqliteStore) opened(op string, ctx context.Context) (*file, error) {
	if err := stopped(op, ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if s.file == nil {
		f, err := openFile(ctx, s.path)
		if err != nil {
			return nil, err
		}
		s.file = f
		f.background.Go(func() { f.sweep(s.every, s.logger) })
	}
	return s.file, nil
}

// Close ends the sweeping and closes the file.
func (s *sqliteStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.file == nil {
		s.closed = true
		return nil
	}
	s.closed = true
	if err := s.file.close(); err != nil {
		return fault.Wrap("store.close", fault.Unavailable, "the store's file could not be closed: "+s.path, err)
	}
	return nil
}

func (s *sqliteStore) Get(ctx context.Context, key string) ([]byte, error) {
	return s.value("store.get", ctx, key, func(f *file) *sql.Stmt { return f.get })
}

func (s *sqliteStore) Take(ctx context.Context, key string) ([]byte, error) {
	return s.value("store.take", ctx, key, func(f *file) *sql.Stmt { return f.take })
}

// value runs a statement that returns the value of a key.
func (s *sqliteStore) value(op string, ctx context.Context, key string, which func(*file) *sql.Stmt) ([]byte, error) {
	if err := checkKey(op, key); err != nil {
		return nil, err
	}
	f, err := s.opened(op, ctx)
	if err != nil {
		return nil, err
	}
	value := []byte{}
	err = which(f).QueryRowContext(ctx, key, now()).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, s.explain(op, ctx, err)
	}
	return value, nil
}

func (s *sqliteStore) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := s.write("store.set", ctx, key, value, ttl, func(f *file) (*sql.Stmt, []any) {
		return f.set, []any{key, blob(value), expires(ttl)}
	})
	return err
}

func (s *sqliteStore) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return s.write("store.create", ctx, key, value, ttl, func(f *file) (*sql.Stmt, []any) {
		return f.create, []any{key, blob(value), expires(ttl), now()}
	})
}

func (s *sqliteStore) Swap(ctx context.Context, key string, old, new []byte, ttl time.Duration) (bool, error) {
	return s.write("store.swap", ctx, key, new, ttl, func(f *file) (*sql.Stmt, []any) {
		return f.swap, []any{key, blob(new), expires(ttl), now(), blob(old)}
	})
}

// write runs a statement and reports whether it changed a row.
func (s *sqliteStore) write(op string, ctx context.Context, key string, value []byte, ttl time.Duration, which func(*file) (*sql.Stmt, []any)) (bool, error) {
	if err := checkWrite(op, key, value, ttl); err != nil {
		return false, err
	}
	f, err := s.opened(op, ctx)
	if err != nil {
		return false, err
	}
	stmt, args := which(f)
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return false, s.explain(op, ctx, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func (s *sqliteStore) Delete(ctx context.Context, key string) error {
	const op = "store.delete"
	for _, which := range []func(f *file) (*sql.Stmt, []any){
		func(f *file) (*sql.Stmt, []any) { return f.deleteValue, []any{key} },
		func(f *file) (*sql.Stmt, []any) { return f.deleteCounter, []any{key} },
	} {
		if _, err := s.write(op, ctx, key, nil, 0, which); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqliteStore) Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error) {
	const op = "store.add"
	if err := checkWrite(op, key, nil, ttl); err != nil {
		return 0, err
	}
	f, err := s.opened(op, ctx)
	if err != nil {
		return 0, err
	}
	var sum int64
	err = f.add.QueryRowContext(ctx, key, n, expires(ttl), now()).Scan(&sum)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, overflow(op)
	}
	if err != nil {
		return 0, s.explain(op, ctx, err)
	}
	return sum, nil
}

func (s *sqliteStore) Counters(ctx context.Context, prefix, after string, limit int) ([]Counter, error) {
	var out []Counter
	err := s.list("store.counters", ctx, prefix, after, limit, func(f *file) *sql.Stmt { return f.counters }, func(rows *sql.Rows) (string, error) {
		var c Counter
		err := rows.Scan(&c.Key, &c.Sum)
		if strings.HasPrefix(c.Key, prefix) {
			out = append(out, c)
		}
		return c.Key, err
	})
	return out, err
}

func (s *sqliteStore) Keys(ctx context.Context, prefix, after string, limit int) ([]string, error) {
	var out []string
	err := s.list("store.keys", ctx, prefix, after, limit, func(f *file) *sql.Stmt { return f.keys }, func(rows *sql.Rows) (string, error) {
		var key string
		err := rows.Scan(&key)
		if strings.HasPrefix(key, prefix) {
			out = append(out, key)
		}
		return key, err
	})
	return out, err
}

// list hands the rows of a page to read, which returns a row's key. Keys are in
// order, so that the first without the prefix ends it.
func (s *sqliteStore) list(op string, ctx context.Context, prefix, after string, limit int, which func(*file) *sql.Stmt, read func(*sql.Rows) (string, error)) error {
	if err := checkPage(op, prefix, after, limit); err != nil {
		return err
	}
	f, err := s.opened(op, ctx)
	if err != nil {
		return err
	}
	rows, err := which(f).QueryContext(ctx, prefix, after, now(), limit)
	if err != nil {
		return s.explain(op, ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		key, err := read(rows)
		if err != nil {
			return s.explain(op, ctx, err)
		}
		if !strings.HasPrefix(key, prefix) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return s.explain(op, ctx, err)
	}
	return nil
}

// now is the time as it stands in the file: milliseconds since 1970.
func now() int64 { return time.Now().UnixMilli() }

// expires is when what lives for ttl from now is gone; nil for never.
func expires(ttl time.Duration) any {
	if ttl == 0 {
		return nil
	}
	return now() + milliseconds(ttl)
}

// blob is bytes as a BLOB, also where there are none, which would be NULL.
func blob(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

// explain returns an error that says what to do about SQLite's.
func (s *sqliteStore) explain(op string, ctx context.Context, err error) error {
	if ended := stopped(op, ctx); ended != nil {
		return ended
	}
	if strings.Contains(err.Error(), "sql: database is closed") || strings.Contains(err.Error(), "sql: statement is closed") {
		return ErrClosed
	}
	return explain(op, s.path, err)
}

func explain(op, path string, err error) error {
	advice := "the store's file " + path + " could not be read or written"
	kind := fault.Unavailable
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
			advice = "the store's file " + path + " is locked by another program: try again, or end that program"
		case codes.SQLITE_FULL:
			advice = "the disk is full on which the store's file " + path + " is"
		case codes.SQLITE_READONLY, codes.SQLITE_PERM:
			advice = "the store's file " + path + " can't be written: give the gateway's user the right to"
		case codes.SQLITE_CANTOPEN:
			advice = "the store's file " + path + " can't be opened: give the gateway's user the right to it and to its folder"
		case codes.SQLITE_NOTADB, codes.SQLITE_CORRUPT:
			advice, kind = "the store's file "+path+" is no database or is damaged: move it away, and the gateway begins a new one", fault.Conflict
		}
	}
	return fault.Wrap(op, kind, advice, err)
}
