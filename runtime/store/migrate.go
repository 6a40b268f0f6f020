package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// migrations bring a database from each version of its schema to the next: the
// first makes a new one. What was released is never changed, only added to.
var migrations = [...]string{
	`CREATE TABLE entries (
		key TEXT PRIMARY KEY NOT NULL,
		value BLOB NOT NULL,
		expires INTEGER -- milliseconds since 1970; NULL for never
	) STRICT;
	CREATE INDEX entries_expires ON entries (expires) WHERE expires IS NOT NULL;
	CREATE TABLE counters (
		key TEXT PRIMARY KEY NOT NULL,
		sum INTEGER NOT NULL,
		expires INTEGER
	) STRICT, WITHOUT ROWID;
	CREATE INDEX counters_expires ON counters (expires) WHERE expires IS NOT NULL;`,
}

// application marks a database as Bridge's: "brdg".
const application = 0x62726467

// migrate brings a database up to date. Of several processes that open a file at
// once, one does, and the others wait.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	const op = "store.open"
	tx, err := db.BeginTx(ctx, nil) // immediate: it takes the lock
	if err != nil {
		return explain(op, path, err)
	}
	defer func() { _ = tx.Rollback() }()
	version, err := schemaVersion(ctx, tx, path)
	if err != nil || version == len(migrations) {
		return err
	}
	for _, text := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return explain(op, path, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d; PRAGMA application_id = %d`, len(migrations), application)); err != nil {
		return explain(op, path, err)
	}
	if err := tx.Commit(); err != nil {
		return explain(op, path, err)
	}
	return nil
}

// schemaVersion returns the version of a database's schema, 0 for a new one, and
// refuses one that isn't Bridge's or is newer than this program.
func schemaVersion(ctx context.Context, tx *sql.Tx, path string) (int, error) {
	const op = "store.open"
	var version, app, tables int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_master)`).Scan(&version, &app, &tables)
	switch {
	case err != nil:
		return 0, explain(op, path, err)
	case app != application && (app != 0 || version != 0 || tables != 0):
		return 0, fault.New(op, fault.Invalid, "the store's file "+path+" is a database of another program: name another file")
	case version > len(migrations):
		return 0, fault.New(op, fault.Conflict, fmt.Sprintf(
			"the store's file %s was written by a newer version of Bridge (schema %d, this one knows %d): update this one, or name another file", path, version, len(migrations)))
	}
	return version, nil
}
